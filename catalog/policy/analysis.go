package policy

import (
	"cmp"
	"slices"

	"github.com/leastwise/leastwise/catalog"
)

// Analysis is what one document allows and denies, over the actions of one
// catalog. It depends on the document's content only, so it is made once per
// document and kept. It must not be changed, and any number of goroutines may
// read it. It takes some ten bytes per statement and 64 neighbouring actions that
// the statement names, five times that where it names resources, and nothing for
// the other actions; and it holds on to its document.
type Analysis struct {
	// Conditions are the operators and keys that its statements use, sorted
	// and without repetition.
	Conditions []ConditionUse
	// Conditional says that at least one statement has conditions. They do not
	// lessen what an Allow grants.
	Conditional bool
	// Unknown are the action patterns, as written, that match no action of the
	// catalog, sorted and without repetition.
	Unknown []string

	variables bool // the document's version has policy variables
	personal  bool // a statement denies by who asks
	clauses   []clause
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

// Analyze judges one document. Statements without a readable effect grant and
// deny nothing. Where Resource and NotResource are missing, as in a trust
// policy, an Allow grants with ScopeNone, and a Deny denies in part.
//
// It makes the working memory that an Evaluator keeps: many documents are better
// analyzed with Evaluator.Analyze.
func Analyze(c *catalog.Catalog, doc *Document) *Analysis {
	return analyze(c, newAnalyzer(c), doc)
}

// Analyze is the function Analyze in the evaluator's working memory.
func (e *Evaluator) Analyze(doc *Document) *Analysis {
	if e.analyzer == nil {
		e.analyzer = newAnalyzer(e.catalog)
	}
	return analyze(e.catalog, e.analyzer, doc)
}

func analyze(c *catalog.Catalog, n *analyzer, doc *Document) *Analysis {
	a := &Analysis{variables: doc.Version == variablesVersion, clauses: make([]clause, 0, len(doc.Statements))}
	for i := range doc.Statements {
		s := &doc.Statements[i]
		for _, condition := range s.Conditions {
			a.Conditions = append(a.Conditions, ConditionUse{condition.Operator, condition.Key})
		}
		a.Conditional = a.Conditional || s.Conditions != nil
		next, unknown := n.clause(c, doc, i, a.Unknown)
		a.personal = a.personal || next.personal != nil
		a.Unknown = unknown
		if s.Effect != EffectNone && next.width != nothing {
			a.clauses = append(a.clauses, next)
		}
	}
	slices.Sort(a.Unknown)
	a.Unknown = slices.Compact(a.Unknown)
	slices.SortFunc(a.Conditions, func(x, y ConditionUse) int {
		return cmp.Or(cmp.Compare(x.Operator, y.Operator), cmp.Compare(x.Key, y.Key))
	})
	a.Conditions = slices.Compact(a.Conditions)
	return a
}

// AddUnbound adds to dst the actions that the document allows with
// ScopeEverything or ScopeService. Denials are not taken off.
func (a *Analysis) AddUnbound(dst catalog.Set) {
	for i := range a.clauses {
		switch c := &a.clauses[i]; {
		case c.statement.Effect != Allow:
		case c.width == everywhere:
			c.actions.addTo(dst)
		case c.width == allBut:
			c.actions.addOthers(dst, c.full)
		case c.width == named:
			c.actions.addPlane(dst, c.service)
		}
	}
}

// AddBound adds to dst the actions that the document allows in any other width,
// ScopeNone among them. An action may be among AddUnbound's too.
func (a *Analysis) AddBound(dst catalog.Set) {
	for i := range a.clauses {
		switch c := &a.clauses[i]; {
		case c.statement.Effect != Allow || c.width == everywhere:
		case c.width == allBut:
			c.actions.addPlane(dst, c.full)
		case c.width == named:
			c.actions.addOthers(dst, c.service)
		default:
			c.actions.addTo(dst)
		}
	}
}

// AddDenied adds to dst the actions that the document denies outright: without
// a condition, for everyone, and on every resource that the action has.
func (a *Analysis) AddDenied(dst catalog.Set) {
	for i := range a.clauses {
		switch c := &a.clauses[i]; {
		case c.statement.Effect != Deny || c.sometimes:
		case c.width == everywhere:
			c.actions.addTo(dst)
		case c.width == named:
			c.actions.addPlane(dst, c.full)
		}
	}
}

// AddPartlyDenied adds to dst the actions that the document denies only on some
// resources or under conditions.
func (a *Analysis) AddPartlyDenied(dst catalog.Set) {
	for i := range a.clauses {
		switch c := &a.clauses[i]; {
		case c.statement.Effect != Deny:
		case c.width == everywhere && !c.sometimes:
		case c.width == allBut:
			c.actions.addOthers(dst, c.full)
		case c.width == named && c.sometimes:
			c.actions.addPlane(dst, c.exact)
		case c.width == named:
			for i, at := range c.actions.at {
				dst[at] |= c.exact[i] &^ c.full[i]
			}
		default:
			c.actions.addTo(dst)
		}
	}
}

// forEveryone reports whether a statement applies to whoever it is attached to.
// Identity policies and boundaries have no principals at all.
func forEveryone(s *Statement) bool {
	if s.NotPrincipals != nil {
		return false
	}
	return s.Principals == nil || slices.ContainsFunc(s.Principals, func(p Principal) bool { return p.Value == "*" })
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
