package policy

import (
	"math/bits"

	"github.com/leastwise/leastwise/catalog"
)

// ServiceGrant is what is granted in one service: the numbers of actions by
// access level, indexed by catalog.Level.
type ServiceGrant struct {
	Service catalog.ServiceID
	// Unbound counts the actions granted with ScopeEverything or ScopeService,
	// Bound all others that are granted. No action is in both.
	Bound, Unbound [catalog.LevelCount]uint16
}

// counts counts what is granted, service by service.
type counts struct {
	catalog        *catalog.Catalog
	unbound, bound catalog.Set
	// unboundRank and boundRank count the actions in the words before each.
	unboundRank, boundRank []uint16
	// whole holds the grant of each service that was once found granted unbound
	// in full, which is what most services of powerful principals are.
	whole []ServiceGrant
	done  bool
}

func (n *counts) init(c *catalog.Catalog) {
	words := len(c.NewSet())
	*n = counts{
		catalog: c, unboundRank: make([]uint16, words), boundRank: make([]uint16, words),
		whole: make([]ServiceGrant, c.Services()),
	}
}

// count takes the sets to count, unless they were counted already.
func (n *counts) count(unbound, bound catalog.Set) {
	if n.done {
		return
	}
	n.unbound, n.bound, n.done = unbound, bound, true
	unboundCount, boundCount := 0, 0
	for i, u := range unbound {
		n.unboundRank[i], n.boundRank[i] = uint16(unboundCount), uint16(boundCount)
		unboundCount += bits.OnesCount64(u)
		boundCount += bits.OnesCount64(bound[i])
	}
}

// summarize appends the grants of every service that has any.
func (n *counts) summarize(dst []ServiceGrant) []ServiceGrant {
	for at, ok := n.next(0); ok; {
		service := n.catalog.ServiceOf(at)
		first, _ := n.catalog.LevelRange(service, 0)
		_, end := n.catalog.LevelRange(service, catalog.LevelCount-1)
		dst = append(dst, n.grant(service, first, end))
		at, ok = n.next(end)
	}
	return dst
}

// grant returns the grant of a service with the actions [first, end).
func (n *counts) grant(service catalog.ServiceID, first, end catalog.ActionID) ServiceGrant {
	unbound := rank(n.unbound, n.unboundRank, end) - rank(n.unbound, n.unboundRank, first)
	whole := unbound == uint16(end-first)
	if known := &n.whole[service]; whole && *known != (ServiceGrant{}) {
		return *known
	}
	grant := ServiceGrant{Service: service}
	n.levels(&grant, first)
	if whole {
		n.whole[service] = grant
	}
	return grant
}

// levels fills in a grant's numbers level by level, from the service's first action.
func (n *counts) levels(grant *ServiceGrant, first catalog.ActionID) {
	unbound, bound := rank(n.unbound, n.unboundRank, first), rank(n.bound, n.boundRank, first)
	for level := range catalog.Level(catalog.LevelCount) {
		_, end := n.catalog.LevelRange(grant.Service, level)
		unboundEnd, boundEnd := rank(n.unbound, n.unboundRank, end), rank(n.bound, n.boundRank, end)
		grant.Unbound[level], grant.Bound[level] = unboundEnd-unbound, boundEnd-bound
		unbound, bound = unboundEnd, boundEnd
	}
}

// rank returns how many actions before id are in the set. An id just behind the
// last action may lie behind the last word.
func rank(s catalog.Set, ranks []uint16, id catalog.ActionID) uint16 {
	word, bit := int(id/64), id%64
	if word == len(s) {
		word, bit = word-1, 64
	}
	return ranks[word] + uint16(bits.OnesCount64(s[word]&(1<<bit-1)))
}

// next returns the first granted action at or behind id.
func (n *counts) next(id catalog.ActionID) (catalog.ActionID, bool) {
	word := int(id / 64)
	mask := ^uint64(0) << (id % 64)
	for ; word < len(n.unbound); word++ {
		if granted := (n.unbound[word] | n.bound[word]) & mask; granted != 0 {
			return catalog.ActionID(word*64 + bits.TrailingZeros64(granted)), true
		}
		mask = ^uint64(0)
	}
	return 0, false
}
