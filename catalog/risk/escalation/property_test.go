package escalation_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/leastwise/leastwise/catalog/risk/escalation"
)

const methods = 5

func drawWorld(t *rapid.T) *world {
	w := &world{}
	pieces := []string{"role/", "user/", "a", "b", "ab", "*", "?", "-x", "aab"}
	pattern := rapid.Custom(func(t *rapid.T) string {
		if rapid.IntRange(0, 9).Draw(t, "everything") == 0 {
			return "*"
		}
		text := "arn:aws:iam::1:"
		for range rapid.IntRange(1, 4).Draw(t, "pieces") {
			text += rapid.SampledFrom(pieces).Draw(t, "piece")
		}
		return text
	})
	arns := rapid.Custom(func(t *rapid.T) string {
		kind := rapid.SampledFrom([]string{"role", "user"}).Draw(t, "kind")
		return "arn:aws:iam::1:" + kind + "/" + rapid.StringOfN(rapid.SampledFrom([]rune("ab-x")), 1, 4, -1).Draw(t, "name")
	})
	few := func(name string, least, most int) []string {
		return rapid.SliceOfN(pattern, least, most).Draw(t, name)
	}
	labels := rapid.Custom(func(t *rapid.T) escalation.Labels {
		var l escalation.Labels
		for _, label := range rapid.SliceOfN(rapid.SampledFrom([]int{0, 1, 63, 64, 127}), 0, 3).Draw(t, "labels") {
			l = l.With(label)
		}
		return l
	})
	method := rapid.IntRange(0, methods-1)
	audiences := []*escalation.Audience{nil, nil, {Only: [][]string{few("only", 1, 2)}}, {Only: [][]string{few("only too", 1, 1), few("and", 1, 1)}, Except: rapid.SliceOfN(arns, 0, 2).Draw(t, "except")}}
	for _, arn := range rapid.SliceOfNDistinct(arns, 2, 9, rapid.ID[string]).Draw(t, "arns") {
		w.nodes = append(w.nodes, escalation.Node{
			ARN: arn, Labels: labels.Draw(t, "labels"), Carries: rapid.SliceOfN(arns, 0, 2).Draw(t, "carries"),
			Goal:     rapid.SampledFrom([]int{-1, -1, -1, -1, -1, -1, 0, 1, 3}).Draw(t, "goal"),
			Audience: rapid.SampledFrom(audiences).Draw(t, "audience"),
		})
	}
	node := rapid.IntRange(0, len(w.nodes)-1)
	for range rapid.IntRange(0, 6).Draw(t, "ways") {
		w.ways = append(w.ways, drawWay(t, few, labels, method))
		w.joins = append(w.joins, rapid.SliceOfNDistinct(node, 0, 4, rapid.ID[int]).Draw(t, "members"))
	}
	for range rapid.IntRange(0, 3).Draw(t, "edges") {
		w.edges = append(w.edges, [3]int{node.Draw(t, "from"), node.Draw(t, "to"), method.Draw(t, "method")})
	}
	for range rapid.IntRange(0, 1).Draw(t, "raises") {
		w.raises = append(w.raises, [3]int{node.Draw(t, "raises"), node.Draw(t, "raised"), method.Draw(t, "method")})
	}
	for range rapid.IntRange(0, 1).Draw(t, "makes") {
		w.makes = append(w.makes, [2]int{node.Draw(t, "maker"), method.Draw(t, "method")})
	}
	return w
}

func drawWay(t *rapid.T, few func(string, int, int) []string, labels *rapid.Generator[escalation.Labels], method *rapid.Generator[int]) escalation.Way {
	reach := func() escalation.Reach { return to(few("allowed", 0, 3)...).but(few("denied", 0, 1)...) }
	way := escalation.Way{
		Audience: rapid.Bool().Draw(t, "for an audience"),
		Effect:   rapid.SampledFrom([]escalation.Effect{escalation.Becomes, escalation.Becomes, escalation.Raises, escalation.Counts}).Draw(t, "effect"),
	}
	for range rapid.IntRange(0, 3).Draw(t, "options") {
		way.Options = append(way.Options, escalation.Option{Method: escalation.Method(method.Draw(t, "method")), Labels: labels.Draw(t, "labels")})
	}
	for range rapid.IntRange(0, 2).Draw(t, "reaches") {
		way.Reaches = append(way.Reaches, reach())
	}
	if rapid.IntRange(0, 3).Draw(t, "by what it carries") == 0 {
		way.Carried = reach()
	}
	return way
}

