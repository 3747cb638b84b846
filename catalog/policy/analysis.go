package policy

import (
	"cmp"
	"slices"

	"github.com/leastwise/leastwise/catalog"
)

// Analysis is what one document grants and denies, over the actions of one
// catalog. It depends on the document's content only, so it is made once per
// document and kept. It must not be changed, and any number of goroutines may
// read it. It takes some ten bytes per 64 neighbouring actions that the document
// names, and nothing for the others.
type Analysis struct {
	// Grants is what the document alone grants, its own outright denials taken
	// off, in the order of the services.
	Grants []ServiceGrant
	// Admin says that the document alone grants every action of the catalog on
	// every resource.
	Admin bool
	// Conditions are the operators and keys that its statements use, sorted
	// and without repetition.
	Conditions []ConditionUse
	// Conditional says that at least one statement has conditions. They do not
	// lessen what an Allow grants.
	Conditional bool
	// Unknown are the action patterns, as written, that match no action of the
	// catalog, sorted and without repetition.
	Unknown []string

	unbound, bound, denied, partly sparse
	doc                            *Document
}

// ConditionUse is an operator and the key that it looks at, as written.
type ConditionUse struct {
	Operator string
	Key      string
}

// ConditionKeys returns the keys of Conditions, sorted and without repetition.
func (a *Analysis) ConditionKeys() []string {
	keys := make([]string, 0, len(a.Conditions))
	for _, use := range a.Conditions {
		keys = append(keys, use.Key)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// AddUnbound adds to dst the actions that the document allows on every
// resource: those of an Allow whose Resource holds "*", or with NotResource.
// Denials are not taken off.
func (a *Analysis) AddUnbound(dst catalog.Set) { a.unbound.addTo(dst) }

// AddBound adds to dst the actions that the document allows on the resources
// it names. An action may be among AddUnbound's too.
func (a *Analysis) AddBound(dst catalog.Set) { a.bound.addTo(dst) }

// AddDenied adds to dst the actions that the document denies outright: without
// a condition, on every resource, for everyone.
func (a *Analysis) AddDenied(dst catalog.Set) { a.denied.addTo(dst) }

// AddPartlyDenied adds to dst the actions that the document denies only on some
// resources or under conditions.
func (a *Analysis) AddPartlyDenied(dst catalog.Set) { a.partly.addTo(dst) }

// Analyze judges one document. Statements without a readable effect grant and
// deny nothing. Where Resource and NotResource are missing, as in a trust
// policy, an Allow counts as bound and a Deny as a denial in part.
func Analyze(c *catalog.Catalog, doc *Document) *Analysis {
	n := analyzer{Evaluator: NewEvaluator(c), analysis: &Analysis{doc: doc}}
	for i := range doc.Statements {
		n.statement(&doc.Statements[i])
	}
	a := n.analysis
	a.unbound, a.bound = newSparse(n.unbound), newSparse(n.bound)
	a.denied, a.partly = newSparse(n.denied), newSparse(n.partly)
	slices.Sort(a.Unknown)
	a.Unknown = slices.Compact(a.Unknown)
	slices.SortFunc(a.Conditions, func(x, y ConditionUse) int {
		return cmp.Or(cmp.Compare(x.Operator, y.Operator), cmp.Compare(x.Key, y.Key))
	})
	a.Conditions = slices.Compact(a.Conditions)
	n.settle()
	a.Grants, a.Admin = n.summarize(nil), n.Admin()
	return a
}

// analyzer carries the state of one Analyze. The sets of its evaluator collect
// what the statements allow and deny.
type analyzer struct {
	*Evaluator
	analysis *Analysis
}

func (n *analyzer) statement(s *Statement) {
	for _, condition := range s.Conditions {
		n.analysis.Conditions = append(n.analysis.Conditions, ConditionUse{condition.Operator, condition.Key})
	}
	conditional := s.Conditions != nil
	n.analysis.Conditional = n.analysis.Conditional || conditional
	target := n.target(s, conditional)
	if len(s.NotActions) == 0 && target != nil {
		n.match(target, s.Actions)
		return
	}
	excepted := n.limitBound // working memory of the evaluator, idle here
	excepted.Clear()
	n.match(excepted, s.NotActions)
	if target == nil {
		n.match(excepted, s.Actions)
		return
	}
	complement(target, excepted, n.catalog.Len())
	n.match(target, s.Actions)
}

// target returns the set that a statement's actions belong to, or nil where it
// neither grants nor denies anything.
func (n *analyzer) target(s *Statement, conditional bool) catalog.Set {
	everywhere := slices.ContainsFunc(s.Resources, isEverything)
	switch {
	case slices.ContainsFunc(s.NotResources, isEverything):
		return nil // everything but everything
	case s.Effect == Allow && (everywhere || s.NotResources != nil):
		return n.unbound
	case s.Effect == Allow:
		return n.bound
	case s.Effect == Deny && everywhere && !conditional && forEveryone(s):
		return n.denied
	case s.Effect == Deny:
		return n.partly
	default:
		return nil
	}
}

// isEverything reports whether a resource pattern is "*" or as good as that.
func isEverything(pattern string) bool {
	for i := range len(pattern) {
		if pattern[i] != '*' {
			return false
		}
	}
	return pattern != ""
}

// forEveryone reports whether a statement applies to whoever it is attached to.
// Identity policies and boundaries have no principals at all.
func forEveryone(s *Statement) bool {
	if s.NotPrincipals != nil {
		return false
	}
	return s.Principals == nil || slices.ContainsFunc(s.Principals, func(p Principal) bool { return p.Value == "*" })
}

// match adds the actions of every pattern to set and notes the patterns that
// match none.
func (n *analyzer) match(set catalog.Set, patterns []string) {
	for _, pattern := range patterns {
		if n.catalog.AddMatches(set, pattern) == 0 {
			n.analysis.Unknown = append(n.analysis.Unknown, pattern)
		}
	}
}

// complement adds to dst the actions, of which there are count, that s lacks.
func complement(dst, s catalog.Set, count int) {
	for i := range s {
		dst[i] |= ^s[i]
	}
	if tail := count % 64; tail != 0 {
		dst[len(dst)-1] &= 1<<tail - 1
	}
}
