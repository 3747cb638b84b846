package risk

import (
	"maps"
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog/risk/escalation"
)

// surface returns where the account can be entered from others on the way to an
// administrator.
func (e *escalations) surface() Surface {
	s := Surface{Account: e.info.ID}
	for i := range e.principals {
		n := &e.nodes[i]
		if n.node == absent || len(n.foreign) == 0 || e.paths.Distance(n.node) == escalation.NoGoal {
			continue
		}
		entry := Entry{Role: e.principals[i].Entity.ARN, Principals: slices.Clone(n.foreign)}
		slices.Sort(entry.Principals)
		entry.Principals = slices.Compact(entry.Principals)
		entry.Conditional = !slices.ContainsFunc(entry.Principals, func(from string) bool { return !e.enter(from, i).Steps[0].Conditional })
		path := e.pathFrom(n.node)
		for _, step := range path.Steps {
			entry.Steps = append(entry.Steps, EntryStep{From: step.From, To: step.To, Method: step.Method, Conditional: step.Conditional})
		}
		s.Entries = append(s.Entries, entry)
	}
	return s
}

// addSurfaces adds the roles of other accounts that let in principals of this one.
func (e *escalations) addSurfaces() {
	for _, account := range slices.Sorted(maps.Keys(e.info.Surfaces)) {
		if account == e.info.ID {
			continue
		}
		entries := e.info.Surfaces[account].Entries
		for i := range entries {
			if audience, lets := e.letsIn(&entries[i]); lets {
				e.addEntry(&entries[i], audience)
			}
		}
	}
}

// letsIn reports whether a role of another account lets in principals of this one,
// and whom; nil is everyone.
func (e *escalations) letsIn(entry *Entry) (*escalation.Audience, bool) {
	var names []string
	for _, p := range entry.Principals {
		if p == "*" || p == e.info.ID || accountOf(p) == e.info.ID && strings.HasSuffix(p, ":root") {
			return nil, true
		}
		if accountOf(p) != e.info.ID {
			continue
		}
		if at, known := e.find(p); known {
			names = append(names, e.principals[at].Entity.ARN)
		}
	}
	return &escalation.Audience{Only: [][]string{names}}, len(names) > 0
}

// addEntry adds a role of another account. Where its way comes back to this
// account, it goes on as this account is now: what it was when the other one was
// judged may be no more, and two accounts would tell each other of it for ever.
func (e *escalations) addEntry(entry *Entry, audience *escalation.Audience) {
	node := escalation.Node{ARN: entry.Role, Labels: labels(labelTrustsAccount), Goal: len(entry.Steps), Audience: audience}
	back := slices.IndexFunc(entry.Steps, func(s EntryStep) bool { return accountOf(s.To) == e.info.ID })
	if back < 0 {
		e.foreign[e.graph.AddNode(node)] = entry
		return
	}
	at, known := e.place[entry.Steps[back].To]
	if !known || e.nodes[at].node == absent || !e.nodes[at].trusts(entry.Steps[back].From) {
		return
	}
	node.Goal = escalation.NoGoal
	for i := range back + 1 {
		from := e.graph.AddNode(node)
		e.foreign[from], e.outward[from] = entry, entry.Steps[i]
		to := e.nodes[at].node
		if i < back {
			to = from + 1 // which is added next
			node = escalation.Node{ARN: entry.Steps[i].To, Goal: escalation.NoGoal}
		}
		e.graph.AddEdge(from, to, becomeAssume)
	}
}

// trusts reports whether a role lets in a principal of another account.
func (e *entrance) trusts(arn string) bool {
	account := accountOf(arn)
	return slices.ContainsFunc(e.foreign, func(p string) bool {
		return p == "*" || p == arn || accountOf(p) == account && (p == account || strings.HasSuffix(p, ":root"))
	})
}

// crossings returns the principals that may assume roles of other accounts.
func (e *escalations) crossings() []Crossing {
	assume := e.methods.list[becomeAssume].actions
	var crossings []Crossing
	for i := range e.principals {
		p := &e.principals[i]
		if e.nodes[i].node == absent || len(assume) == 0 {
			continue
		}
		f := e.evaluator.Evaluate(&p.Policies)
		if !f.Has(assume[0]) {
			continue
		}
		var patterns []string
		for _, pattern := range f.Reach(assume[0]).AppendPatterns(nil) {
			if accountOf(pattern) != e.info.ID {
				patterns = append(patterns, pattern)
			}
		}
		if len(patterns) > 0 {
			slices.Sort(patterns)
			crossings = append(crossings, Crossing{Principal: p.Entity.ARN, Patterns: slices.Compact(patterns)})
		}
	}
	return crossings
}
