package policy

import (
	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/internal/glob"
)

// Evidence is one statement that allows an action, limits it, or denies it in
// part.
type Evidence struct {
	// Attachment is the document's, out of the Policies that were evaluated.
	Attachment *Attachment
	Role       Part
	// Statement is the index of the statement in its document, from 0.
	Statement int
	SID       string
	Effect    Effect
	// Scope is on how much this statement allows or denies the action.
	Scope Scope
	// Resources, NotResources and Conditions are as written; they must not be
	// changed.
	Resources, NotResources []string
	Conditions              []Condition
	Grade                   ConditionGrade
}

// Evidence appends to dst the statements that decide on an action, in the order
// of the policies: those that allow it to the principal; those of the boundary
// and of the controls that allow it, but not everything and always; and, where
// it is partly denied, those that deny what the former allow. Statements that
// allow it with ScopeNone are among them only where the action has no more.
func (f *Effective) Evidence(dst []Evidence, a catalog.ActionID) []Evidence {
	if !f.Has(a) {
		return dst
	}
	for i := range f.policies.Attachments {
		dst = f.evidence(dst, a, &f.policies.Attachments[i], RoleIdentity)
	}
	if f.policies.Boundary != nil {
		dst = f.evidence(dst, a, f.policies.Boundary, RoleBoundary)
	}
	for _, level := range f.policies.Controls {
		for i := range level {
			dst = f.evidence(dst, a, &level[i], RoleControl)
		}
	}
	return dst
}

func (f *Effective) evidence(dst []Evidence, a catalog.ActionID, from *Attachment, role Part) []Evidence {
	if from.Analysis == nil {
		return dst
	}
	for i := range from.Analysis.clauses {
		c := &from.Analysis.clauses[i]
		if !c.applies(a) || !f.decides(c, a, role) {
			continue
		}
		s := c.statement
		dst = append(dst, Evidence{
			Attachment: from, Role: role, Statement: c.index, SID: s.SID, Effect: s.Effect, Scope: c.scope(a),
			Resources: s.Resources, NotResources: s.NotResources, Conditions: s.Conditions, Grade: c.grade,
		})
	}
	return dst
}

// decides reports whether a clause that speaks of a granted action is evidence.
func (f *Effective) decides(c *clause, a catalog.ActionID, role Part) bool {
	usable := c.scope(a) != ScopeNone
	switch {
	case c.statement.Effect == Deny:
		return f.PartlyDenied(a) && f.e.caller.denies(c) != never && (c.width == nowhere || usable && f.bites(c, a))
	case role == RoleIdentity:
		return usable || f.Scope(a) == ScopeNone
	default:
		return usable && (c.width != everywhere || c.sometimes)
	}
}

// bites reports whether a denying clause meets something that the attachments
// allow.
func (f *Effective) bites(deny *clause, a catalog.ActionID) bool {
	for i := range f.policies.Attachments {
		from := f.policies.Attachments[i].Analysis
		if from == nil {
			continue
		}
		for j := range from.clauses {
			c := &from.clauses[j]
			if c.statement.Effect == Allow && c.scope(a) != ScopeNone && meet(deny, c) {
				return true
			}
		}
	}
	return false
}

// meet reports whether two clauses can speak of the same resource.
func meet(x, y *clause) bool {
	if x.width != named {
		x, y = y, x
	}
	if x.width != named || y.width == everywhere {
		return true
	}
	for i := range x.patterns {
		in := x.patterns[i].text
		if y.width == allBut {
			if !covered(y.patterns, in) {
				return true
			}
			continue
		}
		for j := range y.patterns {
			if glob.IntersectsARN(in, y.patterns[j].text) {
				return true
			}
		}
	}
	return false
}
