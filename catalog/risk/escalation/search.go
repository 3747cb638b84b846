package escalation

import (
	"cmp"
	"slices"
)

// Hop is one step of a path.
type Hop struct {
	From, To NodeID
	Method   Method
	// Raises says that the step ends the path: From makes To, which may be
	// itself, an administrator; or something that there is not yet, where it is
	// itself too.
	Raises bool
}

// Paths are the shortest paths from every node of a graph to the goal.
type Paths struct {
	graph    *Graph
	hops     []Hop // the first of each node
	distance []int32
}

// Distance returns the number of steps from a node to the goal, or NoGoal.
func (p *Paths) Distance(n NodeID) int { return int(p.distance[n]) }

// From returns the steps from a node to the goal. They end at an administrator,
// after a step that raises, or at a node with a Goal from elsewhere. There are
// none where the node is one of these itself, or has no path.
func (p *Paths) From(n NodeID) []Hop {
	var hops []Hop
	for p.distance[n] > 0 && p.graph.nodes[n].Goal != int(p.distance[n]) {
		hop := p.hops[n]
		hops = append(hops, hop)
		if hop.Raises {
			break
		}
		n = hop.To
	}
	return hops
}

// search is one breadth-first search, level by level away from the goal. Nodes
// of one level are taken in the order of their ARNs, so that of several shortest
// paths the same one is found whatever the order in which they were added.
type search struct {
	*Paths
	matcher   *matcher
	audiences audiences
	rank      []int32
	members   [][]NodeID // of each way: those not found yet
	into      [][]edge   // edges by where they lead
	next      []NodeID   // found at the level in the making
}

// Search finds the shortest path from every node to the goal. Among paths of
// equal length it prefers making oneself an administrator over becoming one, and
// that over making an administrator of another, and this over making another first.
func (g *Graph) Search() *Paths {
	s := &search{
		Paths:   &Paths{graph: g, hops: make([]Hop, len(g.nodes)), distance: make([]int32, len(g.nodes))},
		matcher: newMatcher(g), audiences: audiences{nodes: g.nodes, known: make(map[*Audience][]uint64)},
		rank: make([]int32, len(g.nodes)), members: make([][]NodeID, len(g.ways)), into: make([][]edge, len(g.nodes)),
	}
	for i := range s.distance {
		s.distance[i] = NoGoal
	}
	for i := range g.ways {
		s.members[i] = slices.Clone(g.ways[i].members)
	}
	order := g.order()
	for rank, n := range order {
		s.rank[n] = int32(rank)
	}
	s.fileEdges()
	s.run(order)
	return s.Paths
}

// order returns the nodes by ARN and variant.
func (g *Graph) order() []NodeID {
	order := make([]NodeID, len(g.nodes))
	for i := range order {
		order[i] = NodeID(i)
	}
	slices.SortFunc(order, func(a, b NodeID) int {
		x, y := &g.nodes[a], &g.nodes[b]
		return cmp.Or(cmp.Compare(x.ARN, y.ARN), cmp.Compare(x.Variant, y.Variant))
	})
	return order
}

func (s *search) fileEdges() {
	for _, e := range s.graph.edges {
		s.into[e.to] = append(s.into[e.to], e)
	}
	for _, edges := range s.into {
		slices.SortFunc(edges, func(a, b edge) int { return cmp.Compare(a.method, b.method) })
	}
}

// seeds returns the nodes that are at the goal or know how far it is, by
// distance.
func (s *search) seeds(order []NodeID) [][]NodeID {
	seeds := make([][]NodeID, 1)
	for _, n := range order {
		goal := s.graph.nodes[n].Goal
		for goal >= len(seeds) {
			seeds = append(seeds, nil)
		}
		if goal >= 0 {
			seeds[goal] = append(seeds[goal], n)
		}
	}
	return seeds
}

func (s *search) run(order []NodeID) {
	seeds := s.seeds(order)
	for level := 0; level < len(seeds) || len(s.next) > 0; level++ {
		frontier := s.next
		s.next = nil
		if level < len(seeds) {
			for _, n := range seeds[level] {
				if s.distance[n] == NoGoal {
					s.distance[n] = int32(level)
					frontier = append(frontier, n)
				}
			}
		}
		slices.SortFunc(frontier, func(a, b NodeID) int { return cmp.Compare(s.rank[a], s.rank[b]) })
		if level == 0 {
			s.raiseThemselves(order)
		}
		for _, n := range frontier {
			s.expand(n, level+1)
		}
		if level == 0 {
			s.raiseOthers(order)
			s.makeOthers()
		}
	}
}

// raiseThemselves finds the nodes that make themselves administrators.
func (s *search) raiseThemselves(order []NodeID) {
	for _, n := range order {
		for _, e := range s.into[n] {
			if e.raises && e.from == n {
				s.visit(Hop{From: n, To: n, Method: e.method, Raises: true}, 1)
			}
		}
	}
}

// raiseOthers finds the nodes that become others that they make administrators.
func (s *search) raiseOthers(order []NodeID) {
	ways := slices.ContainsFunc(s.graph.ways, func(w way) bool { return w.effect == Raises })
	for _, n := range order {
		for _, e := range s.into[n] {
			if e.raises {
				s.visit(Hop{From: e.from, To: n, Method: e.method, Raises: true}, 1)
			}
		}
		if ways {
			s.follow(n, Raises, 1)
		}
	}
}

// makeOthers finds the nodes that make administrators.
func (s *search) makeOthers() {
	makes := slices.Clone(s.graph.makes)
	slices.SortFunc(makes, func(a, b edge) int { return cmp.Compare(a.method, b.method) })
	for _, e := range makes {
		s.visit(Hop{From: e.from, To: e.to, Method: e.method, Raises: true}, 1)
	}
}

// visit notes the first step of a node that was not found before.
func (s *search) visit(hop Hop, distance int) {
	if s.distance[hop.From] != NoGoal {
		return
	}
	s.distance[hop.From] = int32(distance)
	s.hops[hop.From] = hop
	s.next = append(s.next, hop.From)
}

// expand finds whoever can become a node.
func (s *search) expand(to NodeID, distance int) {
	for _, e := range s.into[to] {
		if !e.raises {
			s.visit(Hop{From: e.from, To: to, Method: e.method}, distance)
		}
	}
	s.follow(to, Becomes, distance)
}

// follow finds the members of the ways that lead to a node.
func (s *search) follow(to NodeID, effect Effect, distance int) {
	ways := s.matcher.match(to, func(w WayID) bool { return s.graph.ways[w].effect == effect })
	slices.SortFunc(ways, func(a, b found) int { return cmp.Or(cmp.Compare(a.method, b.method), cmp.Compare(a.way, b.way)) })
	for _, f := range ways {
		audience := s.graph.nodes[to].Audience
		if !s.graph.ways[f.way].audience {
			audience = nil
		}
		s.members[f.way] = slices.DeleteFunc(s.members[f.way], func(n NodeID) bool {
			if n != to && s.audiences.admits(audience, n) {
				s.visit(Hop{From: n, To: to, Method: f.method, Raises: effect == Raises}, distance)
			}
			return s.distance[n] != NoGoal
		})
		if len(s.members[f.way]) == 0 {
			s.matcher.drop(f.way)
		}
	}
}
