package escalation

import "slices"

// matcher finds the ways that lead to a node.
type matcher struct {
	graph *Graph
	index *index
	// byReach holds the ways by the narrowest of their reaches, free those
	// that have none.
	byReach [][]WayID
	free    []WayID

	// asked and contains remember which reaches contain the node at hand, in
	// round after round; seen are the reaches whose ways were looked at.
	round       int32
	asked, seen []int32
	contains    []bool
	found       []found
}

// found is a way that leads to a node, and by which option.
type found struct {
	way    WayID
	method Method
}

func newMatcher(g *Graph) *matcher {
	x, breadth := newIndex(g.reaches)
	m := &matcher{
		graph: g, index: x, byReach: make([][]WayID, len(g.reaches)),
		asked: make([]int32, len(g.reaches)), seen: make([]int32, len(g.reaches)), contains: make([]bool, len(g.reaches)),
	}
	for i := range g.ways {
		narrowest := reachID(0)
		for _, id := range g.ways[i].reaches {
			if id != 0 && (narrowest == 0 || breadth[id] < breadth[narrowest]) {
				narrowest = id
			}
		}
		if narrowest == 0 {
			m.free = append(m.free, WayID(i))
			continue
		}
		m.byReach[narrowest] = append(m.byReach[narrowest], WayID(i))
	}
	return m
}

// match returns the ways that lead to a node, of those that are asked for, by
// method. The slice is the matcher's.
func (m *matcher) match(n NodeID, wanted func(WayID) bool) []found {
	m.found = m.found[:0]
	m.round++
	target := &m.graph.nodes[n]
	if target.Labels == (Labels{}) {
		return nil
	}
	m.collect(m.free, target, wanted)
	m.index.candidates(target.ARN, func(id reachID) {
		if m.seen[id] != m.round {
			m.seen[id] = m.round
			m.collect(m.byReach[id], target, wanted)
		}
	})
	slices.SortFunc(m.found, func(a, b found) int {
		if a.method != b.method {
			return int(a.method) - int(b.method)
		}
		return int(a.way - b.way)
	})
	return m.found
}

func (m *matcher) collect(ways []WayID, target *Node, wanted func(WayID) bool) {
	for _, id := range ways {
		if !wanted(id) {
			continue
		}
		w := &m.graph.ways[id]
		if o := fits(m.graph.menus[w.menu], target.Labels); o >= 0 && m.leads(w, target) {
			m.found = append(m.found, found{way: id, method: m.graph.menus[w.menu][o].Method})
		}
	}
}

// fits returns the first option whose labels are all there, or -1.
func fits(menu []Option, labels Labels) int {
	return slices.IndexFunc(menu, func(o Option) bool { return labels.Has(o.Labels) })
}

// leads reports whether the reaches of a way lead to a node.
func (m *matcher) leads(w *way, target *Node) bool {
	for _, id := range w.reaches {
		if id != 0 && !m.within(id, target.ARN) {
			return false
		}
	}
	return w.carried == 0 || slices.ContainsFunc(target.Carries, m.graph.reaches[w.carried].Contains)
}

// within asks a reach once per node.
func (m *matcher) within(id reachID, arn string) bool {
	if m.asked[id] != m.round {
		m.asked[id], m.contains[id] = m.round, m.graph.reaches[id].Contains(arn)
	}
	return m.contains[id]
}
