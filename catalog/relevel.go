package catalog

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
)

// WithLevels returns a catalog in which the given actions have other access
// levels, and all else is as in c. An [ActionID] of c means another action
// there: ids follow the levels. A level that does not exist is an error.
func (c *Catalog) WithLevels(levels map[ActionID]Level) (*Catalog, error) {
	for a, l := range levels {
		if int(a) >= c.Len() || l >= LevelCount {
			return nil, fmt.Errorf("set access level of action %d: no such action, or no such level as %s", a, l)
		}
	}
	out := *c
	out.services = slices.Clone(c.services)
	order := c.reorder(levels, out.services)
	out.actionNames = c.actionNames.pick(order)
	out.folded = c.folded.pick(order)
	out.actionResources = pick(c.actionResources, order)
	out.actionKeys = pick(c.actionKeys, order)
	out.actionDependents = pick(c.actionDependents, order)
	out.dependents = c.dependents.renumber(order)
	out.tracked = c.tracked.pick(order)
	if err := out.derive(); err != nil {
		return nil, fmt.Errorf("set access levels: %w", err)
	}
	return &out, nil
}

// reorder returns c's actions in the order that the levels give them, and
// writes down where each level begins.
func (c *Catalog) reorder(levels map[ActionID]Level, services []serviceRanges) []ActionID {
	levelOf := func(a ActionID) Level {
		if l, changed := levels[a]; changed {
			return l
		}
		return c.LevelOf(a)
	}
	order := make([]ActionID, c.Len())
	for a := range order {
		order[a] = ActionID(a)
	}
	touched := make(map[ServiceID]bool)
	for a := range levels {
		touched[c.serviceOf[a]] = true
	}
	for s := range touched {
		ranges := &services[s].levels
		actions := order[ranges[0]:ranges[LevelCount]]
		slices.SortFunc(actions, func(a, b ActionID) int {
			return cmp.Or(cmp.Compare(levelOf(a), levelOf(b)), cmp.Compare(c.folded.at(int(a)), c.folded.at(int(b))))
		})
		for l := Level(1); l < LevelCount; l++ {
			ranges[l] = ranges[0] + ActionID(sort.Search(len(actions), func(i int) bool { return levelOf(actions[i]) >= l }))
		}
	}
	return order
}

func pick[T any](column []T, order []ActionID) []T {
	out := make([]T, len(order))
	for i, a := range order {
		out[i] = column[a]
	}
	return out
}

// pick returns the names in another order.
func (n *names) pick(order []ActionID) names {
	text := make([]byte, 0, len(n.text))
	ends := make([]uint32, len(order))
	for i, a := range order {
		text = append(text, n.at(int(a))...)
		ends[i] = uint32(len(text))
	}
	return names{text: string(text), ends: ends}
}

// pick returns the set in another order.
func (s Set) pick(order []ActionID) Set {
	if s == nil {
		return nil
	}
	out := make(Set, len(s))
	for i, a := range order {
		if s.Has(a) {
			out.Add(ActionID(i))
		}
	}
	return out
}

// renumber returns the sets, of actions, with the numbers of another order.
func (s *sets) renumber(order []ActionID) sets {
	number := make([]uint16, len(order))
	for i, a := range order {
		number[a] = uint16(i)
	}
	out := sets{elements: make([]uint16, len(s.elements)), ends: s.ends}
	for i, a := range s.elements {
		out.elements[i] = number[a]
	}
	for i := range s.len() {
		slices.Sort(out.at(uint16(i)))
	}
	return out
}
