package risk

import (
	"slices"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/catalog/risk/escalation"
)

// proveStep adds the statements that allow a step.
func (e *escalations) proveStep(s *Step, hop escalation.Hop, m *method) {
	policies := e.policiesOf(hop.From)
	f := e.match(&policies)
	b := &builder{Matcher: e.matcher, entity: Entity{ARN: s.From}}
	var shown Finding
	var granted []catalog.ActionID
	for _, a := range m.actions {
		if f.Has(a) && !e.byTrustAlone(f, a, hop) {
			granted = append(granted, a)
			s.Conditional = s.Conditional || e.needsCondition(f, a, hop, m)
		}
	}
	b.prove(&shown, granted)
	s.Evidence = shown.Evidence
	if entry := e.foreign[hop.To]; entry != nil {
		s.Conditional = s.Conditional || entry.Conditional
	}
	s.Conditional = s.Conditional || m.makes != "" && e.hinderedMaking(f, hop, m)
	e.proveTaking(s, hop, m, granted)
}

// proveTaking adds the statements of a trust policy that a step needs, if it takes a
// role of the account. Where it first changes the policy, there is nothing to add.
// Among the granted actions may be that of taking the role.
func (e *escalations) proveTaking(s *Step, hop escalation.Hop, m *method, granted []catalog.ActionID) {
	target, ours := e.owner[hop.To]
	takes, rewrites := m.does(&e.methods.list[becomeAssume]), m.does(&e.methods.list[becomeUpdateTrust])
	if !ours || hop.From == hop.To || !takes && !rewrites {
		return
	}
	if takes {
		evidence, conditional := e.proveTrust(&e.principals[target], s.From)
		s.Evidence = append(s.Evidence, evidence...)
		s.Conditional = s.Conditional || conditional
	}
	if !takes || !slices.Contains(granted, e.methods.list[becomeAssume].actions[0]) {
		s.Conditional = s.Conditional || e.hinderedTaking(hop)
	}
}

// byTrustAlone reports whether an action of a step is to take a role of the account
// that nothing but its trust lets the caller take.
func (e *escalations) byTrustAlone(f *policy.Effective, a catalog.ActionID, hop escalation.Hop) bool {
	_, ours := e.owner[hop.To]
	return ours && slices.Contains(e.methods.list[becomeAssume].actions, a) && !f.Reach(a).Contains(e.graph.Node(hop.To).ARN)
}

// needsCondition reports whether an action of a step is allowed under conditions
// only, or a Deny under conditions stands in its way; see hinderedMaking of actions on
// what is made. That a role is passed to the service of the step is none.
func (e *escalations) needsCondition(f *policy.Effective, a catalog.ActionID, hop escalation.Hop, m *method) bool {
	if a != e.engine.compiled.passRole || len(m.passes) == 0 {
		return f.Conditional(a) || !slices.Contains(m.made, a) && e.hindered(f, a, hop)
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
	if len(e.methods.list[becomeAssume].actions) == 0 {
		return false
	}
	policies := e.takingOf(hop.From)
	return e.hindered(e.evaluator.Evaluate(&policies), e.methods.list[becomeAssume].actions[0], hop)
}

// hinderedMaking is hindered for making someone new: no name will do that nothing
// stands in the way of. A new role is then taken, by its trust alone.
func (e *escalations) hinderedMaking(f *policy.Effective, hop escalation.Hop, m *method) bool {
	var reaches []policy.Reach
	for _, a := range m.made {
		reaches = append(reaches, f.Unhindered(a))
	}
	if assume := e.methods.list[becomeAssume].actions; m.makes == "role" && len(assume) > 0 {
		policies := e.takingOf(hop.From)
		reaches = append(reaches, e.evaluator.Evaluate(&policies).Unhindered(assume[0]))
	}
	return !e.fresh.find(e.Account, m.makes, reaches)
}

// does reports whether a method has all actions of another.
func (m *method) does(other *method) bool {
	return len(other.actions) > 0 && !slices.ContainsFunc(other.actions, func(a catalog.ActionID) bool { return !slices.Contains(m.actions, a) })
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
