package escalation_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/leastwise/leastwise/catalog/risk/escalation"
)

// The labels and methods of the examples.
const (
	isRole = iota
	isUser
	isRaisable
)

const (
	assume escalation.Method = iota
	makeKey
	attach
)

func labels(list ...int) escalation.Labels {
	var l escalation.Labels
	for _, label := range list {
		l = l.With(label)
	}
	return l
}

// example is a small graph whose nodes have short names.
type example struct {
	*escalation.Graph
	ids   map[string]escalation.NodeID
	names map[escalation.NodeID]string
}

func newExample() *example {
	return &example{escalation.New(), make(map[string]escalation.NodeID), make(map[escalation.NodeID]string)}
}

func (e *example) node(name string, goal int, list ...int) *example {
	return e.add(name, escalation.Node{ARN: name, Labels: labels(list...), Goal: goal})
}

func (e *example) add(name string, n escalation.Node) *example {
	id := e.AddNode(n)
	e.ids[name], e.names[id] = id, name
	return e
}

// way gives members a way by one method to nodes with labels within a reach.
func (e *example) way(members string, m escalation.Method, reach string, list ...int) *example {
	return e.join(members, escalation.Way{
		Options: []escalation.Option{{Method: m, Labels: labels(list...)}}, Reaches: []escalation.Reach{to(reach)}, Audience: m == assume,
	})
}

func (e *example) join(members string, w escalation.Way) *example {
	id := e.AddWay(w)
	for name := range strings.FieldsSeq(members) {
		e.Join(id, e.ids[name])
	}
	return e
}

func (e *example) path(from string) string {
	p := e.Search()
	if p.Distance(e.ids[from]) == escalation.NoGoal {
		return "none"
	}
	text := from
	for _, hop := range p.From(e.ids[from]) {
		text += fmt.Sprintf(" -%d> %s", hop.Method, e.names[hop.To])
		if hop.Raises {
			text += "!"
		}
	}
	return text
}

const no = escalation.NoGoal

func TestSearch(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		build *example
		want  string // the path of a
	}{
		"at the goal":   {newExample().node("a", 0, isRole), "a"},
		"alone":         {newExample().node("a", no, isRole), "none"},
		"one step":      {newExample().node("a", no).node("b", 0, isRole).way("a", assume, "b", isRole), "a -0> b"},
		"another label": {newExample().node("a", no).node("b", 0, isUser).way("a", assume, "b", isRole), "none"},
		"no label":      {newExample().node("a", no).node("b", 0).way("a", assume, "b"), "none"},
		"out of reach":  {newExample().node("a", no).node("b", 0, isRole).way("a", assume, "c", isRole), "none"},
		"a wildcard":    {newExample().node("a", no).node("team/b", 0, isRole).way("a", assume, "team/*", isRole), "a -0> team/b"},
		"itself":        {newExample().node("a", no, isRole).way("a", assume, "a", isRole), "none"},
		"a circle":      {newExample().node("a", no, isRole).node("b", no, isRole).way("a b", assume, "*", isRole), "none"},
		"two steps": {newExample().node("a", no).node("b", no, isRole).node("c", 0, isRole).way("a", assume, "b", isRole).way("b", assume, "c", isRole),
			"a -0> b -0> c"},
		"the shorter": {newExample().node("a", no).node("b", no, isRole).node("c", 0, isRole).way("a b", assume, "*", isRole), "a -0> c"},
		"the first by ARN": {newExample().node("a", no).node("c", 0, isRole).node("b", 0, isRole).way("a", assume, "*", isRole),
			"a -0> b"},
		"the first by method": {newExample().node("a", no).node("b", 0, isRole).way("a", attach, "*", isRole).way("a", makeKey, "*", isRole),
			"a -1> b"},
		"a goal that is known from elsewhere": {newExample().node("a", no).node("b", 3, isRole).way("a", assume, "b", isRole), "a -0> b"},
		"a goal elsewhere is farther": {newExample().node("a", no).node("b", 3, isRole).node("c", no, isRole).node("d", 0, isRole).
			way("a", assume, "?", isRole).way("c", assume, "d", isRole), "a -0> d"},
		"all reaches must have it": {newExample().node("a", no).node("b", 0, isRole).join("a", escalation.Way{
			Options: []escalation.Option{{Labels: labels(isRole)}}, Reaches: []escalation.Reach{to("*"), to("c")},
		}), "none"},
		"without reaches": {newExample().node("a", no).node("b", 0, isRole).join("a", escalation.Way{
			Options: []escalation.Option{{Labels: labels(isRole)}},
		}), "a -0> b"},
		"what it carries is in reach": {newExample().node("a", no).
			add("b", escalation.Node{ARN: "b", Labels: labels(isRole), Goal: 0, Carries: []string{"p", "q"}}).
			join("a", escalation.Way{Options: []escalation.Option{{Labels: labels(isRole)}}, Carried: to("q")}), "a -0> b"},
		"nothing that it carries is in reach": {newExample().node("a", no).
			add("b", escalation.Node{ARN: "b", Labels: labels(isRole), Goal: 0, Carries: []string{"p"}}).
			join("a", escalation.Way{Options: []escalation.Option{{Labels: labels(isRole)}}, Carried: to("q")}), "none"},
		"raising another": {newExample().node("a", no).node("b", no, isRole, isRaisable).join("a", escalation.Way{
			Options: []escalation.Option{{Method: attach, Labels: labels(isRaisable)}}, Effect: escalation.Raises,
		}), "a -2> b!"},
		"becoming is preferred to raising": {newExample().node("a", no).node("b", no, isRole, isRaisable).node("c", 0, isRole).join("a", escalation.Way{
			Options: []escalation.Option{{Method: attach, Labels: labels(isRaisable)}}, Effect: escalation.Raises,
		}).way("a", assume, "c", isRole), "a -0> c"},
		"counting leads nowhere": {newExample().node("a", no).node("b", 0, isRole).join("a", escalation.Way{
			Options: []escalation.Option{{Labels: labels(isRole)}}, Effect: escalation.Counts,
		}), "none"},
		"let in": {newExample().node("a", no).
			add("b", escalation.Node{ARN: "b", Labels: labels(isRole), Audience: &escalation.Audience{Only: [][]string{{"x", "a*"}}}}).
			way("a", assume, "b", isRole), "a -0> b"},
		"not let in": {newExample().node("a", no).
			add("b", escalation.Node{ARN: "b", Labels: labels(isRole), Audience: &escalation.Audience{Only: [][]string{{"*"}, {"x"}}}}).
			way("a", assume, "b", isRole), "none"},
		"excepted": {newExample().node("a", no).
			add("b", escalation.Node{ARN: "b", Labels: labels(isRole), Audience: &escalation.Audience{Except: []string{"a"}}}).
			way("a", assume, "b", isRole), "none"},
		"refused": {newExample().node("a", no).
			add("b", escalation.Node{ARN: "b", Labels: labels(isRole), Audience: &escalation.Audience{Refuses: func(arn string) bool { return arn == "a" }}}).
			way("a", assume, "b", isRole), "none"},
		"another is refused": {newExample().node("a", no).
			add("b", escalation.Node{ARN: "b", Labels: labels(isRole), Audience: &escalation.Audience{Refuses: func(arn string) bool { return arn == "c" }}}).
			way("a", assume, "b", isRole), "a -0> b"},
		"the audience is for some ways only": {newExample().node("a", no).
			add("b", escalation.Node{ARN: "b", Labels: labels(isRole), Audience: &escalation.Audience{Except: []string{"a"}}}).
			way("a", makeKey, "b", isRole), "a -1> b"},
		"one of a way's members is let in": {newExample().node("a", no, isRole).node("c", no, isRole).
			add("b", escalation.Node{ARN: "b", Labels: labels(isRole), Audience: &escalation.Audience{Only: [][]string{{"c"}}}}).
			way("a c", assume, "?", isRole), "a -0> c -0> b"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := tt.build.path("a"); got != tt.want {
				t.Errorf("path %q, want %q", got, tt.want)
			}
		})
	}
}

