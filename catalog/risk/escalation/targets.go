package escalation

import "slices"

// Targets says which nodes a way leads to.
type Targets struct {
	graph     *Graph
	audiences audiences
	of        [][]targets // by way
	more      []bool      // by way: counting was given up
	from      [][]edge    // edges by where they begin
}

// targets are the nodes that one option of a way leads to.
type targets struct {
	option     uint16
	count      int32
	first      []NodeID // in the order of their ARNs
	restricted []NodeID // those with an audience, which count does not hold
}

// The bounds of counting. A way is always counted up to manyTargets. Beyond
// that it is counted only until all ways together have led to targetBudget
// nodes, which takes about a second: an account of 10,000 principals has to
// have more than 500 distinct ways of which each leads to everyone.
const (
	keptTargets  = 10
	manyTargets  = 1000
	targetBudget = 5_000_000
)

// Targets counts the nodes that the ways lead to, those that raise left out.
func (g *Graph) Targets() *Targets {
	t := &Targets{
		graph: g, audiences: audiences{nodes: g.nodes, known: make(map[*Audience][]uint64)},
		of: make([][]targets, len(g.ways)), more: make([]bool, len(g.ways)), from: make([][]edge, len(g.nodes)),
	}
	m, sum, budget := newMatcher(g), make([]int32, len(g.ways)), targetBudget
	wanted := func(w WayID) bool {
		if budget < 0 && sum[w] >= manyTargets {
			t.more[w] = true
		}
		return !g.ways[w].raises && !t.more[w]
	}
	for _, n := range g.order() {
		for _, f := range m.match(n, wanted) {
			sum[f.way]++
			budget--
			t.add(f.way, n)
		}
	}
	for _, e := range g.edges {
		t.from[e.from] = append(t.from[e.from], e)
	}
	return t
}

// add notes a node under every option of a way that fits it.
func (t *Targets) add(w WayID, n NodeID) {
	node, way := &t.graph.nodes[n], &t.graph.ways[w]
	for i, o := range t.graph.menus[way.menu] {
		if !node.Labels.Has(o.Labels) {
			continue
		}
		found := t.option(w, uint16(i))
		switch {
		case way.audience && node.Audience != nil:
			found.restricted = append(found.restricted, n)
		case len(found.first) <= keptTargets: // one more, which may be the one who asks
			found.first = append(found.first, n)
			found.count++
		default:
			found.count++
		}
	}
}

func (t *Targets) option(w WayID, option uint16) *targets {
	i := slices.IndexFunc(t.of[w], func(x targets) bool { return x.option == option })
	if i < 0 {
		i = len(t.of[w])
		t.of[w] = append(t.of[w], targets{option: option})
	}
	return &t.of[w][i]
}
