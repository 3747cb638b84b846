package escalation

import (
	"encoding/binary"
	"slices"
)

// NodeID numbers nodes in the order in which they were added.
type NodeID int32

// WayID numbers ways in the order in which they were added.
type WayID int32

// Graph holds nodes and ways. It belongs to one goroutine.
type Graph struct {
	nodes   []Node
	edges   []edge
	makes   []edge
	ways    []way
	wayOf   map[wayKey]WayID
	menus   [][]Option
	menuOf  map[string]menuID
	reaches []Reach
	reachOf map[string]reachID
}

// reachID numbers reaches from 1; 0 is no reach.
type reachID int32

// menuID numbers lists of options.
type menuID int32

// wayKey is a Way in a form that can be compared.
type wayKey struct {
	menu     menuID
	reaches  [maxReaches]reachID
	carried  reachID
	audience bool
	effect   Effect
}

// way is a Way with its members.
type way struct {
	wayKey
	members []NodeID
}

// edge leads from one node to one other.
type edge struct {
	from, to NodeID
	method   Method
	raises   bool
}

// New returns an empty graph.
func New() *Graph {
	return &Graph{
		wayOf: make(map[wayKey]WayID), menuOf: make(map[string]menuID),
		reaches: make([]Reach, 1), reachOf: make(map[string]reachID),
	}
}

// AddNode adds a node.
func (g *Graph) AddNode(n Node) NodeID {
	g.nodes = append(g.nodes, n)
	return NodeID(len(g.nodes) - 1)
}

// Node returns a node, which must not be changed.
func (g *Graph) Node(n NodeID) *Node { return &g.nodes[n] }

// AddWay adds a way, and returns the same id for the same way.
func (g *Graph) AddWay(w Way) WayID {
	key := wayKey{menu: g.internMenu(w.Options), audience: w.Audience, effect: w.Effect}
	for i, r := range w.Reaches {
		key.reaches[i] = g.internReach(r)
	}
	if w.Carried != nil {
		key.carried = g.internReach(w.Carried)
	}
	id, known := g.wayOf[key]
	if !known {
		id = WayID(len(g.ways))
		g.ways = append(g.ways, way{wayKey: key})
		g.wayOf[key] = id
	}
	return id
}

func (g *Graph) internReach(r Reach) reachID {
	key := r.Key()
	id, known := g.reachOf[key]
	if !known {
		id = reachID(len(g.reaches))
		g.reaches = append(g.reaches, r)
		g.reachOf[key] = id
	}
	return id
}

func (g *Graph) internMenu(options []Option) menuID {
	options = slices.Clone(options)
	slices.SortStableFunc(options, func(a, b Option) int { return int(a.Method) - int(b.Method) })
	key := make([]byte, 0, (2+LabelCount/8)*len(options))
	for _, o := range options {
		key = binary.LittleEndian.AppendUint16(key, uint16(o.Method))
		for _, word := range o.Labels {
			key = binary.LittleEndian.AppendUint64(key, word)
		}
	}
	id, known := g.menuOf[string(key)]
	if !known {
		id = menuID(len(g.menus))
		g.menus = append(g.menus, options)
		g.menuOf[string(key)] = id
	}
	return id
}

// Join makes a node a member of a way.
func (g *Graph) Join(w WayID, n NodeID) {
	g.ways[w].members = append(g.ways[w].members, n)
}

// AddEdge adds a way from one node to one other, whatever its labels are.
func (g *Graph) AddEdge(from, to NodeID, method Method) {
	if from != to {
		g.edges = append(g.edges, edge{from: from, to: to, method: method})
	}
}

// AddRaise says that a node makes another an administrator while it becomes it,
// or itself, in one step.
func (g *Graph) AddRaise(from, to NodeID, method Method) {
	g.edges = append(g.edges, edge{from: from, to: to, method: method, raises: true})
}

// AddMake says that a node makes something that there is not yet, makes an
// administrator of it and becomes it, in one step.
func (g *Graph) AddMake(n NodeID, method Method) {
	g.makes = append(g.makes, edge{from: n, to: n, method: method, raises: true})
}

// leads reports whether a way leads to a node, whatever its options are.
func (g *Graph) leads(id WayID, target *Node) bool {
	w := &g.ways[id]
	if target.Labels == (Labels{}) {
		return false
	}
	for _, r := range w.reaches {
		if r != 0 && !g.reaches[r].Contains(target.ARN) {
			return false
		}
	}
	return w.carried == 0 || slices.ContainsFunc(target.Carries, g.reaches[w.carried].Contains)
}
