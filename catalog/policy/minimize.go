package policy

import (
	"cmp"
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog"
)

// Minimize returns a written policy with fewer characters that grants the same
// actions of the catalog on the same resources: each statement's actions become
// the shortest prefixes, of at least minimum characters behind the colon, that
// match no other action of their service, and statements of one effect over the
// same resources under the same conditions become one. Actions come out in lower case, as policy_sentry
// has them. Names that the catalog does not know stay as they are.
//
// It is policy_sentry's algorithm, which is policyuniverse's, but for three
// faults: an action whose prefix is the name of another one is not lost,
// statements on "*" can be joined, and no Sid stands twice.
func (w *Writer) Minimize(p Policy, minimum int) Policy {
	out := Policy{Version: p.Version, Statement: make([]WrittenStatement, 0, len(p.Statement))}
	joined := make([]bool, 0, len(p.Statement))
	for _, s := range p.Statement {
		s.Action = w.minimizeActions(s.Action, minimum)
		at := slices.IndexFunc(out.Statement, func(o WrittenStatement) bool {
			return o.Effect == s.Effect && slices.Equal(o.Resource, s.Resource) && o.Condition.equal(s.Condition)
		})
		if at < 0 {
			out.Statement, joined = append(out.Statement, s), append(joined, false)
			continue
		}
		first := &out.Statement[at]
		first.Action = sortedOnce(slices.Concat(first.Action, s.Action))
		joined[at] = true
	}
	sids := make(keys, len(out.Statement))
	for i := range out.Statement {
		s := &out.Statement[i]
		if joined[i] {
			s.SID = joinedSID(s.SID, s.Resource)
		}
		s.SID = unique(sids, s.SID)
	}
	return out
}

// joinedSID names a statement that was several after its first resource, as
// policy_sentry does: "Ec2MultVpcvpc1". One on "*" keeps its Sid.
func joinedSID(sid string, resources []string) string {
	if len(resources) == 0 {
		return sid
	}
	arn, err := catalog.ParseARN(resources[0])
	if err != nil {
		return sid
	}
	return sidWord(arn.Service) + "Mult" + sidWord(arn.Resource)
}

// minimizeActions returns the shortest patterns for a list of full names, sorted.
func (w *Writer) minimizeActions(names []string, minimum int) []string {
	wanted := w.catalog.NewSet()
	var services []catalog.ServiceID
	var patterns []string
	for _, name := range names {
		id, ok := w.catalog.LookupAction(name)
		if !ok {
			patterns = append(patterns, name)
			continue
		}
		wanted.Add(id)
		if service := w.catalog.ServiceOf(id); !slices.Contains(services, service) {
			services = append(services, service)
		}
	}
	for _, service := range services {
		patterns = w.service(service).minimize(patterns, wanted, wanted, minimum)
	}
	return sortedOnce(patterns)
}

// foldedAction is an action by its name in lower case.
type foldedAction struct {
	name string // without the prefix
	id   catalog.ActionID
}

// foldActions returns the service's actions in the order of their folded names.
func (x *serviceIndex) foldActions() []foldedAction {
	folded := make([]foldedAction, len(x.actions))
	for i, action := range x.actions {
		folded[i] = foldedAction{strings.ToLower(action.name[len(x.prefix)+1:]), x.first + catalog.ActionID(i)}
	}
	slices.SortFunc(folded, func(a, b foldedAction) int { return cmp.Compare(a.name, b.name) })
	return folded
}

// minimize appends the patterns for those of the wanted actions of the service
// that are asked for; they match nothing that is not wanted. In the order of
// names the unwanted action that has most in common with a wanted one is the
// nearest before it or the nearest behind it, so that two passes find how long
// each prefix must be.
func (x *serviceIndex) minimize(patterns []string, asked, wanted catalog.Set, minimum int) []string {
	actions := x.folded()
	needed := make([]int, len(actions))
	unwanted := -1
	for i, a := range actions {
		if !wanted.Has(a.id) {
			unwanted = i
		} else if unwanted >= 0 {
			needed[i] = common(a.name, actions[unwanted].name) + 1
		}
	}
	unwanted = -1
	for i, a := range slices.Backward(actions) {
		if !wanted.Has(a.id) {
			unwanted = i
			continue
		}
		if unwanted >= 0 {
			needed[i] = max(needed[i], common(a.name, actions[unwanted].name)+1)
		}
		if !asked.Has(a.id) {
			continue
		}
		more := i+1 < len(actions) && wanted.Has(actions[i+1].id) && strings.HasPrefix(actions[i+1].name, a.name)
		patterns = append(patterns, x.prefix+":"+shorten(a.name, max(needed[i], minimum, 1), more))
	}
	return patterns
}

// shorten returns the pattern for a name of which length characters are needed.
// more says that another wanted action begins with the whole name.
func shorten(name string, length int, more bool) string {
	if length > len(name) || length == len(name) && !more {
		return name
	}
	return name[:length] + "*"
}

// common returns how many leading bytes a and b share.
func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}
