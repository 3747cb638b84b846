package policy

import (
	"cmp"
	"iter"
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
	sids := make(takenSIDs, len(out.Statement))
	for i := range out.Statement {
		s := &out.Statement[i]
		if joined[i] {
			s.SID = joinedSID(s.SID, s.Resource)
		}
		s.SID = sids.unique(s.SID)
	}
	return out
}

// joinedSID names a statement that was several after its first resource, as
// policy_sentry does: "Ec2MultVpcvpc1". The resource can be an ARN pattern with
// placeholders in any of its parts: "S3MultBucketname". One on "*" keeps its Sid.
func joinedSID(sid string, resources []string) string {
	if len(resources) == 0 {
		return sid
	}
	const parts = 6 // arn, partition, service, region, account, resource
	arn := strings.SplitN(resources[0], ":", parts)
	if len(arn) < parts {
		return sid
	}
	return sidWord(arn[2]) + "Mult" + sidWord(arn[5])
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
		for _, pattern := range w.service(service).prefixes(wanted, minimum) {
			patterns = appendNew(patterns, pattern)
		}
	}
	return sortedOnce(patterns)
}

// foldedNames are a service's actions in the order of their names in lower case. The
// place of an action in it is its rank.
type foldedNames struct {
	names []string           // full names in lower case, by rank
	ids   []catalog.ActionID // by rank
	ranks []int              // by ActionID less the service's first
}

func (x *serviceIndex) foldNames() *foldedNames {
	f := &foldedNames{
		names: make([]string, len(x.actions)), ids: make([]catalog.ActionID, len(x.actions)), ranks: make([]int, len(x.actions)),
	}
	lower := make([]string, len(x.actions))
	for i, action := range x.actions {
		lower[i], f.ids[i] = strings.ToLower(action.name), x.first+catalog.ActionID(i)
	}
	slices.SortFunc(f.ids, func(a, b catalog.ActionID) int { return cmp.Compare(lower[a-x.first], lower[b-x.first]) })
	for rank, id := range f.ids {
		f.names[rank], f.ranks[id-x.first] = lower[id-x.first], rank
	}
	return f
}

// prefixes yields the wanted actions of the service in the order of their names,
// each with the shortest pattern, of at least minimum characters behind the colon,
// that names it and nothing unwanted. Of the unwanted actions the nearest before it
// and the nearest behind it have most in common with it, so that wanted ones side by
// side are told from the same two.
func (x *serviceIndex) prefixes(wanted catalog.Set, minimum int) iter.Seq2[catalog.ActionID, string] {
	least := len(x.prefix) + len(":") + max(minimum, 1)
	return func(yield func(catalog.ActionID, string) bool) {
		folded, last := x.folded(), ""
		names := folded.names
		var room [16]uint64
		ranks := catalog.Set(append(room[:0], make([]uint64, len(names)/64+1)...))
		x.addRanks(ranks, folded, wanted)
		before, behind := 0, 0 // of the unwanted names around those side by side
		for a := range ranks.All() {
			rank := int(a)
			if rank >= behind {
				before, behind = rank-1, rank+1
				for ranks.Has(catalog.ActionID(behind)) {
					behind++
				}
			}
			name, length := names[rank], least
			if before >= 0 {
				length = max(length, common(name, names[before])+1)
			}
			if behind < len(names) {
				length = max(length, common(name, names[behind])+1)
			}
			more := rank+1 < behind && strings.HasPrefix(names[rank+1], name)
			last = shorten(name, length, more, last)
			if !yield(folded.ids[rank], last) {
				return
			}
		}
	}
}

// addRanks puts the ranks of the wanted actions of the service into a set of them,
// which sorts them in time that grows with the service alone.
func (x *serviceIndex) addRanks(ranks catalog.Set, f *foldedNames, wanted catalog.Set) {
	for a := range wanted.AllIn(x.first, x.first+catalog.ActionID(len(f.ids))) {
		ranks.Add(catalog.ActionID(f.ranks[a-x.first]))
	}
}

// shorten returns the pattern for a name of which length characters are needed.
// more says that another wanted action begins with the whole name; last is the
// pattern before, which is taken again where it is the same.
func shorten(name string, length int, more bool, last string) string {
	switch {
	case length > len(name) || length == len(name) && !more:
		return name
	case len(last) == length+1 && last[length] == '*' && last[:length] == name[:length]:
		return last
	default:
		return name[:length] + "*"
	}
}

// common returns how many leading bytes a and b share.
func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}
