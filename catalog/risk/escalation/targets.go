package escalation

import (
	"cmp"
	"slices"
)

// Targets says which nodes a way leads to.
type Targets struct {
	graph     *Graph
	audiences audiences
	rank      []int32
	of        [][]targets // by way
	more      []bool      // by way: counting was given up
	from      [][]edge    // edges by where they begin
	joined    [][]WayID   // ways by member
}

// Found are the nodes that one node can become by one method.
type Found struct {
	// First are the first of them in the order of their ARNs, at most ten.
	First []NodeID
	Count int
	// More says that there may be more than Count.
	More bool
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
// have more than 200 distinct ways of which each leads to everyone.
const (
	keptTargets  = 10
	manyTargets  = 100
	targetBudget = 2_000_000
)

// Targets counts the nodes that the ways lead to.
func (g *Graph) Targets() *Targets {
	t := &Targets{
		graph: g, audiences: audiences{nodes: g.nodes, known: make(map[*Audience][]uint64)},
		of: make([][]targets, len(g.ways)), more: make([]bool, len(g.ways)),
		rank: make([]int32, len(g.nodes)), from: make([][]edge, len(g.nodes)), joined: make([][]WayID, len(g.nodes)),
	}
	m, sum, budget := newMatcher(g), make([]int32, len(g.ways)), targetBudget
	for rank, n := range g.order() {
		t.rank[n] = int32(rank)
		for _, f := range m.match(n, func(WayID) bool { return true }) {
			if budget < 0 && sum[f.way] >= manyTargets {
				t.more[f.way] = true
				m.drop(f.way)
				continue
			}
			sum[f.way]++
			budget--
			t.add(f.way, n)
		}
	}
	for _, e := range g.edges {
		t.from[e.from] = append(t.from[e.from], e)
	}
	for w := range g.ways {
		for _, n := range g.ways[w].members {
			t.joined[n] = append(t.joined[n], WayID(w))
		}
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

// Of returns the nodes that a node can become by a method: on its ways, where
// two of which do not lead to the same node, and along its edges to others.
func (t *Targets) Of(n NodeID, method Method) Found {
	var all Found
	for _, w := range t.joined[n] {
		menu := t.graph.menus[t.graph.ways[w].menu]
		for _, x := range t.of[w] {
			if menu[x.option].Method == method {
				t.collect(&all, n, w, &x)
			}
		}
		all.More = all.More || t.more[w]
	}
	for _, e := range t.from[n] {
		if e.method == method && t.graph.nodes[e.to].ARN != t.graph.nodes[n].ARN && !t.onWay(n, e.to, method) {
			all.First = append(all.First, e.to)
			all.Count++
		}
	}
	slices.SortFunc(all.First, func(a, b NodeID) int { return cmp.Compare(t.rank[a], t.rank[b]) })
	all.First = slices.Compact(all.First)
	all.First = all.First[:min(len(all.First), keptTargets)]
	return all
}

// collect adds what one option of a way leads to. The one who asks is among it
// only where nobody is to be become.
func (t *Targets) collect(all *Found, n NodeID, w WayID, x *targets) {
	itself := t.graph.ways[w].effect == Counts
	all.Count += int(x.count)
	for _, to := range x.first {
		if to != n || itself {
			all.First = append(all.First, to)
		}
	}
	if node := &t.graph.nodes[n]; !itself && (node.Audience == nil || !t.graph.ways[w].audience) {
		if node.Labels.Has(t.graph.menus[t.graph.ways[w].menu][x.option].Labels) && t.graph.leads(w, node) {
			all.Count--
		}
	}
	for _, to := range x.restricted {
		if (to != n || itself) && t.audiences.admits(t.graph.nodes[to].Audience, n) {
			all.First = append(all.First, to)
			all.Count++
		}
	}
}

// onWay reports whether a way of a node leads to another by a method.
func (t *Targets) onWay(n, to NodeID, method Method) bool {
	node := &t.graph.nodes[to]
	return slices.ContainsFunc(t.joined[n], func(id WayID) bool {
		w := &t.graph.ways[id]
		return (!w.audience || t.audiences.admits(node.Audience, n)) &&
			slices.ContainsFunc(t.graph.menus[w.menu], func(o Option) bool { return o.Method == method && node.Labels.Has(o.Labels) }) &&
			t.graph.leads(id, node)
	})
}
