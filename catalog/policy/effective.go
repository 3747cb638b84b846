package policy

import "github.com/leastwise/leastwise/catalog"

// Effective is what one principal may do. It is working memory of the Evaluator
// that made it and holds until the next Evaluate; what must stay is copied out.
type Effective struct {
	e        *Evaluator
	policies *Policies
	// bound are the granted actions that are not allowed on a whole service,
	// partly those that are denied in part.
	bound, partly catalog.Set
	counts        counts
}

func (f *Effective) init(c *catalog.Catalog, e *Evaluator) {
	*f = Effective{e: e, bound: c.NewSet(), partly: c.NewSet()}
	f.counts.init(c)
}

// conclude makes the result of what the evaluator has collected.
func (f *Effective) conclude(p *Policies) {
	f.policies = p
	f.counts.done = false
	g, d := &f.e.granted, &f.e.denials
	open := false
	for i, outright := range d.outright {
		g.named[i] &^= outright
		g.exact[i] &^= outright
		g.prefix[i] &^= outright
		g.service[i] &^= outright
		g.all[i] &^= outright
		g.sure[i] &^= outright
		f.partly[i] = (d.sometimes[i] | d.touched[i] | d.confined[i]) & g.exact[i]
		f.e.open[i] = (f.e.open[i] | d.touched[i]&f.e.bound[i]) & g.exact[i]
		open = open || f.e.open[i] != 0
	}
	if open {
		f.resolve(p)
	}
	for i, named := range g.named {
		f.bound[i] = named &^ g.service[i]
	}
}

// resolve puts the answers of the resolver in the place of what the sets said
// of the open actions.
func (f *Effective) resolve(p *Policies) {
	r, d := &f.e.resolver, &f.e.denials
	r.begin(f.e.open)
	r.layer(p.Attachments)
	if p.Boundary != nil && p.Boundary.Analysis != nil {
		f.e.single[0] = *p.Boundary
		r.layer(f.e.single[:])
	}
	for _, level := range p.Controls {
		if known(level) {
			r.layer(level)
		}
	}
	for _, c := range d.confining {
		r.confine(c)
	}
	for _, denial := range d.patterns {
		r.bite(denial)
	}
	r.walk(0, term{live: r.open, prefix: r.open, service: r.open, all: r.open})
	g := &f.e.granted
	for i, at := range r.at {
		put := func(set catalog.Set, found uint64) { set[at] = set[at]&^r.open[i] | found }
		put(g.named, r.exact[i])
		put(g.exact, r.exact[i])
		put(g.prefix, r.prefix[i])
		put(g.service, r.service[i])
		put(g.all, r.all[i])
		put(g.sure, r.sure[i])
		put(f.partly, r.exact[i]&(r.partly[i]|d.sometimes[at]))
	}
}

// known reports whether all documents of a level of controls are there.
func known(level []Attachment) bool {
	for i := range level {
		if level[i].Analysis == nil {
			return false
		}
	}
	return true
}

// Has reports whether an action is granted. An action that is allowed on
// resources only that it does not act on is granted with ScopeNone, so that
// nothing is lost where the catalog is behind AWS.
func (f *Effective) Has(a catalog.ActionID) bool { return f.e.granted.named.Has(a) }

// Scope returns on how much an action is granted.
func (f *Effective) Scope(a catalog.ActionID) Scope {
	switch g := &f.e.granted; {
	case !g.exact.Has(a):
		return ScopeNone
	case g.all.Has(a):
		return ScopeEverything
	case g.service.Has(a):
		return ScopeService
	case g.prefix.Has(a):
		return ScopePrefix
	default:
		return ScopeExact
	}
}

// PartlyDenied reports whether an action is granted although it is denied on
// some of the resources or under conditions.
func (f *Effective) PartlyDenied(a catalog.ActionID) bool { return f.partly.Has(a) }

// Conditional reports whether an action is granted, with more than ScopeNone,
// under conditions only: there is no resource on which statements without
// conditions allow it in the attachments, the boundary and every level of
// controls alike.
func (f *Effective) Conditional(a catalog.ActionID) bool {
	return f.e.granted.exact.Has(a) && !f.e.granted.sure.Has(a)
}

// Unbound returns the actions with ScopeEverything or ScopeService. The set
// must not be changed and holds until the next Evaluate, as those of the other
// methods do.
func (f *Effective) Unbound() catalog.Set { return f.e.granted.service }

// Bound returns the granted actions that Unbound does not have.
func (f *Effective) Bound() catalog.Set { return f.bound }

// Usable returns the actions that are granted with more than ScopeNone.
func (f *Effective) Usable() catalog.Set { return f.e.granted.exact }

// Unconditional returns the actions of Usable that are not Conditional.
func (f *Effective) Unconditional() catalog.Set { return f.e.granted.sure }

// Partly returns the actions that are PartlyDenied.
func (f *Effective) Partly() catalog.Set { return f.partly }

// Admin reports whether every action of the catalog is granted with
// ScopeEverything.
func (f *Effective) Admin() bool { return f.e.granted.all.Count() == f.e.catalog.Len() }

// Grants appends to dst one ServiceGrant per service with a granted action, in
// the order of the services. It does not allocate when dst has room.
func (f *Effective) Grants(dst []ServiceGrant) []ServiceGrant {
	f.counts.count(f.Unbound(), f.bound)
	return f.counts.summarize(dst)
}
