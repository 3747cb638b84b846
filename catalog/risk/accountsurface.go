package risk

import (
	"slices"

	"github.com/leastwise/leastwise/catalog/risk/escalation"
)

// surface returns where the account can be entered from others on the way to an
// administrator.
func (e *escalations) surface() Surface {
	s := Surface{Account: e.info.ID}
	for i := range e.principals {
		n := &e.nodes[i]
		if n.node == absent || n.closed || len(n.foreign) == 0 || e.paths.Distance(n.node) == escalation.NoGoal {
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
