package policy

// bite is one pattern of a denying clause, or all of one with NotResource.
type bite struct {
	in        string
	out       []pattern
	sometimes bool
	actions   []uint64
	stem      string // of in
	up        int    // see indexBites
}

// bite adds a denying clause that names resources, or all but some.
func (r *resolver) bite(d denial) {
	if d.width == allBut {
		if actions := r.others(d.clause); actions != nil {
			r.bites = append(r.bites, bite{out: d.patterns, sometimes: true, actions: actions})
		}
		return
	}
	first := len(r.units)
	r.unitsOf(d.clause, d.sometimes)
	for _, u := range r.units[first:] {
		r.bites = append(r.bites, bite{in: u.in, sometimes: u.sometimes, actions: u.exact})
	}
	r.units = r.units[:first]
}

// conclude takes the denials off a term that every layer allows, and adds it to
// what was found.
func (r *resolver) conclude(t term) {
	start := r.arena.mark()
	live, partly := r.set(), r.set()
	copy(live, t.live)
	if t.partly {
		copy(partly, t.live)
	}
	in := ""
	if len(r.in) > 0 {
		in = r.in[0]
	}
	r.bitesNear(in, func(b *bite) {
		if !intersect(b.actions, live) {
			return
		}
		switch takes, all := r.takes(b); {
		case all && !b.sometimes:
			for j := range live {
				live[j] &^= b.actions[j]
			}
		case takes:
			for j := range partly {
				partly[j] |= b.actions[j]
			}
		}
	})
	for i, w := range live {
		r.exact[i] |= w
		r.prefix[i] |= w & t.prefix[i]
		r.service[i] |= w & t.service[i]
		r.all[i] |= w & t.all[i]
		r.partly[i] |= w & partly[i]
		if !t.sometimes {
			r.sure[i] |= w
		}
	}
	r.arena.release(start)
}

// takes reports whether a denial takes some, and whether it takes all, of what
// the term reaches.
func (r *resolver) takes(b *bite) (some, all bool) {
	if b.in == "" {
		for _, in := range r.in {
			if covered(b.out, in) {
				return false, false
			}
		}
		return true, false
	}
	if r.withinTerm(b.in) {
		return true, true
	}
	return r.sharesWithTerm(b.in), false
}
