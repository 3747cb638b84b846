package policy

import (
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/internal/glob"
)

// reachBuilder collects the clauses that decide on one action.
type reachBuilder struct {
	catalog *catalog.Catalog
	action  catalog.ActionID
	caller  *caller
	reading reading
	reach   Reach
}

// reading is how conditions are read.
type reading uint8

const (
	asGranted  reading = iota // see Effective.Reach
	unhindered                // see Effective.Unhindered
	surely                    // see Effective.Sure
)

// layer adds the allowing clauses of documents as a layer, and the denying ones.
// A limit of which a document is missing limits nothing.
func (b *reachBuilder) layer(from []Attachment, limit bool) {
	var layer []reachClause
	unlimited := false
	for i := range from {
		a := from[i].Analysis
		if a == nil {
			unlimited = unlimited || limit
			continue
		}
		for j := range a.clauses {
			c := &a.clauses[j]
			if c.scope(b.action) == ScopeNone || b.caller.denies(c) == never {
				continue
			}
			out, conditional := b.clause(c, a.variables)
			hinders := b.reading == unhindered && b.caller.hinders(c.statement)
			switch {
			case c.statement.Effect == Allow && b.reading == surely && conditional:
			case c.statement.Effect == Allow:
				out.lenient = b.reading != surely
				layer = append(layer, out)
				unlimited = unlimited || c.width == everywhere && len(out.passed) == 0
			case hinders || !conditional:
				out.lenient = hinders
				if c.deniesAll(b.action, b.caller.account) {
					out.width = everywhere
				}
				b.reach.denies = append(b.reach.denies, out)
			}
		}
	}
	if !unlimited {
		b.reach.layers = append(b.reach.layers, layer)
	}
}

// clause reduces a clause to what concerns the action. It reports whether the
// clause has conditions on something else than iam:PassedToService that are not
// decided.
func (b *reachBuilder) clause(c *clause, variables bool) (out reachClause, conditional bool) {
	out.width = c.width
	s := c.statement
	for _, condition := range s.Conditions {
		if strings.EqualFold(condition.Key, "iam:PassedToService") {
			out.passed = append(out.passed, condition)
			b.reach.china = b.reach.china || b.caller.principal == "" && slices.ContainsFunc(condition.Values, isChinese)
		} else {
			conditional = conditional || c.personal == nil || b.caller.decide(condition) != always
		}
	}
	conditional = conditional || c.sometimes && len(s.Conditions) == 0 || s.Effect == Deny && !forEveryone(s)
	// What is not known of a pattern counts as the wildcard or as nothing,
	// whichever leaves more in reach.
	loose := (s.Effect == Allow) == (c.width == named)
	resources := s.Resources
	if c.width == allBut {
		resources = s.NotResources
	}
	for i := range c.patterns {
		p := &c.patterns[i]
		if !b.concerns(p) {
			continue
		}
		text, ok := p.text, true
		if strings.IndexByte(text, glob.Hole) >= 0 {
			text, ok = b.resolve(resources[i], p.spread, variables)
		}
		if ok && loose {
			text = strings.ReplaceAll(text, string(rune(glob.Hole)), "*")
		}
		if ok {
			out.patterns = append(out.patterns, text)
		}
	}
	return out, conditional
}

func isChinese(service string) bool { return strings.HasSuffix(service, chinese) }

// concerns reports whether a pattern reaches resources of the action.
func (b *reachBuilder) concerns(p *pattern) bool {
	for _, extent := range p.extents {
		first, words := b.catalog.TypeActions(extent.Type)
		if at := int(b.action/64) - first; at >= 0 && at < len(words) && words[at]&(1<<(b.action%64)) != 0 {
			return true
		}
	}
	return false
}

// resolve gives the policy variables of a resource the values that the
// principal decides. It reports false where one of them has no value, so that
// the pattern fits nothing.
func (b *reachBuilder) resolve(resource string, spread int, variables bool) (text string, ok bool) {
	if !variables {
		return resource, true
	}
	ok = true
	text = expandVariables(resource, func(name string) (string, bool) {
		value, known, absent := variable(b.caller.principal, name)
		ok = ok && !absent
		return value, known
	})
	text, normal := normalize(text, spread)
	return text, ok && normal
}

// variable returns the value that a policy variable, with its default if there
// is one, has for a principal. It is absent for principals that never have it.
// The keys are those that only the principal decides (IAM User Guide, "AWS
// global condition context keys").
func variable(principal, name string) (value string, known, absent bool) {
	name, fallback, hasDefault := strings.Cut(name, ",")
	parts := strings.SplitN(principal, ":", 6)
	if len(parts) < 6 {
		return "", false, false
	}
	kind, rest, _ := strings.Cut(parts[5], "/")
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "aws:principalaccount":
		return parts[4], true, false
	case "aws:principalarn":
		return principal, true, false
	case "aws:username":
		switch {
		case kind == "user":
			return rest[strings.LastIndexByte(rest, '/')+1:], true, false
		case hasDefault:
			return strings.Trim(strings.TrimSpace(fallback), "'"), true, false
		default:
			return "", false, true
		}
	default:
		return "", false, false
	}
}
