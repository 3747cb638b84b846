package escalation_test

import (
	"path"
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog/risk/escalation"
)

// patterns is a Reach of what one of the allowed patterns matches and none of
// the denied ones.
type patterns struct{ allowed, denied []string }

func (p patterns) Contains(arn string) bool {
	return anyMatch(p.allowed, arn) && !anyMatch(p.denied, arn)
}

func (p patterns) Key() string {
	return strings.Join(p.allowed, " ") + "!" + strings.Join(p.denied, " ")
}

func (p patterns) AppendPatterns(dst []string) []string { return append(dst, p.allowed...) }

func to(allowed ...string) patterns { return patterns{allowed: allowed} }

func (p patterns) but(denied ...string) patterns { return patterns{allowed: p.allowed, denied: denied} }

func anyMatch(list []string, arn string) bool {
	return slices.ContainsFunc(list, func(p string) bool { return glob(p, arn) })
}

// glob uses the standard library's matcher, which stops at "/": there is none
// left in what it sees.
func glob(pattern, s string) bool {
	ok, err := path.Match(strings.ReplaceAll(pattern, "/", "|"), strings.ReplaceAll(s, "/", "|"))
	return ok && err == nil
}

// world is what a graph is built from, in plain lists.
type world struct {
	nodes  []escalation.Node
	ways   []escalation.Way
	joins  [][]int // by way: members
	edges  [][3]int
	raises [][3]int
	makes  [][2]int
}

// build adds everything in an order, and returns the ids of the nodes.
func (w *world) build(order func(n int) []int) (*escalation.Graph, []escalation.NodeID) {
	g := escalation.New()
	ids := make([]escalation.NodeID, len(w.nodes))
	for _, i := range order(len(w.nodes)) {
		ids[i] = g.AddNode(w.nodes[i])
	}
	for _, i := range order(len(w.ways)) {
		id := g.AddWay(w.ways[i])
		for _, j := range order(len(w.joins[i])) {
			g.Join(id, ids[w.joins[i][j]])
		}
	}
	for _, i := range order(len(w.edges)) {
		e := w.edges[i]
		g.AddEdge(ids[e[0]], ids[e[1]], escalation.Method(e[2]))
	}
	for _, i := range order(len(w.raises)) {
		r := w.raises[i]
		g.AddRaise(ids[r[0]], ids[r[1]], escalation.Method(r[2]))
	}
	for _, i := range order(len(w.makes)) {
		g.AddMake(ids[w.makes[i][0]], escalation.Method(w.makes[i][1]))
	}
	return g, ids
}

func inOrder(n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	return order
}

// can reports by which methods node u becomes node v, and by which it does so
// while it makes it an administrator.
func (w *world) can(u, v int) (becomes, raises []int) {
	from, to := &w.nodes[u], &w.nodes[v]
	for _, e := range w.edges {
		if e[0] == u && e[1] == v && u != v {
			becomes = append(becomes, e[2])
		}
	}
	for _, r := range w.raises {
		if r[0] == u && r[1] == v {
			raises = append(raises, r[2])
		}
	}
	for _, m := range w.makes {
		if m[0] == u && u == v {
			raises = append(raises, m[1])
		}
	}
	for i, way := range w.ways {
		if u == v || !slices.Contains(w.joins[i], u) || to.Labels == (escalation.Labels{}) || !leads(&way, to) || way.Audience && !admits(to.Audience, from.ARN) {
			continue
		}
		for _, o := range way.Options {
			switch {
			case !to.Labels.Has(o.Labels):
			case way.Effect == escalation.Raises:
				raises = append(raises, int(o.Method))
			case way.Effect == escalation.Becomes:
				becomes = append(becomes, int(o.Method))
			}
		}
	}
	return becomes, raises
}

func leads(way *escalation.Way, to *escalation.Node) bool {
	for _, r := range way.Reaches {
		if !r.Contains(to.ARN) {
			return false
		}
	}
	return way.Carried == nil || slices.ContainsFunc(to.Carries, way.Carried.Contains)
}

func admits(a *escalation.Audience, arn string) bool {
	if a == nil {
		return true
	}
	for _, list := range a.Only {
		if !anyMatch(list, arn) {
			return false
		}
	}
	return !slices.Contains(a.Except, arn)
}

// distances looks at every pair again and again until nothing gets shorter.
func (w *world) distances() []int {
	distance := make([]int, len(w.nodes))
	for i := range w.nodes {
		distance[i] = w.nodes[i].Goal
	}
	for changed := true; changed; {
		changed = false
		shorten := func(u, d int) {
			if distance[u] == escalation.NoGoal || d < distance[u] {
				distance[u], changed = d, true
			}
		}
		for u := range w.nodes {
			for v := range w.nodes {
				becomes, raises := w.can(u, v)
				if len(raises) > 0 {
					shorten(u, 1)
				}
				if len(becomes) > 0 && distance[v] != escalation.NoGoal {
					shorten(u, 1+distance[v])
				}
			}
		}
	}
	return distance
}

// targets returns the ARNs that node u can become by a method, sorted.
func (w *world) targets(u, method int) []string {
	found := []string{}
	for v := range w.nodes {
		methods, raises := w.can(u, v)
		if u != v && (slices.Contains(methods, method) || slices.Contains(raises, method)) || w.counts(u, v, method) {
			found = append(found, w.nodes[v].ARN)
		}
	}
	slices.Sort(found)
	return found
}

// counts reports whether a way that only counts leads from u to v.
func (w *world) counts(u, v, method int) bool {
	from, to := &w.nodes[u], &w.nodes[v]
	for i, way := range w.ways {
		if way.Effect != escalation.Counts || !slices.Contains(w.joins[i], u) || to.Labels == (escalation.Labels{}) || !leads(&way, to) || way.Audience && !admits(to.Audience, from.ARN) {
			continue
		}
		if slices.ContainsFunc(way.Options, func(o escalation.Option) bool { return int(o.Method) == method && to.Labels.Has(o.Labels) }) {
			return true
		}
	}
	return false
}
