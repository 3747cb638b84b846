package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog/risk"
)

// waySources is how many principals a way names before the rest is folded.
const waySources = 8

// wayView is one way to administrator, with all who can take it.
type wayView struct {
	Lead          string // for those who are administrators already
	Sources, More []nodeView
	Steps         []stepView
}

type stepView struct {
	Method, Title, Note string
	Actions             []string
	Conditional         bool
	Self                bool // it makes itself an administrator
	Goal                bool // To is an administrator
	To                  nodeView
}

type nodeView struct {
	Kind, Name, ARN string
	Outside         bool // of no account, or of another one
}

// crossingView are principals that may assume the same roles of other accounts.
type crossingView struct {
	Sources, More []nodeView
	Patterns      []string
}

// newNode is a principal as the report of an account shows it.
func newNode(arn, account string) nodeView {
	kind, name := principalName(arn)
	inside := (kind == "user" || kind == "role" || kind == "group") && strings.Contains(arn, ":"+account+":")
	return nodeView{Kind: kind, Name: name, ARN: arn, Outside: !inside}
}

// fold keeps the first few of those who share something; the rest is shown when
// it is asked for.
func fold(nodes []nodeView) (shown, more []nodeView) {
	if len(nodes) > waySources+1 {
		return nodes[:waySources], nodes[waySources:]
	}
	return nodes, nil
}

func crossingViews(crossings []risk.Crossing, account string) []crossingView {
	var out []crossingView
	at := map[string]int{}
	for _, c := range crossings {
		key := strings.Join(c.Patterns, "\x00")
		n, ok := at[key]
		if !ok {
			n = len(out)
			at[key] = n
			out = append(out, crossingView{Patterns: c.Patterns})
		}
		out[n].Sources = append(out[n].Sources, newNode(c.Principal, account))
	}
	for i := range out {
		out[i].Sources, out[i].More = fold(out[i].Sources)
	}
	return out
}

// wayViews gathers the paths that differ only in where they begin: one principal
// that twenty can become is drawn once.
func wayViews(r *Report) []wayView {
	var out []wayView
	at := map[string]int{}
	for i := range r.Paths {
		p := &r.Paths[i]
		key := wayKey(p)
		n, ok := at[key]
		if !ok {
			n = len(out)
			at[key] = n
			out = append(out, newWay(p, r))
		}
		out[n].Sources = append(out[n].Sources, newNode(p.From, r.Account))
	}
	for i := range out {
		out[i].Sources, out[i].More = fold(out[i].Sources)
	}
	slices.SortStableFunc(out, func(a, b wayView) int { return len(a.Steps) - len(b.Steps) })
	return out
}

func wayKey(p *risk.Path) string {
	var b strings.Builder
	for _, s := range p.Steps {
		to := s.To
		if s.From == s.To {
			to = ""
		}
		fmt.Fprintf(&b, "%q %q %q %q %v\n", s.Method, to, s.Note, s.Actions, s.Conditional)
	}
	return b.String()
}

func newWay(p *risk.Path, r *Report) wayView {
	v := wayView{Lead: "Administrators already"}
	for i, s := range p.Steps {
		v.Steps = append(v.Steps, stepView{
			Method: s.Method, Title: methodTitle(s.Method, r.Titles), Note: s.Note, Actions: s.Actions, Conditional: s.Conditional,
			Self: s.From == s.To, Goal: i == len(p.Steps)-1, To: newNode(s.To, r.Account),
		})
	}
	return v
}

// methodTitle is the title of the rule, or of the rules joined by "+", that a
// step is an instance of.
func methodTitle(method string, titles map[string]string) string {
	ids := strings.Split(method, "+")
	for i, id := range ids {
		ids[i] = sentenceCase(id)
		if t, ok := titles[id]; ok {
			ids[i] = t
		}
	}
	return strings.Join(ids, ", ")
}

func waysLead(s *Summary) string {
	switch s.CanBecome {
	case 0:
		return "Nobody who is not an administrator was found to be able to become one."
	case 1:
		return "One principal that is no administrator can become one. This is the shortest way."
	}
	return fmt.Sprintf("%d principals that are no administrators can become one. These are the shortest ways; those who share one stand together.", s.CanBecome)
}