// The graph of ways finds what looking at every pair finds, and its paths are
// made of steps that exist.
func TestSearchAgreesWithEveryPair(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		g, ids := w.build(inOrder)
		paths := g.Search()
		for i, want := range w.distances() {
			if got := paths.Distance(ids[i]); got != want {
				t.Fatalf("%s: distance %d, want %d", w.nodes[i].ARN, got, want)
			}
			checkPath(t, w, i, paths.From(ids[i]), want)
		}
	})
}

// checkPath checks that a path is as long as it should be, that its steps join,
// and that each of them is one that the world allows.
func checkPath(t *rapid.T, w *world, start int, hops []escalation.Hop, distance int) {
	at, left := start, distance
	for i, hop := range hops {
		if int(hop.From) != at {
			t.Fatalf("step %d of %v begins at %d, not at %d", i, hops, hop.From, at)
		}
		becomes, raises := w.can(at, int(hop.To))
		allowed := becomes
		if hop.Raises {
			allowed = raises
		}
		if !slices.Contains(allowed, int(hop.Method)) || hop.Raises && i != len(hops)-1 {
			t.Fatalf("step %d of %v: node %d can %v", i, hops, at, allowed)
		}
		at, left = int(hop.To), left-1
		if hop.Raises {
			return
		}
	}
	if distance != escalation.NoGoal && w.nodes[at].Goal != left {
		t.Fatalf("path %v of length %d ends at %s, which is %d from the goal", hops, distance, w.nodes[at].ARN, w.nodes[at].Goal)
	}
}

func TestOrderDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		g, ids := w.build(inOrder)
		h, others := w.build(func(n int) []int { return rapid.Permutation(inOrder(n)).Draw(t, "order") })
		for i := range w.nodes {
			a, b := describe(g, g.Search().From(ids[i])), describe(h, h.Search().From(others[i]))
			if a != b {
				t.Fatalf("%s: %s, and in another order %s", w.nodes[i].ARN, a, b)
			}
			for m := range escalation.Method(methods) {
				x, y := found(g, g.Targets().Of(ids[i], m)), found(h, h.Targets().Of(others[i], m))
				if x != y {
					t.Fatalf("%s by %d: %s, and in another order %s", w.nodes[i].ARN, m, x, y)
				}
			}
		}
	})
}

func describe(g *escalation.Graph, hops []escalation.Hop) string {
	text := ""
	for _, hop := range hops {
		text += fmt.Sprintf("%s -%d/%v-> %s; ", g.Node(hop.From).ARN, hop.Method, hop.Raises, g.Node(hop.To).ARN)
	}
	return text
}

func found(g *escalation.Graph, f escalation.Found) string {
	text := fmt.Sprint(f.Count, f.More)
	for _, n := range f.First {
		text += " " + g.Node(n).ARN
	}
	return text
}

// Targets counts what looking at every pair counts, where no two ways to the
// same node have the same method.
func TestTargetsAgreeWithEveryPair(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		next := 0
		for i := range w.ways {
			for j := range w.ways[i].Options {
				w.ways[i].Options[j].Method = escalation.Method(next)
				next++
			}
		}
		for i := range w.edges {
			w.edges[i][2] = next
			next++
		}
		for i := range w.raises {
			w.raises[i][2] = next
			next++
		}
		g, ids := w.build(inOrder)
		targets := g.Targets()
		for u := range w.nodes {
			for m := range next {
				want := w.targets(u, m)
				got := targets.Of(ids[u], escalation.Method(m))
				if got.Count != len(want) || got.More || !slices.Equal(names(g, got.First), want[:min(len(want), 10)]) {
					t.Fatalf("%s by %d: %d %v, want %v", w.nodes[u].ARN, m, got.Count, names(g, got.First), want)
				}
			}
		}
	})
}

func names(g *escalation.Graph, nodes []escalation.NodeID) []string {
	var arns []string
	for _, n := range nodes {
		arns = append(arns, g.Node(n).ARN)
	}
	return arns
}
