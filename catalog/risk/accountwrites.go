package risk

import (
	"slices"

	"github.com/leastwise/leastwise/catalog/risk/escalation"
)

// raiseItself notes how the actor can grant itself everything, and reports
// whether it can.
func (w *waymaker) raiseItself() bool {
	raised := false
	for i, r := range w.writing {
		if r != nil && w.raisable && w.writesItself(i, r) {
			w.graph.AddRaise(w.node, w.node, w.methods.writing(i))
			raised = true
		}
	}
	return raised
}

func (w *waymaker) writesItself(write int, r *reached) bool {
	switch write {
	case writeAttachRole, writePutRole:
		return w.kind == "role" && !w.protected && r.Contains(w.arn)
	case writeAttachUser, writePutUser:
		return w.kind == "user" && r.Contains(w.arn) || w.kind == "group" && r.Contains(w.member)
	case writeAttachGroup, writePutGroup:
		return slices.ContainsFunc(w.groups, r.Contains)
	case writeCreateVersion:
		return slices.ContainsFunc(w.carried, r.Contains)
	default:
		return false
	}
}

// raiseOthers adds the ways to become another that the actor makes an
// administrator while it becomes it.
func (w *waymaker) raiseOthers() {
	for i, r := range w.writing {
		if r == nil || i == writeSetVersion {
			continue
		}
		need, carried := raised(i)
		for _, way := range w.became {
			pair := escalation.Way{Reaches: slices.Clip(way.Reaches), Audience: way.Audience, Effect: escalation.Raises}
			if carried {
				pair.Carried = r
			} else {
				pair.Reaches = append(pair.Reaches, r)
			}
			for _, o := range way.Options {
				pair.Options = append(pair.Options, escalation.Option{Method: w.methods.pair(o.Method, i), Labels: o.Labels.Union(need)})
			}
			w.join(pair)
		}
	}
}

// raised returns what a target of a write must be for the write to make it an
// administrator, and whether the write changes what the target carries.
func raised(write int) (need escalation.Labels, carried bool) {
	switch write {
	case writeAttachRole, writePutRole:
		return labels(labelRole, labelRaisable), false
	case writeAttachUser, writePutUser:
		return labels(labelUser, labelRaisable), false
	case writeDeleteRoleBoundary:
		return labels(labelRole, labelHeldBack), false
	case writeDeleteUserBoundary:
		return labels(labelUser, labelHeldBack), false
	default:
		return labels(labelRaisable), true
	}
}

// count adds a way for each rule that holds and needs an entity of IAM, and whose
// targets no other way counts.
func (w *waymaker) count() {
	for rule := range w.matcher.held() {
		m, counted := w.methods.counted[rule.ID]
		if !counted {
			continue
		}
		way := escalation.Way{Options: []escalation.Option{{Method: m, Labels: needed(rule, m-w.methods.write)}}, Effect: escalation.Counts}
		for _, a := range rule.Actions[:min(len(rule.Actions), maxCounted)] {
			way.Reaches = append(way.Reaches, newReached(w.effective.Reach(a)))
		}
		w.join(way)
	}
}

// maxCounted is how many actions of a rule its targets must be within reach of.
const maxCounted = 3

// needed returns what the targets of a rule are. Some writes can do nothing but
// with some of them.
func needed(rule *Rule, write escalation.Method) escalation.Labels {
	var l escalation.Labels
	switch rule.Needs {
	case NeedRole:
		l = labels(labelRole)
	case NeedUser:
		l = labels(labelUser)
	case NeedGroup:
		l = labels(labelGroup)
	case NeedPolicy:
		l = labels(labelPolicy)
	}
	switch write {
	case writeSetVersion:
		l = l.With(labelVersions)
	case writeDeleteRoleBoundary, writeDeleteUserBoundary:
		l = l.With(labelBounded)
	}
	return l
}
