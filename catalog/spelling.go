package catalog

import (
	"slices"
	"strings"
)

// spelling is the full names of a service's actions, sorted, which all lie in one
// block of memory, and the place of each action among them.
type spelling struct {
	names []string
	ranks []ActionID // by ActionID less the service's first
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
	return c.AppendNames(make([]string, 0, n), set)
}

// AppendNames appends the names that [Catalog.Names] returns.
func (c *Catalog) AppendNames(out []string, set Set) []string {
	var room [32]uint64
	for a, ok := set.next(0); ok; {
		levels, spelled := &c.services[c.serviceOf[a]].levels, c.spell(c.serviceOf[a])
		first, end := levels[0], levels[LevelCount]
		if set.CountRange(a, end) == len(spelled.names) {
			out = append(out, spelled.names...)
		} else {
			// A bit for each rank sorts them.
			ranks := Set(append(room[:0], make([]uint64, len(spelled.names)/wordBits+1)...))
			for a := range set.AllIn(a, end) {
				ranks.Add(spelled.ranks[a-first])
			}
			for rank := range ranks.All() {
				out = append(out, spelled.names[rank])
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
	return slices.Clip(c.AppendNames(make([]string, 0, c.Len()), all))
}

// spell returns a service's spelling. Most callers ask for few services, again and
// again: it is made when it is first asked for, and kept.
func (c *Catalog) spell(s ServiceID) *spelling {
	if known := c.spellings[s].Load(); known != nil {
		return known
	}
	levels, prefix := &c.services[s].levels, c.prefixes.at(int(s))
	var ids []ActionID
	size := 0
	for a := levels[0]; a < levels[LevelCount]; a++ {
		ids = append(ids, a)
		size += len(prefix) + 1 + len(c.ActionName(a))
	}
	slices.SortFunc(ids, func(a, b ActionID) int { return strings.Compare(c.ActionName(a), c.ActionName(b)) })
	made := &spelling{ranks: make([]ActionID, len(ids))}
	var block strings.Builder
	block.Grow(size)
	for rank, a := range ids {
		made.ranks[a-levels[0]] = ActionID(rank)
		start := block.Len()
		block.WriteString(prefix)
		block.WriteByte(':')
		block.WriteString(c.ActionName(a))
		made.names = append(made.names, block.String()[start:])
	}
	c.spellings[s].Store(made)
	return made
}
