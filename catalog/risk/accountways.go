package risk

import (
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
	// free says that someone without a boundary would be an administrator with
	// every permission, under the same controls.
	free bool
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
	// findsNew reports whether there is a name for someone new: see escalations.findsNew.
	findsNew func(who *actor, kind string, reaches []policy.Reach) bool
	became   []escalation.Way    // the ways to become others
	joins    []escalation.Method // those over a new member of a group
	writing  writing
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
	w.becomeByNewUser()
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
		case !known || m < becomeCount || m >= w.methods.joins:
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

func (p passing) Contains(arn string) bool { return p.Passes(arn, p.service) }

func (p passing) Key() string { return p.service + "\x00" + p.key }
