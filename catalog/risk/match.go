package risk

import (
	"iter"
	"slices"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
)

// Matcher finds the rules that hold for what one principal may do. It holds
// nothing but working memory that it uses again for each; it belongs to one
// goroutine at a time.
type Matcher struct {
	engine    *Engine
	effective *policy.Effective
	// holds and included say of each combination whether it holds, and whether a
	// smaller one that holds is within it.
	holds, included []bool
	found           []int // the combinations that hold
	admin           *list // by which the principal is an administrator, or nil
	actions         []catalog.ActionID
	// escalates says of each service whether an action of it is part of a minimal
	// combination that holds.
	escalates []bool
	touched   []catalog.ServiceID
	passed    map[string]bool // by service principal
}

// NewMatcher returns a matcher for the rules of the engine.
func (e *Engine) NewMatcher() *Matcher {
	n := len(e.compiled.combinations)
	return &Matcher{
		engine: e, holds: make([]bool, n), included: make([]bool, n),
		escalates: make([]bool, e.catalog.Services()), passed: make(map[string]bool),
	}
}

// Match looks at what a principal may do. What the other methods return is about
// f, and holds as long as f does.
func (m *Matcher) Match(f *policy.Effective) {
	m.reset()
	m.effective = f
	c := &m.engine.compiled
	for i := range c.combinations {
		rule := m.rule(c.combinations[i].rule)
		if c.combinations[i].within(m.enough(rule.Wide)) && (len(rule.Passes) == 0 || slices.ContainsFunc(rule.Passes, m.passes)) {
			m.holds[i] = true
			m.found = append(m.found, i)
		}
	}
	for _, i := range m.found {
		for _, outer := range c.combinations[i].supersets {
			m.included[outer] = m.included[outer] || m.holds[outer]
		}
	}
	for _, i := range m.found {
		if !m.included[i] {
			m.touch(m.rule(c.combinations[i].rule))
		}
	}
	m.admin = m.administrator()
}

func (m *Matcher) reset() {
	for _, i := range m.found {
		m.holds[i], m.included[i] = false, false
	}
	for _, s := range m.touched {
		m.escalates[s] = false
	}
	m.found, m.touched, m.admin = m.found[:0], m.touched[:0], nil
	clear(m.passed)
}

func (m *Matcher) rule(i int) *Rule { return &m.engine.rules.list[i] }

// touch notes the services of the actions of a combination that holds.
func (m *Matcher) touch(rule *Rule) {
	if rule.Category != CategoryPrivilegeEscalation {
		return
	}
	for _, a := range rule.Actions {
		if s := m.engine.catalog.ServiceOf(a); !m.escalates[s] {
			m.escalates[s] = true
			m.touched = append(m.touched, s)
		}
	}
}

// enough returns the actions that are granted widely enough for a rule.
func (m *Matcher) enough(wide bool) catalog.Set {
	if wide {
		return m.effective.Unbound()
	}
	return m.effective.Usable()
}

// within reports whether all actions are in a set.
func (c *combination) within(set catalog.Set) bool {
	for _, w := range c.words {
		if set[w.at]&w.mask != w.mask {
			return false
		}
	}
	return true
}

// passes reports whether a role can be passed to a service.
func (m *Matcher) passes(service string) bool {
	if pass := m.engine.compiled.passRole; !m.effective.Conditional(pass) && !m.effective.PartlyDenied(pass) {
		return true
	}
	ok, known := m.passed[service]
	if !known {
		ok = m.effective.Reach(m.engine.compiled.passRole).PassedTo(service)
		m.passed[service] = ok
	}
	return ok
}

// passesSurely reports whether a role can be passed to one of some services by
// statements without other conditions than that it is one of these.
func (m *Matcher) passesSurely(services []string) bool {
	return slices.ContainsFunc(services, m.effective.Sure(m.engine.compiled.passRole).AnyPassed)
}

// administrator returns what makes the principal an administrator, or nil.
func (m *Matcher) administrator() *list {
	unbound := m.effective.Unbound()
	for i := range m.engine.compiled.admins {
		admin := &m.engine.compiled.admins[i]
		if admin.hits(unbound) && 100*unbound.Count() >= m.rule(admin.rule).Share*m.engine.catalog.Len() {
			return admin
		}
	}
	return nil
}

func (l *list) hits(set catalog.Set) bool {
	for _, w := range l.words {
		if set[w.at]&w.mask != 0 {
			return true
		}
	}
	return false
}

// Administrator reports whether the principal is an administrator.
func (m *Matcher) Administrator() bool { return m.admin != nil }

// Combinations yields the minimal combinations of actions that hold, each with
// those that hold too and contain it.
func (m *Matcher) Combinations() iter.Seq2[*Rule, []*Rule] {
	return func(yield func(*Rule, []*Rule) bool) {
		for _, i := range m.found {
			if m.included[i] {
				continue
			}
			c := &m.engine.compiled.combinations[i]
			var includes []*Rule
			for _, outer := range c.supersets {
				if m.holds[outer] {
					includes = append(includes, m.rule(m.engine.compiled.combinations[outer].rule))
				}
			}
			if !yield(m.rule(c.rule), includes) {
				return
			}
		}
	}
}

// ServiceTags returns the risk tags of what the principal may do in one service.
// It does not allocate.
func (m *Matcher) ServiceTags(s catalog.ServiceID) TagSet {
	var tags TagSet
	if m.admin != nil {
		tags = tags.With(TagAdmin)
	}
	if m.escalates[s] {
		tags = tags.With(TagPrivilegeEscalation)
	}
	for i := range m.engine.compiled.tags[s] {
		if w := &m.engine.compiled.tags[s][i]; m.enough(w.wide)[w.at]&w.mask != 0 {
			tags = tags.With(w.tag)
		}
	}
	if len(m.engine.compiled.wildcards) > 0 && m.whole(s) {
		tags = tags.With(TagServiceWildcard)
	}
	return tags
}

// whole reports whether every action of a service is granted, and at least one
// of them on something. A service with a single action has no wildcard that is
// worth a word.
func (m *Matcher) whole(s catalog.ServiceID) bool {
	first, _ := m.engine.catalog.LevelRange(s, 0)
	_, end := m.engine.catalog.LevelRange(s, catalog.LevelCount-1)
	if end-first < 2 {
		return false
	}
	unbound, bound, usable := m.effective.Unbound(), m.effective.Bound(), m.effective.Usable()
	some := false
	for at := int(first); at < int(end); {
		low := at % 64
		width := min(64-low, int(end)-at)
		mask := ^uint64(0) >> (64 - width) << low
		if (unbound[at/64]|bound[at/64])&mask != mask {
			return false
		}
		some = some || usable[at/64]&mask != 0
		at += width
	}
	return some
}
