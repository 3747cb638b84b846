package risk

import (
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog/risk/escalation"
)

// label returns what a principal is, and whom it lets in.
func (e *escalations) label(p *Principal, in *entrance) escalation.Labels {
	if p.Entity.Kind == "user" {
		return e.labelUser(p)
	}
	var l escalation.Labels
	if !p.protected() {
		l = labels(labelRole)
	}
	if _, gate, _ := in.gate(); gate >= 0 {
		l = l.With(gate)
	}
	for _, service := range in.services {
		if label, known := e.methods.services[service]; known {
			l = l.With(label)
		}
	}
	if len(p.InstanceProfiles) > 0 {
		l = l.With(labelProfile)
	}
	if p.Policies.Boundary != nil {
		l = l.With(labelBounded)
	}
	return l
}

// protectedPath is the path of the roles of IAM Identity Center, which nobody but it
// can change: IAM Identity Center User Guide, "Referencing permission sets in
// resource policies".
const protectedPath = "/aws-reserved/"

// protected reports whether nobody in the account can change the principal.
func (p *Principal) protected() bool { return strings.HasPrefix(p.Entity.Path, protectedPath) }

// labelUser returns what a user is. Without a credential report both are taken to
// be possible: that it has a password and that it has none.
func (e *escalations) labelUser(p *Principal) escalation.Labels {
	l := labels(labelUser)
	if p.Policies.Boundary != nil {
		l = l.With(labelBounded)
	}
	row, known := e.credentials[p.Entity.ID]
	if !known {
		return l.With(labelSpareKey).With(labelPassword).With(labelNoPassword)
	}
	keys := 0
	for _, key := range row.Keys {
		if key.Active || !key.RotatedAt.IsZero() {
			keys++
		}
	}
	if keys < maxAccessKeys {
		l = l.With(labelSpareKey)
	} else {
		l = l.With(labelNoSpareKey)
	}
	if row.PasswordEnabled {
		return l.With(labelPassword)
	}
	return l.With(labelNoPassword)
}

// maxAccessKeys is how many access keys a user can have: IAM User Guide, "IAM and
// AWS STS quotas".
const maxAccessKeys = 2

// addNamed adds the ways of the principals that a role's trust policy names.
func (e *escalations) addNamed(i int) {
	n := &e.nodes[i]
	if n.node == absent || n.closed {
		return
	}
	for _, name := range n.named {
		if at, known := e.find(name.arn); known {
			e.connect(at, i, n.audience(&name.by))
		}
	}
	_, _, rest := n.gate()
	if rest == nil {
		return
	}
	audience := n.audience(rest)
	for at := range e.principals {
		e.connect(at, i, audience)
	}
}

// find returns the place of a principal by the ARN that a trust policy has for
// it: its own, or that of a session of a role, which has no path.
func (e *escalations) find(arn string) (int, bool) {
	if at, known := e.place[arn]; known {
		return at, true
	}
	_, session, ok := strings.Cut(arn, ":assumed-role/")
	if !ok {
		return 0, false
	}
	name, _, _ := strings.Cut(session, "/")
	at, known := e.roleNamed[name]
	return at, known
}

// connect adds the way of a principal to a role that trusts it, if its audience
// has the principal and nothing denies it.
func (e *escalations) connect(from, to int, audience *escalation.Audience) {
	source, target := &e.nodes[from], &e.nodes[to]
	arn := e.principals[to].Entity.ARN
	if source.node == absent || from == to || !audience.Admits(e.principals[from].Entity.ARN) {
		return
	}
	if source.taking != nil && !source.taking.Contains(arn) {
		return
	}
	for _, node := range []escalation.NodeID{source.node, source.bare} {
		if node == absent {
			continue
		}
		e.graph.AddEdge(node, target.node, becomeAssume)
		for write, r := range e.writers[node] {
			if r != nil && write != writeSetVersion && raises(write, r, e.graph.Node(target.node)) {
				e.graph.AddRaise(node, target.node, e.methods.pair(becomeAssume, write))
			}
		}
	}
}

// raises reports whether a write makes an administrator of a node.
func raises(write int, r *reached, target *escalation.Node) bool {
	need, carried := raised(write)
	switch {
	case !target.Labels.Has(need):
		return false
	case carried:
		return slices.ContainsFunc(target.Carries, r.Contains)
	default:
		return r.Contains(target.ARN)
	}
}
