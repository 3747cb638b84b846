package policy

import (
	"slices"

	"github.com/leastwise/leastwise/catalog"
)

// Effective is what one principal may do. It is working memory of the Evaluator
// that made it and holds until the next Evaluate; what must stay is copied out.
type Effective struct {
	e        *Evaluator
	policies *Policies
}

// Evaluate judges all documents of a principal together. The result is the
// union of what the attachments allow, within the boundary and within every
// level of service control policies, which never grant, less what any of them
// denies. Only a Deny without conditions that covers every resource that an
// action is allowed on takes it away; any other leaves it PartlyDenied.
func (e *Evaluator) Evaluate(p *Policies) *Effective {
	var docs []*Analysis
	for i := range p.Attachments {
		if a := p.Attachments[i].Analysis; a != nil {
			docs = append(docs, a)
		}
	}
	var boundary *Analysis
	if p.Boundary != nil {
		boundary = p.Boundary.Analysis
	}
	e.Grants(docs, boundary, nil)
	for _, level := range p.Controls {
		e.control(level)
	}
	e.settle()
	return &Effective{e: e, policies: p}
}

func (e *Evaluator) control(level []Attachment) {
	unbound, bound := e.catalog.NewSet(), e.catalog.NewSet()
	for i := range level {
		if a := level[i].Analysis; a != nil {
			a.AddUnbound(unbound)
			a.AddBound(bound)
			a.AddDenied(e.denied)
			a.AddPartlyDenied(e.partly)
		}
	}
	for i, u := range e.unbound {
		e.unbound[i] = u & unbound[i]
		e.bound[i] = (u | e.bound[i]) & (unbound[i] | bound[i])
	}
}

// Has reports whether an action is granted. An action that is allowed on
// resources only that it does not act on is granted with ScopeNone, so that
// nothing is lost where the catalog is behind AWS.
func (f *Effective) Has(a catalog.ActionID) bool { return f.e.unbound.Has(a) || f.e.bound.Has(a) }

// Scope returns on how much an action is granted.
func (f *Effective) Scope(a catalog.ActionID) Scope {
	switch {
	case f.e.unbound.Has(a):
		return ScopeEverything
	case f.e.bound.Has(a):
		return ScopePrefix
	default:
		return ScopeNone
	}
}

// PartlyDenied reports whether an action is granted although it is denied on
// some of the resources or under conditions.
func (f *Effective) PartlyDenied(a catalog.ActionID) bool { return f.e.partly.Has(a) }

// Conditional reports whether an action is granted under conditions only: in
// the attachments, the boundary or a level of controls no statement without
// conditions allows it.
func (f *Effective) Conditional(a catalog.ActionID) bool {
	return f.Has(a) && !slices.ContainsFunc(f.Evidence(nil, a), func(e Evidence) bool {
		return e.Effect == Allow && e.Grade == Unconditional
	})
}

// Unbound returns the actions with ScopeEverything or ScopeService. The set
// must not be changed and holds until the next Evaluate, as those of Bound and
// Partly do.
func (f *Effective) Unbound() catalog.Set { return f.e.unbound }

// Bound returns the granted actions that Unbound does not have.
func (f *Effective) Bound() catalog.Set { return f.e.bound }

// Partly returns the actions that are PartlyDenied.
func (f *Effective) Partly() catalog.Set { return f.e.partly }

// Admin reports whether every action of the catalog is granted with
// ScopeEverything.
func (f *Effective) Admin() bool { return f.e.admin }

// Grants appends to dst one ServiceGrant per service with a granted action, in
// the order of the services.
func (f *Effective) Grants(dst []ServiceGrant) []ServiceGrant { return f.e.summarize(dst) }

// Evidence appends to dst the statements that allow an action to the principal,
// and, where it is partly denied, those that deny it.
func (f *Effective) Evidence(dst []Evidence, a catalog.ActionID) []Evidence {
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

func (f *Effective) evidence(dst []Evidence, a catalog.ActionID, from *Attachment, role PolicyRole) []Evidence {
	if from.Analysis == nil {
		return dst
	}
	for i := range from.Analysis.doc.Statements {
		s := &from.Analysis.doc.Statements[i]
		wanted := s.Effect == Allow && role == RoleIdentity || s.Effect == Deny && f.PartlyDenied(a)
		if !wanted || !f.names(s, a) {
			continue
		}
		scope := ScopePrefix
		if s.NotResources != nil || slices.ContainsFunc(s.Resources, isEverything) {
			scope = ScopeEverything
		}
		dst = append(dst, Evidence{
			Attachment: from, Role: role, Statement: i, SID: s.SID, Effect: s.Effect, Scope: scope,
			Resources: s.Resources, NotResources: s.NotResources, Conditions: s.Conditions, Grade: gradeOf(s.Conditions),
		})
	}
	return dst
}

// names reports whether a statement is about an action.
func (f *Effective) names(s *Statement, a catalog.ActionID) bool {
	set := f.e.catalog.NewSet()
	for _, pattern := range s.Actions {
		f.e.catalog.AddMatches(set, pattern)
	}
	if set.Has(a) || s.NotActions == nil {
		return set.Has(a)
	}
	for _, pattern := range s.NotActions {
		f.e.catalog.AddMatches(set, pattern)
	}
	return !set.Has(a)
}
