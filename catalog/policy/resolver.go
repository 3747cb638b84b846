package policy

import (
	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/internal/glob"
)

// resolver decides the actions for which resource patterns must be compared
// with each other: an Allow on a bucket with a boundary on another, or with a
// Deny of its prefix.
//
// It walks over terms. A term is one way in which a request can be allowed: one
// clause or pattern of each layer, with the set of the actions for which it is
// one. All actions go through together, so that the work grows with the patterns
// that meet and not with the actions. Its sets have only the words in which open
// actions are.
type resolver struct {
	catalog *catalog.Catalog
	at      []uint16 // the words of a catalog.Set that there are
	place   []int16  // which word of at a word is, or -1
	open    []uint64

	arena  arena // has the words of all sets below
	layers []resolverLayer
	units  []unit
	bites  []bite

	// The patterns and the exceptions of the term at hand. Each pattern is as narrow
	// as those before it make it.
	in  []string
	out [][]pattern

	// What was found: the actions with their widths, without conditions, and
	// denied in part.
	exact, prefix, service, all, sure, partly []uint64
}

// resolverLayer is one layer: what it allows on "*", with or without
// conditions, and units[first:end] for the rest.
type resolverLayer struct {
	plain, plainSure []uint64
	first, end       int
	confining        bool
}

// unit is one pattern of an allowing clause, or all of one with NotResource.
type unit struct {
	in                     string    // "" for NotResource
	out                    []pattern // of NotResource
	sometimes              bool
	exact, prefix, service []uint64 // prefix and service are nil for NotResource
}

// term is the state of the walk: the actions for which the patterns so far
// allow something, and in which width.
type term struct {
	live, prefix, service, all []uint64
	sometimes                  bool
	partly                     bool // a confining clause took some resources away
}

func (r *resolver) init(c *catalog.Catalog) {
	r.catalog = c
	r.place = make([]int16, len(c.NewSet()))
	for i := range r.place {
		r.place[i] = -1
	}
}

// begin takes the open actions and forgets everything else.
func (r *resolver) begin(open catalog.Set) {
	for _, at := range r.at {
		r.place[at] = -1
	}
	r.at, r.layers, r.units, r.bites = r.at[:0], r.layers[:0], r.units[:0], r.bites[:0]
	r.arena.release(mark{})
	for i, w := range open {
		if w != 0 {
			r.place[i] = int16(len(r.at))
			r.at = append(r.at, uint16(i))
		}
	}
	r.open = r.set()
	for i, at := range r.at {
		r.open[i] = open[at]
	}
	r.exact, r.prefix, r.service, r.all = r.set(), r.set(), r.set(), r.set()
	r.sure, r.partly = r.set(), r.set()
}

// set returns an empty set.
func (r *resolver) set() []uint64 { return r.arena.take(len(r.at)) }

// layer adds a layer. A layer that nothing is known of must not be added.
func (r *resolver) layer(from []Attachment) {
	l := resolverLayer{plain: r.set(), plainSure: r.set(), first: len(r.units)}
	for i := range from {
		if from[i].Analysis == nil {
			continue
		}
		for j := range from[i].Analysis.clauses {
			if c := &from[i].Analysis.clauses[j]; c.statement.Effect == Allow {
				r.allow(&l, c)
			}
		}
	}
	l.end = len(r.units)
	r.layers = append(r.layers, l)
}

func (r *resolver) allow(l *resolverLayer, c *clause) {
	switch c.width {
	case everywhere:
		r.project(l.plain, &c.actions, c.actions.words)
		if !c.sometimes {
			r.project(l.plainSure, &c.actions, c.actions.words)
		}
	case allBut:
		if actions := r.others(c); actions != nil {
			r.units = append(r.units, unit{out: c.patterns, sometimes: c.sometimes, exact: actions})
		}
	case named:
		r.unitsOf(c, c.sometimes)
	}
}

// confine adds a Deny without conditions on all but some resources: a layer
// that allows all other actions, and these on those resources.
func (r *resolver) confine(c *clause) {
	actions := r.others(c)
	if actions == nil {
		return
	}
	l := resolverLayer{plain: r.set(), first: len(r.units), confining: true}
	for i, open := range r.open {
		l.plain[i] = open &^ actions[i]
	}
	l.plainSure = l.plain
	r.unitsOf(c, false)
	l.end = len(r.units)
	r.layers = append(r.layers, l)
}

// others returns the open actions of a clause of which its patterns do not
// reach everything, or nil where there are none.
func (r *resolver) others(c *clause) []uint64 {
	if !r.concerns(c) {
		return nil
	}
	actions, full := r.set(), r.set()
	r.project(actions, &c.actions, c.actions.words)
	r.project(full, &c.actions, c.full)
	for i := range actions {
		actions[i] &^= full[i]
	}
	return actions
}

// unitsOf adds a unit for each pattern of a clause that reaches an open action.
func (r *resolver) unitsOf(c *clause, sometimes bool) {
	if !r.concerns(c) {
		return
	}
	actions := r.set()
	r.project(actions, &c.actions, c.actions.words)
	for i := range c.patterns {
		p := &c.patterns[i]
		u := unit{in: p.text, sometimes: sometimes, exact: r.set(), prefix: r.set(), service: r.set()}
		for _, extent := range p.extents {
			r.reach(&u, extent, p.literal, actions)
		}
		if !empty(u.exact) {
			r.units = append(r.units, u)
		}
	}
}

