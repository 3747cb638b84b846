package catalog

import (
	"slices"
	"strings"
)

// spelling is a service's actions in the order of their names, with their full
// names, which all lie in one block of memory.
type spelling struct {
	ids   []ActionID
	names []string
}

// FullName returns the name of a as it stands in a policy, "s3:GetObject".
func (c *Catalog) FullName(a ActionID) string {
	return c.prefixes.at(int(c.serviceOf[a])) + ":" + c.actionNames.at(int(a))
}

// Names returns the full names of the actions of a set, by service, then by name.
// Where the set has every action, the list is the catalog's own and must not be
// changed: a copy of it would take longer than all else that is asked of a catalog.
func (c *Catalog) Names(set Set) []string {
	n := set.Count()
	if n == c.Len() {
		return c.everyName()
	}
	return c.spellOut(make([]string, 0, n), set)
}

// spellOut appends the full names of a set.
func (c *Catalog) spellOut(out []string, set Set) []string {
	for a, ok := set.next(0); ok; {
		service := c.serviceOf[a]
		spelled, end := c.spell(service), c.services[service].levels[LevelCount]
		if set.CountRange(a, end) == len(spelled.ids) {
			out = append(out, spelled.names...)
		} else {
			for i, id := range spelled.ids {
				if set.Has(id) {
					out = append(out, spelled.names[i])
				}
			}
		}
		a, ok = set.next(end)
	}
	return out
}

// spellEverything returns the full names of all actions, with no room behind them.
func (c *Catalog) spellEverything() []string {
	all := c.NewSet()
	all.AddRange(0, ActionID(c.Len()))
	return slices.Clip(c.spellOut(make([]string, 0, c.Len()), all))
}

// spell returns a service's spelling. Most callers ask for few services, again and
// again: it is made when it is first asked for, and kept.
func (c *Catalog) spell(s ServiceID) *spelling {
	if known := c.spellings[s].Load(); known != nil {
		return known
	}
	levels, prefix := &c.services[s].levels, c.prefixes.at(int(s))
	made := &spelling{}
	size := 0
	for a := levels[0]; a < levels[LevelCount]; a++ {
		made.ids = append(made.ids, a)
		size += len(prefix) + 1 + len(c.ActionName(a))
	}
	slices.SortFunc(made.ids, func(a, b ActionID) int { return strings.Compare(c.ActionName(a), c.ActionName(b)) })
	var block strings.Builder
	block.Grow(size)
	for _, a := range made.ids {
		start := block.Len()
		block.WriteString(prefix)
		block.WriteByte(':')
		block.WriteString(c.ActionName(a))
		made.names = append(made.names, block.String()[start:])
	}
	c.spellings[s].Store(made)
	return made
}
