package report

import (
	"fmt"
	"strings"

	"github.com/leastwise/leastwise/catalog/risk"
	"github.com/leastwise/leastwise/internal/count"
)

// group is one rule with all that it was found for.
type group struct{ findings []risk.Finding }

// groups splits the sorted findings by rule, and by what is said of them where
// that differs within one.
func (r *Report) groups() []group {
	var groups []group
	start := 0
	for i := 1; i <= len(r.Findings); i++ {
		if i == len(r.Findings) || !alike(&r.Findings[start], &r.Findings[i]) {
			groups = append(groups, group{r.Findings[start:i]})
			start = i
		}
	}
	return groups
}

func alike(a, b *risk.Finding) bool {
	return a.Rule == b.Rule && a.Severity == b.Severity && a.Reason == b.Reason && a.Remedy == b.Remedy
}

// some writes the first of a list, and how many there are beside them.
func some(list []string, most, total int) string {
	shown := list[:min(most, len(list))]
	out := strings.Join(shown, ", ")
	if more := max(total, len(list)) - len(shown); more > 0 {
		out += fmt.Sprintf(" and %d more", more)
	}
	return out
}

// qualities says what lessens or widens a finding, in one line.
func qualities(f *risk.Finding) string {
	var parts []string
	if f.Scope != "" {
		parts = append(parts, "on "+scopeWords(f.Scope))
	}
	if f.Conditional {
		parts = append(parts, "only under conditions")
	}
	if f.PartlyDenied {
		parts = append(parts, "partly denied")
	}
	if f.Target != nil {
		parts = append(parts, targetWords(f.Target))
	}
	return strings.Join(parts, "; ")
}

// loweredWords says why a finding is less severe than its rule.
func loweredWords(reasons []string) string {
	var parts []string
	for _, reason := range reasons {
		switch reason {
		case risk.WhenExact:
			parts = append(parts, "it is granted on single, named resources only")
		case risk.WhenOwn:
			parts = append(parts, "it is about the caller's own user only")
		case risk.WhenNoTarget:
			parts = append(parts, "nothing that it needs is within reach")
		default:
			parts = append(parts, reason)
		}
	}
	return strings.Join(parts, ", and ")
}

// scopeWords says how wide a scope is; one that is not known is said as it is.
func scopeWords(scope string) string {
	switch scope {
	case "everything":
		return "every resource"
	case "service":
		return "every resource of the service"
	case "prefix":
		return "resources by a pattern"
	case "exact":
		return "named resources"
	}
	return scope
}

func targetWords(t *risk.Target) string {
	lead := targetLead(t)
	if t.Resolved && t.Count > 0 {
		return lead + ": " + some(names(t.Candidates), 3, t.Count)
	}
	return lead
}

// targetLead says what a finding needs to be there, without naming candidates.
func targetLead(t *risk.Target) string {
	needs := strings.ReplaceAll(t.Needs, "-", " ")
	article := "a "
	if strings.ContainsAny(needs[:min(1, len(needs))], "aeio") {
		article = "an "
	}
	switch {
	case !t.Resolved:
		return "needs " + article + needs + " that is there already"
	case t.Count == 0:
		return "needs " + article + needs + ", and none is within reach"
	}
	return count.Kind(t.Count, needs) + " within reach"
}

func names(arns []string) []string {
	out := make([]string, len(arns))
	for i, arn := range arns {
		_, out[i] = principalName(arn)
	}
	return out
}

// route writes a path in one line.
func route(p *risk.Path) string {
	var b strings.Builder
	b.WriteString(called(p.From))
	if p.Length() == 0 {
		b.WriteString(" is administrator")
	}
	for _, s := range p.Steps {
		if s.From == s.To {
			fmt.Fprintf(&b, " ─ %s → administrator", s.Method)
			continue
		}
		fmt.Fprintf(&b, " ─ %s → %s", s.Method, called(s.To))
	}
	if p.Conditional {
		b.WriteString(" (under conditions)")
	}
	return b.String()
}

func called(arn string) string {
	kind, name := principalName(arn)
	return strings.TrimSpace(kind + " " + name)
}
