package policy

import (
	"slices"

	"github.com/leastwise/leastwise/catalog"
)

// analyzer is the working memory of Analyze: sets that are empty between calls.
type analyzer struct {
	actions, excepted            catalog.Set
	exact, prefix, service, full catalog.Set
	// reached marks the resource types that the patterns of a statement cover in
	// every account, a bit each.
	reached  []uint64
	services []catalog.ServiceID // those with a bit in reached
	extents  []catalog.Extent
	ends     []int // where the extents of each pattern end
	at       []uint16
	words    []uint64
}

func newAnalyzer(c *catalog.Catalog) *analyzer {
	_, types := c.TypeRange(catalog.ServiceID(c.Services() - 1))
	return &analyzer{
		actions: c.NewSet(), excepted: c.NewSet(),
		exact: c.NewSet(), prefix: c.NewSet(), service: c.NewSet(), full: c.NewSet(),
		reached: make([]uint64, int(types)/64+1),
	}
}

// clause makes the clause of a statement. Action patterns that match nothing are
// added to unknown.
func (n *analyzer) clause(c *catalog.Catalog, doc *Document, index int, unknown []string) (clause, []string) {
	s := &doc.Statements[index]
	out := clause{
		statement: s, index: index, width: widthOf(s), grade: s.Grade(),
		sometimes: s.Conditions != nil || s.Effect == Deny && !forEveryone(s),
	}
	if p := s.Personal(); s.Effect == Deny && p.Depends() {
		out.personal = &p
	}
	unknown = n.match(c, s, unknown)
	switch out.width {
	case named:
		n.patterns(c, &out, s.Resources, doc.Version == variablesVersion)
	case allBut:
		n.patterns(c, &out, s.NotResources, doc.Version == variablesVersion)
	}
	n.settle(&out)
	n.owned(c, &out, s.Resources)
	return out, unknown
}

// variablesVersion is the version of the policy language that has policy variables.
const variablesVersion = "2012-10-17"

// match collects the actions that a statement names.
func (n *analyzer) match(c *catalog.Catalog, s *Statement, unknown []string) []string {
	add := func(set catalog.Set, patterns []string) {
		for _, pattern := range patterns {
			if c.AddMatches(set, pattern) == 0 {
				unknown = append(unknown, pattern)
			}
		}
	}
	if len(s.NotActions) > 0 {
		add(n.excepted, s.NotActions)
		complement(n.actions, n.excepted, c.Len())
		n.excepted.Clear()
	}
	add(n.actions, s.Actions)
	return unknown
}

// patterns compiles the resource patterns of a statement and collects what they
// reach in n's sets.
func (n *analyzer) patterns(c *catalog.Catalog, out *clause, resources []string, variables bool) {
	out.patterns = make([]pattern, len(resources))
	n.extents, n.ends = n.extents[:0], n.ends[:0]
	for i, resource := range resources {
		p := &out.patterns[i]
		first := len(n.extents)
		*p, n.extents = compile(c, resource, variables, n.extents)
		n.ends = append(n.ends, len(n.extents))
		for _, extent := range n.extents[first:] {
			n.reach(c, extent, p.literal)
		}
	}
	kept := slices.Clone(n.extents)
	first := 0
	for i, end := range n.ends {
		out.patterns[i].extents = kept[first:end:end]
		first = end
	}
	n.fill(c)
}

// reach adds the actions of a resource type that a pattern reaches.
func (n *analyzer) reach(c *catalog.Catalog, extent catalog.Extent, literal bool) {
	first, words := c.TypeActions(extent.Type)
	for i, w := range words {
		at := first + i
		n.exact[at] |= w
		if !literal {
			n.prefix[at] |= w
		}
		if extent.Whole && !literal {
			n.service[at] |= w
		}
	}
	if !extent.Every {
		return
	}
	if n.reached[extent.Type/64]&(1<<(extent.Type%64)) == 0 {
		n.reached[extent.Type/64] |= 1 << (extent.Type % 64)
		if service := c.TypeService(extent.Type); !slices.Contains(n.services, service) {
			n.services = append(n.services, service)
		}
	}
}

// fill collects in n.full the actions all of whose types are reached in every
// account, and empties reached.
func (n *analyzer) fill(c *catalog.Catalog) {
	for _, service := range n.services {
		first, end := c.TypeRange(service)
		for t := first; t < end; t++ {
			if n.reached[t/64]&(1<<(t%64)) != 0 {
				at, words := c.TypeActions(t)
				for i, w := range words {
					n.full[at+i] |= w
				}
			}
		}
		for t := first; t < end; t++ {
			if n.reached[t/64]&(1<<(t%64)) == 0 {
				at, words := c.TypeActions(t)
				for i, w := range words {
					n.full[at+i] &^= w
				}
			}
		}
	}
	for _, service := range n.services {
		first, end := c.TypeRange(service)
		clear(n.reached[first/64 : (end-1)/64+1])
	}
	n.services = n.services[:0]
}

// settle moves what was collected into a clause.
func (n *analyzer) settle(out *clause) {
	n.at, n.words = n.at[:0], n.words[:0]
	for i, w := range n.actions {
		if w != 0 {
			n.at, n.words = append(n.at, uint16(i)), append(n.words, w)
			n.actions[i] = 0
		}
	}
	planes := 1
	if out.patterns != nil {
		planes = 5
	}
	count := len(n.at)
	at := append(make([]uint16, 0, count), n.at...)
	block := append(make([]uint64, 0, count*planes), n.words...)
	out.actions = sparse{at: at, words: block[:count:count]}
	if out.patterns == nil {
		return
	}
	for _, plane := range []struct {
		from catalog.Set
		to   *[]uint64
	}{{n.exact, &out.exact}, {n.prefix, &out.prefix}, {n.service, &out.service}, {n.full, &out.full}} {
		start := len(block)
		for i, word := range at {
			block = append(block, plane.from[word]&out.actions.words[i])
		}
		*plane.to = block[start:len(block):len(block)]
		plane.from.Clear()
	}
}
