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
func (c *Catalog) Names(set Set) []string {
	out := make([]string, 0, set.Count())
	for s := range c.services {
		levels := &c.services[s].levels
		n := set.CountRange(levels[0], levels[LevelCount])
		if n == 0 {
			continue
		}
		spelled := c.spell(ServiceID(s))
		if n == len(spelled.ids) {
			out = append(out, spelled.names...)
			continue
		}
		for i, a := range spelled.ids {
			if set.Has(a) {
				out = append(out, spelled.names[i])
			}
		}
	}
	return out
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
