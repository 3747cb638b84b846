package escalation

import "slices"

// matcher finds the ways that lead to a node.
type matcher struct {
	graph *Graph
	index *index
	// byReach holds the ways by the narrowest of their reaches; under 0 are those
	// that have none.
	byReach   [][]WayID
	narrowest []reachID // of each way

	// asked and contains remember which reaches contain the node at hand, in
	// round after round; seen are the reaches whose ways were looked at.
	round       int32
	asked, seen []int32
	contains    []bool
	// chosen remembers in the same way which option of each menu fits the node.
	chose  []int32
	chosen []int
	open   map[Labels]bool // whether any menu fits
	found  []found
}

// found is a way that leads to a node, and by which option.
type found struct {
	way    WayID
	method Method
}

func newMatcher(g *Graph) *matcher {
	x, breadth := newIndex(g.reaches)
	m := &matcher{
		graph: g, index: x, byReach: make([][]WayID, len(g.reaches)), narrowest: make([]reachID, len(g.ways)),
		asked: make([]int32, len(g.reaches)), seen: make([]int32, len(g.reaches)), contains: make([]bool, len(g.reaches)),
		chose: make([]int32, len(g.menus)), chosen: make([]int, len(g.menus)), open: make(map[Labels]bool),
	}
	for i := range g.ways {
		narrowest := reachID(0)
		for _, id := range g.ways[i].reaches {
			if id != 0 && (narrowest == 0 || breadth[id] < breadth[narrowest]) {
				narrowest = id
			}
		}
		m.narrowest[i] = narrowest
		m.byReach[narrowest] = append(m.byReach[narrowest], WayID(i))
	}
	return m
}

// drop takes out a way that is not asked for again.
func (m *matcher) drop(w WayID) {
	ways := &m.byReach[m.narrowest[w]]
	if i := slices.Index(*ways, w); i >= 0 {
		*ways = slices.Delete(*ways, i, i+1)
	}
	if len(*ways) == 0 {
		m.index.drop(m.narrowest[w])
	}
}

// match returns the ways that lead to a node and are wanted, in no order. The
// slice is the matcher's.
func (m *matcher) match(n NodeID, wanted func(WayID) bool) []found {
	m.found = m.found[:0]
	m.round++
	target := &m.graph.nodes[n]
	if !m.isOpen(target.Labels) {
		return nil
	}
	m.collect(m.byReach[0], target, wanted)
	m.index.candidates(target.ARN, func(id reachID) {
		if len(m.byReach[id]) > 0 && m.seen[id] != m.round {
			m.seen[id] = m.round
			m.collect(m.byReach[id], target, wanted)
		}
	})
	return m.found
}

func (m *matcher) collect(ways []WayID, target *Node, wanted func(WayID) bool) {
	for _, id := range ways {
		if !wanted(id) {
			continue
		}
		w := &m.graph.ways[id]
		if o := m.choose(w.menu, target.Labels); o >= 0 && m.leads(w, target) {
			m.found = append(m.found, found{way: id, method: m.graph.menus[w.menu][o].Method})
		}
	}
}

// isOpen reports whether there is an option for nodes with some labels.
func (m *matcher) isOpen(labels Labels) bool {
	open, known := m.open[labels]
	if !known {
		open = labels != (Labels{}) && slices.ContainsFunc(m.graph.menus, func(menu []Option) bool { return fits(menu, labels) >= 0 })
		m.open[labels] = open
	}
	return open
}

// choose looks at a menu once per node.
func (m *matcher) choose(id menuID, labels Labels) int {
	if m.chose[id] != m.round {
		m.chose[id], m.chosen[id] = m.round, fits(m.graph.menus[id], labels)
	}
	return m.chosen[id]
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
