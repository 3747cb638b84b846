package risk

import (
	"cmp"
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/catalog/risk/escalation"
)

// path returns the path of a principal, nil where it has none.
func (e *escalations) path(i int) []Path {
	n := e.nodes[i].node
	if n == absent || e.paths.Distance(n) == escalation.NoGoal {
		return nil
	}
	return []Path{e.pathFrom(n)}
}

// pathFrom returns the path of a node that has one.
func (e *escalations) pathFrom(n escalation.NodeID) Path {
	arn := e.graph.Node(n).ARN
	p := Path{From: arn, To: arn}
	end := n
	for _, hop := range e.paths.From(n) {
		step := e.step(hop, hop.From != n)
		p.To, end = step.To, hop.To
		p.Conditional = p.Conditional || step.Conditional
		p.Steps = append(p.Steps, step)
	}
	if entry := e.foreign[end]; entry != nil {
		for _, s := range entry.Steps {
			p.To = s.To
			p.Conditional = p.Conditional || s.Conditional
			p.Steps = append(p.Steps, Step{From: s.From, To: s.To, Method: s.Method, Conditional: s.Conditional})
		}
	}
	return p
}

// step says what a hop is. Each node has one hop, which is kept where many paths
// can share it.
func (e *escalations) step(hop escalation.Hop, keep bool) Step {
	if known, ok := e.steps[hop.From]; ok {
		return known
	}
	if taken, ok := e.outward[hop.From]; ok {
		return Step{From: taken.From, To: taken.To, Method: taken.Method, Conditional: taken.Conditional}
	}
	m := &e.methods.list[hop.Method]
	s := Step{From: e.graph.Node(hop.From).ARN, To: e.graph.Node(hop.To).ARN, Method: m.id}
	for _, a := range m.actions {
		s.Actions = append(s.Actions, e.engine.catalog.FullName(a))
	}
	slices.Sort(s.Actions)
	if m.makes != "" {
		s.Note = "the " + m.makes + " is made first"
	}
	if m.needs != "" {
		s.Note = "a " + strings.ReplaceAll(m.needs, "-", " ") + " that runs as the role has to be there"
	}
	e.proveStep(&s, hop, m)
	if keep {
		e.steps[hop.From] = s
	}
	return s
}

// policiesOf returns the policies of a node, without the boundary that it deleted.
func (e *escalations) policiesOf(n escalation.NodeID) policy.Policies {
	if i, known := e.owner[n]; known {
		policies := e.principals[i].Policies
		if n == e.nodes[i].bare {
			policies.Boundary = nil
		}
		return policies
	}
	if i := slices.Index(e.groups, n); i >= 0 {
		g := &e.Account.groups[i]
		return policy.Policies{Principal: e.memberOf(g), Attachments: g.Attachments}
	}
	return policy.Policies{}
}

// takingOf returns the policies of a node as toTake does.
func (e *escalations) takingOf(n escalation.NodeID) policy.Policies {
	kind := "group"
	if i, known := e.owner[n]; known {
		kind = e.principals[i].Entity.Kind
	}
	return e.toTake(kind, e.policiesOf(n))
}

// outside returns the shortest path of each principal outside the account that a
// role trusts, by principal.
func (e *escalations) outside() []Path {
	best := make(map[string]int) // the role of each
	for i := range e.principals {
		n := &e.nodes[i]
		if n.node == absent || e.paths.Distance(n.node) == escalation.NoGoal {
			continue
		}
		for _, from := range slices.Concat(n.foreign, n.federated) {
			if at, known := best[from]; !known || e.paths.Distance(n.node) < e.paths.Distance(e.nodes[at].node) {
				best[from] = i
			}
		}
	}
	paths := make([]Path, 0, len(best))
	for from, i := range best {
		paths = append(paths, e.enter(from, i))
	}
	slices.SortFunc(paths, func(a, b Path) int { return cmp.Compare(a.From, b.From) })
	return paths
}

// enter returns the path of someone outside that a role trusts.
func (e *escalations) enter(from string, i int) Path {
	p := e.pathFrom(e.nodes[i].node)
	role := &e.principals[i]
	step := Step{From: from, To: p.From, Method: e.methods.list[becomeAssume].id, Conditional: true}
	hindered := false
	j := &truster{engine: e.engine, role: role.Entity, doc: role.Trust, hash: role.TrustHash}
	for _, t := range policy.Trusts(role.Trust, role.Entity.Account) {
		s := &role.Trust.Statements[t.Statement]
		outside := t.Value == from || from == "*" && t.Excluded || accountOf(from) != "" && isAnyone(policy.Principal{Kind: t.Kind, Value: t.Value})
		hindered = hindered || outside && s.HindersTaking(from)
		if t.Effect != policy.Allow || t.Denied || !outside || !s.TakesRole() || isForOthers(s, from) {
			continue
		}
		holds, _ := s.HoldsFor(from)
		spared, _ := (&policy.Statement{Conditions: t.Demanded}).HoldsFor(from)
		step.Actions = append(step.Actions, t.Actions...)
		step.Evidence = append(step.Evidence, j.evidence(&t))
		step.Conditional = step.Conditional && (!holds && s.Grade() > policy.ConditionWeak || !spared)
	}
	slices.Sort(step.Actions)
	step.Actions = slices.Compact(step.Actions)
	step.Conditional = step.Conditional || hindered
	p.From, p.Steps = from, slices.Insert(p.Steps, 0, step)
	p.Conditional = p.Conditional || step.Conditional
	return p
}

// resolve says of findings which entities of the account they could be about.
func (e *escalations) resolve(n escalation.NodeID, findings []Finding) {
	for i := range findings {
		f := &findings[i]
		m, known := e.methods.byRule[f.Rule]
		if f.Target == nil || n == absent || !known || !slices.Contains([]string{NeedRole, NeedUser, NeedGroup, NeedPolicy}, f.Target.Needs) {
			continue
		}
		found := e.targets.Of(n, m)
		if m == becomeAddToGroup && found.Count == 0 {
			found = e.ofNewMembers(n)
		}
		candidates := make([]string, 0, len(found.First))
		for _, to := range found.First {
			candidates = append(candidates, e.graph.Node(to).ARN)
		}
		if len(candidates) == 0 && e.makesTarget(n, f.Rule) {
			f.Target = nil // nothing has to be there
			continue
		}
		e.engine.Resolve(f, candidates, found.Count)
	}
}

// ofNewMembers returns the groups that users can join whom a node makes.
func (e *escalations) ofNewMembers(n escalation.NodeID) escalation.Found {
	for i := range joins() {
		if found := e.targets.Of(n, e.methods.joins+escalation.Method(i)); found.Count > 0 {
			return found
		}
	}
	return escalation.Found{}
}
