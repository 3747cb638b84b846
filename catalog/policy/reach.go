package policy

import (
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/internal/glob"
)

// Reach is the resources on which a principal may do one action. It is compact,
// needs no Evaluator, and stays valid. The zero value reaches nothing.
type Reach struct {
	some bool
	// layers hold what allows: the clauses of the attachments, then those of each
	// limit. A resource must be allowed by a clause of every layer. A layer that
	// allows everything is left out.
	layers [][]reachClause
	denies []reachClause
	// china says that services may go by their names in China.
	china bool
}

// reachClause is what is left of a clause for one action and one principal.
type reachClause struct {
	width    clauseWidth // named, allBut or everywhere
	patterns []string
	passed   []Condition // those on iam:PassedToService
	// lenient says that a condition that cannot be judged is taken to hold.
	lenient bool
}

// Reach returns the resources on which the principal may do an action.
func (f *Effective) Reach(a catalog.ActionID) Reach { return f.reach(a, asGranted) }

// Sure is Reach by statements without conditions alone. Of iam:PassRole it has, for
// each service, what is allowed under conditions on iam:PassedToService that the
// service meets for sure, too: see Passes.
func (f *Effective) Sure(a catalog.ActionID) Reach { return f.reach(a, surely) }

func (f *Effective) reach(a catalog.ActionID, how reading) Reach {
	if !f.e.granted.exact.Has(a) {
		return Reach{}
	}
	b := reachBuilder{catalog: f.e.catalog, action: a, caller: &f.e.caller, reading: how, reach: Reach{some: true}}
	b.reach.china = strings.HasPrefix(b.caller.principal, "arn:aws-cn:")
	b.layer(f.policies.Attachments, false)
	if f.policies.Boundary != nil && f.policies.Boundary.Analysis != nil {
		f.e.single[0] = *f.policies.Boundary
		b.layer(f.e.single[:], true)
	}
	for _, level := range f.policies.Controls {
		b.layer(level, true)
	}
	return b.reach
}

// Empty reports whether there is no resource in reach at all.
func (r Reach) Empty() bool { return !r.some }

// Everything reports whether every resource is in reach, and every service to
// pass a role to.
func (r Reach) Everything() bool { return r.some && len(r.layers) == 0 && len(r.denies) == 0 }

// Contains reports whether a resource, given by its full ARN, is in reach: some
// statement allows the action on it, no Deny without conditions covers it, and
// the boundary and every level of controls allow it too. Conditions of an Allow
// are taken to hold, and policy variables that the principal does not decide to
// have the value that fits.
func (r Reach) Contains(arn string) bool { return r.contains(arn, "") }

// Passes reports whether a role, given by its ARN, is in reach and may be passed
// to a service, given by its principal as in "lambda.amazonaws.com", by the
// statements' conditions on iam:PassedToService. Pattern and condition of a
// statement belong together. In China the principals of some services end in
// ".cn", so that there either name will do.
func (r Reach) Passes(arn, service string) bool {
	return r.contains(arn, service) || r.china && r.contains(arn, service+chinese)
}

// PassedTo reports whether there is a role at all that may be passed to a
// service, by the statements' conditions on iam:PassedToService.
func (r Reach) PassedTo(service string) bool { return r.Passes("", service) }

// chinese is what the principals of some services end in in China.
const chinese = ".cn"

func (r Reach) contains(arn, service string) bool {
	if !r.some {
		return false
	}
	for _, layer := range r.layers {
		if !slices.ContainsFunc(layer, func(c reachClause) bool { return c.fits(arn) && c.applies(service) }) {
			return false
		}
	}
	return !slices.ContainsFunc(r.denies, func(c reachClause) bool {
		return (arn != "" && c.fits(arn) || c.width == everywhere) && c.applies(service)
	})
}

// fits reports whether a resource is one of the clause's. An empty one stands
// for any.
func (c *reachClause) fits(arn string) bool {
	if arn == "" || c.width == everywhere {
		return true
	}
	match := func(pattern string) bool { return glob.MatchARN(pattern, arn) }
	return slices.ContainsFunc(c.patterns, match) == (c.width == named)
}

// applies reports whether the conditions let the clause speak of passing a role to
// a service. Where that is not known, nor whether a condition holds, a lenient one
// does.
func (c *reachClause) applies(service string) bool {
	if len(c.passed) == 0 || service == "" {
		return len(c.passed) == 0 || c.lenient
	}
	return !slices.ContainsFunc(c.passed, func(condition Condition) bool {
		holds, sure := condition.holds(service)
		return sure && !holds || !sure && !c.lenient
	})
}

// Literals returns the ARNs in reach that an Allow names in full, sorted, and
// whether no others are in reach.
func (r Reach) Literals() (arns []string, all bool) {
	if !r.some {
		return nil, true
	}
	if len(r.layers) == 0 {
		return nil, false
	}
	all = true
	for _, c := range r.layers[0] {
		if c.width != named {
			all = false
			continue
		}
		for _, pattern := range c.patterns {
			if glob.HasWildcard(pattern) {
				all = false
			} else if r.Contains(pattern) {
				arns = append(arns, pattern)
			}
		}
	}
	slices.Sort(arns)
	return slices.Compact(arns), all
}

// Key returns a text that two reaches share only if they contain the same
// resources. It is the same for the same statements in any order.
func (r Reach) Key() string {
	if !r.some {
		return ""
	}
	var key strings.Builder
	key.WriteByte('+')
	for _, layer := range r.layers {
		writeKey(&key, layer)
	}
	key.WriteByte('-')
	writeKey(&key, r.denies)
	return key.String()
}

func writeKey(key *strings.Builder, clauses []reachClause) {
	texts := make([]string, len(clauses))
	for i, c := range clauses {
		patterns := slices.Clone(c.patterns)
		slices.Sort(patterns)
		text := string(rune('0'+c.width)) + strings.Join(slices.Compact(patterns), "\x01")
		if c.lenient && len(c.passed) > 0 {
			text += "\x02"
		}
		for _, condition := range c.passed {
			text += "\x02" + condition.Operator + "\x01" + strings.Join(condition.Values, "\x01")
		}
		texts[i] = text
	}
	slices.Sort(texts)
	key.WriteString(strings.Join(slices.Compact(texts), "\x03"))
	key.WriteByte('\x04')
}