func (r *resolver) reach(u *unit, extent catalog.Extent, literal bool, actions []uint64) {
	first, words := r.catalog.TypeActions(extent.Type)
	for i, w := range words {
		place := r.place[first+i]
		if place < 0 {
			continue
		}
		w &= actions[place]
		u.exact[place] |= w
		if !literal {
			u.prefix[place] |= w
			if extent.Whole {
				u.service[place] |= w
			}
		}
	}
}

// concerns reports whether a clause names an open action.
func (r *resolver) concerns(c *clause) bool {
	for i, at := range c.actions.at {
		if place := r.place[at]; place >= 0 && c.actions.words[i]&r.open[place] != 0 {
			return true
		}
	}
	return false
}

// project adds to dst the open actions of words that stand beside those of s.
func (r *resolver) project(dst []uint64, s *sparse, words []uint64) {
	for i, at := range s.at {
		if place := r.place[at]; place >= 0 {
			dst[place] |= words[i] & r.open[place]
		}
	}
}

// walk finds what all layers from the given one on allow of a term.
func (r *resolver) walk(depth int, t term) {
	if depth == 0 {
		r.indexBites()
	}
	if depth == len(r.layers) {
		r.conclude(t)
		return
	}
	l := &r.layers[depth]
	start := r.arena.mark()
	rest, some := r.set(), r.set()
	for i, live := range t.live {
		some[i] = live & l.plainSure[i]
		rest[i] = live &^ l.plainSure[i]
	}
	r.step(depth, t, some, nil)
	// A unit that holds all of the term leaves nothing for the others to allow.
	for i := l.first; i < l.end && !empty(rest); i++ {
		if u := &r.units[i]; u.in != "" && !u.sometimes && intersect(u.exact, rest) && r.withinTerm(u.in) {
			r.take(depth, t, some, rest, u)
			for j := range rest {
				rest[j] &^= u.exact[j]
			}
		}
	}
	t.partly = t.partly || l.confining
	for i := l.first; i < l.end; i++ {
		if u := &r.units[i]; intersect(u.exact, rest) && r.meets(u) {
			r.take(depth, t, some, rest, u)
		}
	}
	for i := range rest {
		some[i] = rest[i] & l.plain[i]
	}
	t.sometimes = true
	r.step(depth, t, some, nil)
	r.arena.release(start)
}

// take goes on with the actions of a unit that are among the rest.
func (r *resolver) take(depth int, t term, some, rest []uint64, u *unit) {
	for i := range some {
		some[i] = rest[i] & u.exact[i]
	}
	t.sometimes = t.sometimes || u.sometimes
	r.step(depth, t, some, u)
}

// step goes on to the next layer with some of the actions, having taken a unit
// or, where u is nil, what the layer allows on everything.
func (r *resolver) step(depth int, t term, live []uint64, u *unit) {
	if empty(live) {
		return
	}
	next := term{live: live, prefix: t.prefix, service: t.service, all: t.all, sometimes: t.sometimes, partly: t.partly}
	in, out := len(r.in), len(r.out)
	if u != nil && u.in == "" {
		r.out = append(r.out, u.out)
	} else if u != nil {
		r.in = append(r.in, r.narrowed(u.in))
		next.prefix, next.service, next.all = r.set(), r.set(), r.set()
		for i := range live {
			next.prefix[i] = t.prefix[i] & u.prefix[i]
			next.service[i] = t.service[i] & u.service[i]
		}
	}
	r.walk(depth+1, next)
	r.in, r.out = r.in[:in], r.out[:out]
}

// meets reports whether the patterns of the term and those of a unit can fit
// one resource.
func (r *resolver) meets(u *unit) bool {
	if u.in == "" {
		for _, in := range r.in {
			if covered(u.out, in) {
				return false
			}
		}
		return true
	}
	return r.sharesWithTerm(u.in)
}

// sharesWithTerm reports whether a pattern can fit a resource that the term
// reaches.
func (r *resolver) sharesWithTerm(pattern string) bool {
	for _, in := range r.in {
		if !glob.IntersectsARN(in, pattern) {
			return false
		}
	}
	if len(r.out) == 0 {
		return true
	}
	pattern = r.narrowed(pattern)
	for _, out := range r.out {
		if covered(out, pattern) {
			return false
		}
	}
	return true
}

// narrowed returns a pattern with what the patterns of the term make narrower of
// it. One may be narrower in the account and the other in the resource, so that
// only both together lie within an exception or a denial.
func (r *resolver) narrowed(pattern string) string {
	for _, in := range r.in {
		pattern = glob.NarrowARN(pattern, in)
	}
	return pattern
}

// withinTerm reports whether a pattern covers all that the term reaches.
func (r *resolver) withinTerm(wide string) bool {
	for _, in := range r.in {
		if glob.CoversARN(wide, in) {
			return true
		}
	}
	return false
}

// covered reports whether one of the patterns covers a narrower one.
func covered(patterns []pattern, narrow string) bool {
	for i := range patterns {
		if glob.CoversARN(patterns[i].text, narrow) {
			return true
		}
	}
	return false
}

func empty(words []uint64) bool {
	for _, w := range words {
		if w != 0 {
			return false
		}
	}
	return true
}

func intersect(a, b []uint64) bool {
	for i := range a {
		if a[i]&b[i] != 0 {
			return true
		}
	}
	return false
}
