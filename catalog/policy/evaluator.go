package policy

import "github.com/leastwise/leastwise/catalog"

// Evaluator computes what several documents together grant. It holds nothing
// but working memory, some 100 KB, that it uses again for each principal; it
// belongs to one goroutine at a time.
type Evaluator struct {
	catalog  *catalog.Catalog
	analyzer *analyzer // nil until the first Analyze

	granted, limit layer // what is granted so far, and what the next limit allows
	denials        denials
	// bound are the actions for which a layer so far is not plainly everything.
	bound catalog.Set
	// open are the actions that the sets alone cannot decide, because patterns
	// meet: see resolver.
	open     catalog.Set
	resolver resolver

	caller    caller        // the principal at hand
	single    [1]Attachment // the boundary as a list
	effective Effective
}

// NewEvaluator returns an evaluator over the analyses of one catalog.
func NewEvaluator(c *catalog.Catalog) *Evaluator {
	e := &Evaluator{
		catalog: c,
		granted: newLayer(c), limit: newLayer(c), denials: newDenials(c),
		bound: c.NewSet(), open: c.NewSet(),
	}
	e.resolver.init(c)
	e.effective.init(c, e)
	return e
}

// layer is what the documents of one kind allow: those of the identity, the
// boundary, or one level of controls.
type layer struct {
	// named are all actions that are allowed in any width, ScopeNone included;
	// the next four those of at least that scope.
	named, exact, prefix, service, all catalog.Set
	// plain are those allowed on "*", plainSure those allowed so without
	// conditions, sure those allowed on something without conditions.
	plain, plainSure, sure catalog.Set
}

func newLayer(c *catalog.Catalog) layer {
	return layer{c.NewSet(), c.NewSet(), c.NewSet(), c.NewSet(), c.NewSet(), c.NewSet(), c.NewSet(), c.NewSet()}
}

func (l *layer) clear() {
	for _, set := range [...]catalog.Set{l.named, l.exact, l.prefix, l.service, l.all, l.plain, l.plainSure, l.sure} {
		set.Clear()
	}
}

// allow adds an allowing clause.
func (l *layer) allow(c *clause) {
	switch c.width {
	case everywhere:
		c.actions.addTo(l.plain)
		if !c.sometimes {
			c.actions.addTo(l.plainSure)
		}
		return
	case allBut:
		c.actions.addOthers(l.all, c.full)
		if !c.sometimes {
			c.actions.addOthers(l.sure, c.full)
		}
	case named:
		c.actions.addPlane(l.exact, c.exact)
		c.actions.addPlane(l.prefix, c.prefix)
		c.actions.addPlane(l.service, c.service)
		if !c.sometimes {
			c.actions.addPlane(l.sure, c.exact)
		}
	}
	c.actions.addTo(l.named)
}

// settle puts what is allowed in a width into the narrower ones too.
func (l *layer) settle() {
	for i, plain := range l.plain {
		all := l.all[i] | plain
		service := l.service[i] | all
		prefix := l.prefix[i] | service
		exact := l.exact[i] | prefix
		l.all[i], l.service[i], l.prefix[i], l.exact[i] = all, service, prefix, exact
		l.named[i] |= exact
		l.sure[i] |= l.plainSure[i]
	}
}

// bound returns the actions of a word for which the patterns of the layer
// matter: they are not allowed on "*", or there under conditions only.
func (l *layer) bound(i int) uint64 {
	return l.exact[i]&^l.plain[i] | l.sure[i]&l.plain[i]&^l.plainSure[i]
}

// denials are the denying clauses of all documents.
type denials struct {
	// outright are the actions that are denied on every resource; sometimes those
	// that are denied everywhere under conditions; touched those of which some
	// resources are denied, and confined those that are denied on all resources
	// but some.
	outright, sometimes, touched, confined catalog.Set
	patterns                               []denial  // those that name resources, or all but some under conditions
	confining                              []*clause // those without conditions on all but some
}

// denial is a denying clause, and whether it does not apply to every request of the
// principal.
type denial struct {
	*clause
	sometimes bool
}

func newDenials(c *catalog.Catalog) denials {
	return denials{outright: c.NewSet(), sometimes: c.NewSet(), touched: c.NewSet(), confined: c.NewSet()}
}

