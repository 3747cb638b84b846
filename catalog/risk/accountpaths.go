package risk

import (
	"cmp"
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog"
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

// proveStep adds the statements that allow a step.
func (e *escalations) proveStep(s *Step, hop escalation.Hop, m *method) {
	policies, bare := e.policiesOf(hop.From)
	if bare {
		policies.Boundary = nil
	}
	f := e.match(&policies)
	b := &builder{Matcher: e.matcher, entity: Entity{ARN: s.From}}
	var shown Finding
	var granted []catalog.ActionID
	for _, a := range m.actions {
		if f.Has(a) {
			granted = append(granted, a)
			s.Conditional = s.Conditional || e.needsCondition(f, a, hop, m)
		}
	}
	b.prove(&shown, granted)
	s.Evidence = shown.Evidence
	if entry := e.foreign[hop.To]; entry != nil {
		s.Conditional = s.Conditional || entry.Conditional
	}
	target, known := e.owner[hop.To]
	if assume := e.methods.list[becomeAssume].actions; known && hop.From != hop.To && len(assume) > 0 && m.has(assume[0]) {
		evidence, conditional := e.proveTrust(&e.principals[target], s.From)
		s.Evidence = append(s.Evidence, evidence...)
		s.Conditional = s.Conditional || conditional || !slices.Contains(granted, assume[0]) && e.hinderedTaking(hop)
	}
}

// needsCondition reports whether an action of a step is allowed under conditions
// only, or a Deny under conditions stands in its way. That a role is passed to the
// service of the step is none.
func (e *escalations) needsCondition(f *policy.Effective, a catalog.ActionID, hop escalation.Hop, m *method) bool {
	if a != e.engine.compiled.passRole || len(m.passes) == 0 {
		return f.Conditional(a) || e.hindered(f, a, hop)
	}
	role, sure, unhindered := e.graph.Node(hop.To), f.Sure(a), f.Unhindered(a)
	return !slices.ContainsFunc(m.passes, func(service string) bool {
		receives := role.Labels.Has(e.methods.running(hop.Method, service).Labels)
		return receives && sure.Passes(role.ARN, service) && unhindered.Passes(role.ARN, service)
	})
}

// hindered reports whether a Deny under conditions stands in the way of an action
// of a step: on all that the step is about and the action is allowed on, or on
// everything where that is nothing that the account knows of.
func (e *escalations) hindered(f *policy.Effective, a catalog.ActionID, hop escalation.Hop) bool {
	if !f.PartlyDenied(a) {
		return false
	}
	reach, unhindered := f.Reach(a), f.Unhindered(a)
	to := e.graph.Node(hop.To)
	about := slices.DeleteFunc(append([]string{to.ARN}, to.Carries...), func(arn string) bool { return !reach.Contains(arn) })
	if len(about) == 0 {
		return !unhindered.Contains("")
	}
	return !slices.ContainsFunc(about, unhindered.Contains)
}

// hinderedTaking is hindered for taking a role whose trust is enough.
func (e *escalations) hinderedTaking(hop escalation.Hop) bool {
	from, known := e.owner[hop.From]
	if !known {
		return false
	}
	policies := e.toTake(e.principals[from].Entity.Kind, e.principals[from].Policies)
	return e.hindered(e.evaluator.Evaluate(&policies), e.methods.list[becomeAssume].actions[0], hop)
}

func (m *method) has(a catalog.ActionID) bool { return slices.Contains(m.actions, a) }

// policiesOf returns the policies of a node, and whether its boundary is gone.
func (e *escalations) policiesOf(n escalation.NodeID) (p policy.Policies, bare bool) {
	if i, known := e.owner[n]; known {
		return e.principals[i].Policies, n == e.nodes[i].bare
	}
	if i := slices.Index(e.groups, n); i >= 0 {
		g := &e.Account.groups[i]
		return policy.Policies{Principal: e.memberOf(g), Attachments: g.Attachments}, false
	}
	return policy.Policies{}, false
}

// proveTrust returns the statements of a role's trust policy that let in a
// principal of the account, and whether all of them have conditions, or a Deny
// stands in the way.
func (e *escalations) proveTrust(role *Principal, from string) (evidence []Evidence, conditional bool) {
	if role.Trust == nil {
		return nil, false
	}
	j := &truster{engine: e.engine, role: role.Entity, doc: role.Trust, hash: role.TrustHash}
	conditional = true
	hindered, allowed := false, false
	for i := range role.Trust.Statements {
		s := &role.Trust.Statements[i]
		hinders := s.HindersTaking(from)
		if !hinders && s.Effect != policy.Allow || !s.TakesRole() || isForOthers(s, from) {
			continue
		}
		for _, t := range e.naming(s, from) {
			t.Statement, t.Actions = i, s.Actions
			evidence = append(evidence, j.evidence(&t))
			if hinders {
				hindered = true
			} else {
				holds, _ := s.HoldsFor(from)
				allowed, conditional = true, conditional && !holds && s.Grade() > policy.ConditionWeak
			}
		}
	}
	return evidence, allowed && (hindered || conditional)
}

// naming returns the principals of a statement of a trust policy that stand for an
// ARN of the account; or, where it is for everyone else, those that it names.
func (e *escalations) naming(s *policy.Statement, arn string) []policy.Trust {
	var names []policy.Trust
	for _, p := range s.Principals {
		if e.isTrusted(p, arn) {
			names = append(names, policy.Trust{Value: p.Value})
		}
	}
	for _, p := range s.NotPrincipals {
		if p.Value == arn {
			return nil
		}
		names = append(names, policy.Trust{Value: p.Value, Excluded: true})
	}
	return names
}

// isTrusted reports whether a principal of a trust policy stands for an ARN of
// the account.
func (e *escalations) isTrusted(p policy.Principal, arn string) bool {
	switch kindOf(p, e.info.ID) {
	case fromAnywhere, fromAccount:
		return true
	case fromHere:
		at, known := e.find(p.Value)
		return known && e.principals[at].Entity.ARN == arn
	default:
		return false
	}
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
