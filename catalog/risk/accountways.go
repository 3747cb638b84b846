package risk

import (
	"slices"

	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/catalog/risk/escalation"
)

// The labels of nodes. From labelServices on each service principal that a role
// can trust has one, see methods.services.
const (
	labelRole = iota
	labelUser
	labelGroup
	labelPolicy
	labelTrustsAccount // whoever in the account has sts:AssumeRole for it may take the role
	labelTrustsAnyone  // everyone in the account may
	labelSpareKey      // another access key can be made
	labelNoSpareKey    // a key must be deleted first
	labelPassword      // there is a password to change
	labelNoPassword    // there is none, so one can be made
	labelRaisable      // with every permission it would be an administrator
	labelHeldBack      // without its boundary it would be one
	labelBounded       // it has a boundary
	labelVersions      // a policy that has other versions
	labelProfile       // a role that an instance profile has
	labelServices
)

func labels(list ...int) escalation.Labels {
	var l escalation.Labels
	for _, label := range list {
		l = l.With(label)
	}
	return l
}

// actor is a principal, or a group in the place of its members, whose ways are
// looked for.
type actor struct {
	node escalation.NodeID
	kind string // of the entity
	arn  string
	// member is the ARN of a user that stands for the members of a group.
	member string
	// groups and carried are the ARNs of the groups that it is in and of the
	// account's own managed policies that it carries.
	groups, carried []string
	// raisable says that with every permission it would be an administrator,
	// protected that its own policies cannot be changed.
	raisable, protected bool
	// taking is what it may assume where a role's trust is enough; nil is every role.
	taking *reached
}

// reached is a Reach with its key made once.
type reached struct {
	policy.Reach
	key string
}

func newReached(r policy.Reach) *reached { return &reached{Reach: r, key: r.Key()} }

// Key returns what equal reaches have in common.
func (r *reached) Key() string { return r.key }

// waymaker finds the ways of one actor.
type waymaker struct {
	*actor
	graph     *escalation.Graph
	methods   *methods
	effective *policy.Effective
	matcher   *Matcher
	became    []escalation.Way // the ways to become others
	writing   writing
}

// writing are the resources of each write, nil where it is not allowed.
type writing [writeCount]*reached

// reach returns the resources of one of a method's actions, or nil where there
// are none.
func (w *waymaker) reach(m escalation.Method, action int) *reached {
	actions := w.methods.list[m].actions
	if action >= len(actions) || !w.effective.Has(actions[action]) {
		return nil
	}
	if r := w.effective.Reach(actions[action]); !r.Empty() {
		return newReached(r)
	}
	return nil
}

// make adds all ways of the actor to the graph.
func (w *waymaker) make() {
	w.become()
	for i := range writeCount {
		w.writing[i] = w.reach(w.methods.writing(i), 0)
	}
	if !w.raiseItself() {
		w.raiseOthers()
	}
	for _, way := range w.became {
		w.join(way)
	}
	w.count()
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

func (w *waymaker) join(way escalation.Way) {
	w.graph.Join(w.graph.AddWay(way), w.node)
}

// become collects the ways to become others.
func (w *waymaker) become() {
	if w.kind != "group" {
		way := escalation.Way{Options: option(becomeAssume, labelTrustsAnyone), Audience: true}
		w.add(way, w.taking)
	}
	if r := w.reach(becomeAssume, 0); r != nil {
		w.add(escalation.Way{Options: option(becomeAssume, labelTrustsAccount), Audience: true}, r)
	}
	if r := w.reach(becomeUpdateLogin, 0); r != nil {
		w.add(escalation.Way{Options: option(becomeUpdateLogin, labelUser, labelPassword)}, r)
	}
	if r := w.reach(becomeCreateLogin, 0); r != nil {
		w.add(escalation.Way{Options: option(becomeCreateLogin, labelUser, labelNoPassword)}, r)
	}
	w.becomeByKey()
	if r := w.reach(becomeAddToGroup, 0); r != nil && w.kind == "user" && w.raisable {
		w.add(escalation.Way{Options: option(becomeAddToGroup, labelGroup)}, r)
	}
	if r := w.reach(becomeUpdateTrust, 0); r != nil {
		w.add(escalation.Way{Options: option(becomeUpdateTrust, labelRole)}, r, w.taking)
	}
	w.becomeByRunning()
}

func option(m escalation.Method, list ...int) []escalation.Option {
	return []escalation.Option{{Method: m, Labels: labels(list...)}}
}

// add collects a way with reaches, of which nil is everything.
func (w *waymaker) add(way escalation.Way, reaches ...*reached) {
	for _, r := range reaches {
		if r != nil {
			way.Reaches = append(way.Reaches, r)
		}
	}
	w.became = append(w.became, way)
}

// becomeByKey is making an access key for a user, who can have two.
func (w *waymaker) becomeByKey() {
	create := w.reach(becomeRotateKey, 0)
	if create == nil {
		return
	}
	w.add(escalation.Way{Options: option(becomeCreateKey, labelUser, labelSpareKey)}, create)
	if remove := w.reach(becomeRotateKey, 1); remove != nil {
		w.add(escalation.Way{Options: option(becomeRotateKey, labelUser, labelNoSpareKey)}, create, remove)
	}
}

// becomeByRunning is running code as a role: one that is passed to a service, or
// one that something runs as already.
func (w *waymaker) becomeByRunning() {
	pass := w.passRole()
	passed := make(map[string][]escalation.Option) // by service
	var running, everywhere []escalation.Option
	for rule := range w.matcher.held() {
		m, known := w.methods.byRule[rule.ID]
		switch {
		case !known || m < becomeCount || m >= w.methods.write:
		case len(rule.Passes) == 0:
			for _, service := range runsAs(rule.Needs) {
				running = append(running, w.methods.running(m, service))
			}
		case pass == nil:
		case !pass.ByService():
			for _, service := range rule.Passes {
				everywhere = append(everywhere, w.methods.running(m, service))
			}
		default:
			for _, service := range rule.Passes {
				passed[service] = append(passed[service], w.methods.running(m, service))
			}
		}
	}
	if len(running) > 0 {
		w.add(escalation.Way{Options: running})
	}
	if len(everywhere) > 0 {
		w.add(escalation.Way{Options: everywhere}, pass)
	}
	for service, options := range passed {
		w.became = append(w.became, escalation.Way{Options: options, Reaches: []escalation.Reach{passing{pass, service}}})
	}
}

func (w *waymaker) passRole() *reached {
	if r := w.effective.Reach(w.matcher.engine.compiled.passRole); !r.Empty() {
		return newReached(r)
	}
	return nil
}

// running is the option of running as a role that trusts a service. EC2 runs as
// the roles that an instance profile has.
func (m *methods) running(method escalation.Method, service string) escalation.Option {
	l := labels(labelRole, m.services[service])
	if service == "ec2.amazonaws.com" {
		l = l.With(labelProfile)
	}
	return escalation.Option{Method: method, Labels: l}
}

// passing is the roles that can be passed to a service.
type passing struct {
	*reached
	service string
}

func (p passing) Contains(arn string) bool {
	return p.Passes(arn, p.service) || p.Passes(arn, p.service+".cn")
}

func (p passing) Key() string { return p.service + "\x00" + p.key }

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