func TestEdges(t *testing.T) {
	t.Parallel()
	e := newExample().node("a", no).node("b", no).node("c", 0)
	e.AddEdge(e.ids["a"], e.ids["b"], assume)
	e.AddEdge(e.ids["b"], e.ids["c"], makeKey)
	if got := e.path("a"); got != "a -0> b -1> c" {
		t.Errorf("path %q", got)
	}
	e.AddRaise(e.ids["a"], e.ids["a"], attach)
	if got := e.path("a"); got != "a -2> a!" {
		t.Errorf("path %q where a raises itself", got)
	}
}

func TestEqualWaysAreOne(t *testing.T) {
	t.Parallel()
	g := escalation.New()
	way := func(reach string, m escalation.Method, list ...int) escalation.WayID {
		return g.AddWay(escalation.Way{Options: []escalation.Option{{Method: m, Labels: labels(list...)}}, Reaches: []escalation.Reach{to(reach)}})
	}
	first := way("a*", assume, isRole)
	if way("a*", assume, isRole) != first {
		t.Error("two ways for the same")
	}
	for name, other := range map[string]escalation.WayID{
		"reach": way("b*", assume, isRole), "method": way("a*", makeKey, isRole), "labels": way("a*", assume, isUser),
		"effect": g.AddWay(escalation.Way{Options: []escalation.Option{{Labels: labels(isRole)}}, Reaches: []escalation.Reach{to("a*")}, Effect: escalation.Raises}),
	} {
		if other == first {
			t.Errorf("another %s, and the same way", name)
		}
	}
}

func TestTargetsBeyondTheFirst(t *testing.T) {
	t.Parallel()
	e := newExample().node("a", no)
	for i := range 25 {
		e.node(fmt.Sprintf("r%02d", i), no, isRole)
	}
	e.way("a r03", assume, "r*", isRole)
	targets := e.Targets()
	for from, want := range map[string]string{"a": "25 r00 r09", "r03": "24 r00 r10", "r01": "0"} {
		f := targets.Of(e.ids[from], assume)
		got := fmt.Sprint(f.Count)
		if n := len(f.First); n > 0 {
			got += " " + e.names[f.First[0]] + " " + e.names[f.First[n-1]]
		}
		if got != want {
			t.Errorf("%s: %s, want %s", from, got, want)
		}
	}
}