func (d *denials) clear() {
	for _, set := range [...]catalog.Set{d.outright, d.sometimes, d.touched, d.confined} {
		set.Clear()
	}
	d.patterns, d.confining = d.patterns[:0], d.confining[:0]
}

// deny adds a denying clause for a principal.
func (d *denials) deny(c *clause, who *caller) {
	applies := who.denies(c)
	sometimes := c.sometimes && applies != always
	switch {
	case applies == never:
	case c.width == everywhere && !sometimes:
		c.actions.addTo(d.outright)
	case c.width == named:
		if !sometimes {
			c.actions.addPlane(d.outright, c.full)
			c.addOwned(d.outright, who.account)
		}
		c.actions.addPlane(d.touched, c.exact)
		d.patterns = append(d.patterns, denial{c, sometimes})
	case c.width == allBut && !sometimes:
		c.actions.addOthers(d.confined, c.full)
		d.confining = append(d.confining, c)
	case c.width == allBut:
		c.actions.addOthers(d.touched, c.full)
		d.patterns = append(d.patterns, denial{c, sometimes})
	default:
		c.actions.addTo(d.sometimes)
	}
}

// Evaluate judges all documents of a principal together. The result is the
// union of what the attachments allow, within the boundary and within every
// level of service control policies, which never grant, less what any of them
// denies. Only a Deny without conditions that covers every resource that an
// action is allowed on takes it away; any other leaves it PartlyDenied. Conditions
// of a Deny on the principal's ARN, account, type and name are decided. What IAM
// changes is in the principal's own account, so that a Deny of all that is there
// covers everything. Once its memory has grown it allocates only for patterns of
// which each is narrower than the other in some part.
func (e *Evaluator) Evaluate(p *Policies) *Effective {
	e.caller = p.caller()
	e.granted.clear()
	e.denials.clear()
	e.open.Clear()
	for i := range p.Attachments {
		e.add(&e.granted, &p.Attachments[i])
	}
	e.granted.settle()
	for i := range e.bound {
		e.bound[i] = e.granted.bound(i)
	}
	if p.Boundary != nil {
		e.limit.clear()
		if e.add(&e.limit, p.Boundary) {
			e.within()
		}
	}
	for _, level := range p.Controls {
		e.limit.clear()
		known := true
		for i := range level {
			known = e.add(&e.limit, &level[i]) && known
		}
		if known {
			e.within()
		}
	}
	for _, c := range e.denials.confining {
		e.confine(c)
	}
	e.effective.conclude(p)
	return &e.effective
}

// add adds the clauses of a document to a layer and to the denials. It reports
// whether the document is there.
func (e *Evaluator) add(to *layer, from *Attachment) bool {
	if from.Analysis == nil {
		return false
	}
	for i := range from.Analysis.clauses {
		if c := &from.Analysis.clauses[i]; c.statement.Effect == Allow {
			to.allow(c)
		} else {
			e.denials.deny(c, &e.caller)
		}
	}
	return true
}

// within intersects what is granted so far with what the limit allows. Where at
// most one of the two is bound to patterns, the narrower width is right; where
// both are, the patterns must be compared.
func (e *Evaluator) within() {
	g, l := &e.granted, &e.limit
	l.settle()
	for i := range g.named {
		bound := l.bound(i)
		e.open[i] |= e.bound[i] & bound
		e.bound[i] |= bound
		g.named[i] &= l.exact[i]
		g.exact[i] &= l.exact[i]
		g.prefix[i] &= l.prefix[i]
		g.service[i] &= l.service[i]
		g.all[i] &= l.all[i]
		g.sure[i] &= l.sure[i]
	}
}

// confine intersects what is granted with the resources that a Deny without
// conditions leaves out.
func (e *Evaluator) confine(c *clause) {
	g := &e.granted
	for i, at := range c.actions.at {
		confined := c.actions.words[i] &^ c.full[i]
		e.open[at] |= e.bound[at] & confined
		e.bound[at] |= confined
		g.named[at] &^= confined &^ c.exact[i]
		g.exact[at] &^= confined &^ c.exact[i]
		g.prefix[at] &^= confined &^ c.prefix[i]
		g.service[at] &^= confined &^ c.service[i]
		g.all[at] &^= confined
		g.sure[at] &^= confined &^ c.exact[i]
	}
}
