package policy

import (
	"math/bits"

	"github.com/leastwise/leastwise/catalog"
)

// ServiceGrant is what is granted in one service: the numbers of actions by
// access level, indexed by catalog.Level.
type ServiceGrant struct {
	Service catalog.ServiceID
	// Bound counts the actions granted on named resources only, Unbound those
	// granted on every resource. No action is in both.
	Bound, Unbound [catalog.LevelCount]uint16
}

// Evaluator computes what several documents together grant. It holds nothing
// but working memory, some 30 KB, that it uses again for each principal; it
// belongs to one goroutine at a time.
type Evaluator struct {
	catalog *catalog.Catalog

	unbound, bound, denied, partly catalog.Set
	limitUnbound, limitBound       catalog.Set

	// unboundRank and boundRank count the actions in the words before each.
	unboundRank, boundRank []uint16
	admin                  bool
	// whole holds the grant of each service that was once found granted unbound
	// in full, which is what most services of powerful principals are.
	whole []ServiceGrant
}

// NewEvaluator returns an evaluator over the analyses of one catalog.
func NewEvaluator(c *catalog.Catalog) *Evaluator {
	words := len(c.NewSet())
	return &Evaluator{
		catalog: c,
		unbound: c.NewSet(), bound: c.NewSet(), denied: c.NewSet(), partly: c.NewSet(),
		limitUnbound: c.NewSet(), limitBound: c.NewSet(),
		unboundRank: make([]uint16, words), boundRank: make([]uint16, words),
		whole: make([]ServiceGrant, c.Services()),
	}
}

// Grants appends to dst what a principal with the documents may do, one
// ServiceGrant per service with a granted action, in the order of the services.
// It is the union of what the documents allow, less what any of them or the
// boundary denies outright. A boundary, where it is not nil, is the permissions
// boundary: only what it allows as well is granted, and only on named resources
// where one of the two names them. An action granted both ways counts as
// unbound. It does not allocate when dst has room.
func (e *Evaluator) Grants(docs []*Analysis, boundary *Analysis, dst []ServiceGrant) []ServiceGrant {
	e.unbound.Clear()
	e.bound.Clear()
	e.denied.Clear()
	e.partly.Clear()
	for _, doc := range docs {
		e.add(doc)
	}
	if boundary != nil {
		e.limit(boundary)
	}
	e.settle()
	return e.summarize(dst)
}

// Admin reports whether the last Grants granted every action of the catalog on
// every resource.
func (e *Evaluator) Admin() bool { return e.admin }

// Unbound returns the actions that the last Grants granted on every resource.
// The set must not be changed and holds until the next Grants, as those of
// Bound and PartlyDenied do.
func (e *Evaluator) Unbound() catalog.Set { return e.unbound }

// Bound returns the actions that the last Grants granted on named resources only.
func (e *Evaluator) Bound() catalog.Set { return e.bound }

// PartlyDenied returns the actions that the last Grants granted although a
// document or the boundary denies them on some resources or under conditions.
func (e *Evaluator) PartlyDenied() catalog.Set { return e.partly }

func (e *Evaluator) add(doc *Analysis) {
	doc.unbound.addTo(e.unbound)
	doc.bound.addTo(e.bound)
	doc.denied.addTo(e.denied)
	doc.partly.addTo(e.partly)
}

// limit intersects what was added so far with a boundary.
func (e *Evaluator) limit(boundary *Analysis) {
	e.limitUnbound.Clear()
	e.limitBound.Clear()
	boundary.unbound.addTo(e.limitUnbound)
	boundary.bound.addTo(e.limitBound)
	boundary.denied.addTo(e.denied)
	boundary.partly.addTo(e.partly)
	for i, unbound := range e.unbound {
		e.unbound[i] = unbound & e.limitUnbound[i]
		e.bound[i] = (unbound | e.bound[i]) & (e.limitUnbound[i] | e.limitBound[i])
	}
}

// settle takes the denials off, leaves every action in one set only, and counts.
func (e *Evaluator) settle() {
	unboundCount, boundCount := 0, 0
	for i, denied := range e.denied {
		unbound := e.unbound[i] &^ denied
		bound := e.bound[i] &^ (denied | unbound)
		e.unbound[i], e.bound[i] = unbound, bound
		e.partly[i] &= unbound | bound
		e.unboundRank[i], e.boundRank[i] = uint16(unboundCount), uint16(boundCount)
		unboundCount += bits.OnesCount64(unbound)
		boundCount += bits.OnesCount64(bound)
	}
	e.admin = unboundCount == e.catalog.Len()
}

// summarize appends the grants of every service that has any.
func (e *Evaluator) summarize(dst []ServiceGrant) []ServiceGrant {
	for at, ok := e.next(0); ok; {
		service := e.catalog.ServiceOf(at)
		first, _ := e.catalog.LevelRange(service, 0)
		_, end := e.catalog.LevelRange(service, catalog.LevelCount-1)
		dst = append(dst, e.grant(service, first, end))
		at, ok = e.next(end)
	}
	return dst
}

// grant returns the grant of a service with the actions [first, end).
func (e *Evaluator) grant(service catalog.ServiceID, first, end catalog.ActionID) ServiceGrant {
	unbound := rank(e.unbound, e.unboundRank, end) - rank(e.unbound, e.unboundRank, first)
	whole := unbound == uint16(end-first)
	if known := &e.whole[service]; whole && *known != (ServiceGrant{}) {
		return *known
	}
	grant := ServiceGrant{Service: service}
	e.count(&grant, first)
	if whole {
		e.whole[service] = grant
	}
	return grant
}

// count fills in a grant's numbers level by level, from the service's first action.
func (e *Evaluator) count(grant *ServiceGrant, first catalog.ActionID) {
	unbound, bound := rank(e.unbound, e.unboundRank, first), rank(e.bound, e.boundRank, first)
	for level := range catalog.Level(catalog.LevelCount) {
		_, end := e.catalog.LevelRange(grant.Service, level)
		unboundEnd, boundEnd := rank(e.unbound, e.unboundRank, end), rank(e.bound, e.boundRank, end)
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
func (e *Evaluator) next(id catalog.ActionID) (catalog.ActionID, bool) {
	word := int(id / 64)
	mask := ^uint64(0) << (id % 64)
	for ; word < len(e.unbound); word++ {
		if granted := (e.unbound[word] | e.bound[word]) & mask; granted != 0 {
			return catalog.ActionID(word*64 + bits.TrailingZeros64(granted)), true
		}
		mask = ^uint64(0)
	}
	return 0, false
}
