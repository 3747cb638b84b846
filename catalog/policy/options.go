package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Options say what becomes of the policy that a template asks for. The zero value
// leaves it as Write makes it.
type Options struct {
	// Minimize shortens actions to prefixes of at least so many characters, as
	// Writer.Minimize does; nil leaves them whole.
	Minimize *int
	// MaxSize splits the policy into several of at most so many characters, as
	// Split does; 0 leaves it one.
	MaxSize int
	// Explain says why each action is there, as Writer.Explain does.
	Explain bool
	// MaxNames is how many actions, and ARNs of the template, all statements may name
	// before they are minimized; 0 is a quarter of a million, ten times all actions.
	MaxNames int
	// MaxActions is how many actions alone they may name, and how many explanations
	// there may be; 0 is MaxNames. Whoever has little room for what is said of each
	// action, and much for resources, sets it.
	MaxActions int
}

// maxNames bounds the memory that a template can take: each of a thousand values can
// ask for every action under conditions of its own, and each of ten thousand ARNs be
// one of a hundred types.
const maxNames = 250_000

// Result is what became of a template.
type Result struct {
	// Policies is one, or several where Options.MaxSize split it.
	Policies []Policy `json:"policies"`
	// Notes are as in Output, and say where a policy is larger than IAM takes, or
	// has no statement.
	Notes []Fault `json:"notes,omitempty"`
	// Explanations are of the policies as they are here, if they were asked for.
	Explanations []Explanation `json:"explanations,omitempty"`
}

// WriteWith writes the policies that a template asks for. The error is Faults, as
// that of Write.
func (w *Writer) WriteWith(t Template, o Options) (*Result, error) {
	if faults := o.faults(); faults != nil {
		return nil, faults
	}
	out, err := w.write(t, o)
	if err != nil {
		return nil, err
	}
	policy := out.Policy
	if o.Minimize != nil {
		policy = w.Minimize(policy, *o.Minimize)
	}
	r := &Result{Policies: []Policy{policy}, Notes: out.Notes}
	if len(policy.Statement) == 0 {
		r.Notes = append(r.Notes, Fault{Code: CodeNoStatement, Reason: "the policy has no statement, and IAM takes none without"})
	}
	if o.MaxSize > 0 {
		if r.Policies, err = Split(policy, o.MaxSize); err != nil {
			return nil, Faults{{Path: fieldMaxSize, Code: CodeTooLarge, Reason: err.Error()}}
		}
	} else if policy.mayExceed(MaxPolicySize) {
		if size := policy.Size(); size > MaxPolicySize {
			remedy := "max-size makes several of it"
			if o.Minimize == nil {
				remedy = "minimize shortens it, and " + remedy
			}
			r.Notes = append(r.Notes, Fault{Code: CodeTooLarge, Reason: fmt.Sprintf(
				"the policy has %d characters, and IAM takes managed policies of at most %d; %s", size, MaxPolicySize, remedy)})
		}
	}
	r.Explanations = out.Explanations
	if o.Explain && (o.Minimize != nil || len(r.Policies) > 1) {
		var ok bool
		if r.Explanations, ok = w.locate(out, r.Policies, o.maxActions()); !ok {
			return nil, Faults{{Path: fieldExplain, Code: CodeTooLarge, Reason: fmt.Sprintf(
				"the policies would have more than %d explanations, one for each action of each statement; ask for less in one template, or for larger policies", o.maxActions())}}
		}
	}
	return r, nil
}

func (o Options) maxNames() int   { return cmp.Or(o.MaxNames, maxNames) }
func (o Options) maxActions() int { return cmp.Or(o.MaxActions, o.maxNames()) }

func (o Options) faults() Faults {
	var faults Faults
	if o.Minimize != nil && *o.Minimize < 0 {
		faults.add(fieldMinimize, CodeWrongType, "the number is less than 0")
	}
	if o.MaxSize < 0 {
		faults.add(fieldMaxSize, CodeWrongType, "the number is less than 0")
	}
	return faults
}

// mayExceed reports whether the policy can have more than limit characters,
// without encoding it.
func (p *Policy) mayExceed(limit int) bool {
	return p.length() > limit || slices.ContainsFunc(p.Statement, func(s WrittenStatement) bool { return len(s.Condition) > 0 })
}

// locate returns the explanations of a policy for those that it became: shortened,
// joined and split. It reports whether they are no more than limit: each part of a
// statement has them all.
func (w *Writer) locate(out *Output, policies []Policy, limit int) ([]Explanation, bool) {
	located := []Explanation{}
	// A list of resources can be long, and each of many policies have a part of it.
	resources := make([]map[string]bool, len(out.Policy.Statement))
	for k := range resources {
		resources[k] = make(map[string]bool, len(out.Policy.Statement[k].Resource))
		for _, r := range out.Policy.Statement[k].Resource {
			resources[k][r] = true
		}
	}
	for i := range policies {
		for j := range policies[i].Statement {
			located = w.locateIn(located, out, resources, &policies[i].Statement[j], i)
			if len(located) > limit {
				return nil, false
			}
		}
	}
	return located, true
}

// locateIn appends the explanations of one statement: those of the statements
// before whose effect, conditions and resources it has; resources are theirs.
func (w *Writer) locateIn(located []Explanation, out *Output, resources []map[string]bool, s *WrittenStatement, policy int) []Explanation {
	named := w.catalog.NewSet()
	as := make([]string, 0, len(s.Action))
	for _, pattern := range s.Action {
		if strings.Contains(pattern, "*") {
			as = append(as, pattern)
		}
		w.catalog.AddMatches(named, pattern)
	}
	first, next := len(located), 0
	for k := range out.Policy.Statement {
		before := &out.Policy.Statement[k]
		explanations := out.Explanations[next : next+len(before.Action)]
		next += len(before.Action)
		if before.Effect != s.Effect || !before.Condition.equal(s.Condition) || !within(s.Resource, resources[k]) {
			continue
		}
		for _, e := range explanations {
			a, ok := w.catalog.LookupAction(e.Action)
			if !ok || !named.Has(a) {
				continue
			}
			if at := slices.IndexFunc(located[first:], func(l Explanation) bool { return l.Action == e.Action }); at >= 0 {
				again := &located[first+at]
				again.Because = slices.Concat(again.Because, e.Because[:min(len(e.Because), maxReasons-len(again.Because))])
				continue
			}
			e.SID, e.Policy, e.As = s.SID, policy, patternFor(e.Action, as)
			located = append(located, e)
		}
	}
	return located
}

// within reports whether a list is part of a set.
func within(part []string, whole map[string]bool) bool {
	return !slices.ContainsFunc(part, func(s string) bool { return !whole[s] })
}

// patternFor returns the prefix that names an action, or "".
func patternFor(action string, prefixes []string) string {
	for _, pattern := range prefixes {
		if n := len(pattern) - 1; n <= len(action) && strings.EqualFold(pattern[:n], action[:n]) {
			return pattern
		}
	}
	return ""
}
