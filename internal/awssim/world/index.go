package world

import (
	"hash/fnv"
	"slices"
	"strings"
	"sync"
)

// indexKey names an account's day.
type indexKey struct{ account, day int }

// index answers what would take a look at every slot of an account's day.
type index struct {
	day   Day
	use   func() *usage
	names [KindPolicy + 1]func() []namedSlot
}

// usage counts, per managed policy and group, the entities that refer to it.
type usage struct {
	attached, bounded map[policyRef]int
	// principals are the first users and roles that have a policy attached,
	// and members the first users of a group.
	principals map[policyRef][]Ref
	members    map[int][]Ref
}

// reportedPrincipals is how many principals of a policy or group the access
// advisor takes into account here. AWS has no such limit; it keeps the index
// of a large account small.
const reportedPrincipals = 5

// namedSlot is a slot and the hash of the name of who lives there.
type namedSlot struct{ hash, slot uint32 }

// index returns the index of the day, from the cache or made anew.
func (d Day) index() *index {
	key := indexKey{d.account.index, d.number}
	cache := d.account.world.indexes
	if found, ok := cache.Get(key); ok {
		return found
	}
	made := &index{day: d, use: sync.OnceValue(d.countUse)}
	for k := range made.names {
		made.names[k] = sync.OnceValue(func() []namedSlot { return d.hashNames(Kind(k)) })
	}
	if earlier, ok, _ := cache.PeekOrAdd(key, made); ok {
		return earlier
	}
	return made
}

func (x *index) policyUse(ref Ref) (attached, bounded int) {
	p := policyRef(ref.Slot)
	if ref.Kind == KindAWSPolicy {
		p = awsPolicy(ref.Slot)
	}
	u := x.use()
	return u.attached[p], u.bounded[p]
}

// countUse visits every user, group and role.
func (d Day) countUse() *usage {
	u := &usage{attached: map[policyRef]int{}, bounded: map[policyRef]int{}, principals: map[policyRef][]Ref{}, members: map[int][]Ref{}}
	var policies []policyRef
	var groups []int
	for _, k := range []Kind{KindUser, KindGroup, KindRole} {
		for slot := range d.Slots(k) {
			r, alive := d.resident(Ref{k, slot})
			if !alive {
				continue
			}
			policies = r.attached(policies[:0])
			for _, p := range policies {
				u.attached[p]++
				if k != KindGroup && len(u.principals[p]) < reportedPrincipals {
					u.principals[p] = append(u.principals[p], r.ref)
				}
			}
			if k == KindGroup {
				continue
			}
			if p := r.boundaryPolicy(); p != noPolicy {
				u.bounded[p]++
			}
			groups = r.memberOf(groups[:0])
			for _, g := range groups {
				if len(u.members[g]) < reportedPrincipals {
					u.members[g] = append(u.members[g], r.ref)
				}
			}
		}
	}
	return u
}

// hashNames returns all names of a kind, in the order of their hashes.
func (d Day) hashNames(k Kind) []namedSlot {
	names := make([]namedSlot, 0, d.Slots(k))
	for slot := range d.Slots(k) {
		if r, alive := d.resident(Ref{k, slot}); alive {
			names = append(names, namedSlot{hashName(r.name(r.scribe())), uint32(slot)})
		}
	}
	slices.SortFunc(names, func(a, b namedSlot) int { return int(a.hash) - int(b.hash) })
	return names
}

func hashName(name string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(name))
	return h.Sum32()
}

// Find returns the entity that has the ARN on the day, if there is one.
func (d Day) Find(arn string) (Ref, bool) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 {
		return Ref{}, false
	}
	resource, rest, _ := strings.Cut(parts[5], "/")
	name := rest[strings.LastIndexByte(rest, '/')+1:]
	kind, known := map[string]Kind{"user": KindUser, "group": KindGroup, "role": KindRole, "policy": KindPolicy}[resource]
	if !known {
		return Ref{}, false
	}
	if kind == KindPolicy && parts[4] == "aws" {
		slot, ok := d.account.world.tables.aws.byName[name]
		return Ref{KindAWSPolicy, slot}, ok && d.arnOf(Ref{KindAWSPolicy, slot}) == arn
	}
	names := d.index().names[kind]()
	hash := hashName(name)
	at, _ := slices.BinarySearchFunc(names, hash, func(n namedSlot, h uint32) int { return int(n.hash) - int(h) })
	for ; at < len(names) && names[at].hash == hash; at++ {
		ref := Ref{kind, int(names[at].slot)}
		if d.arnOf(ref) == arn {
			return ref, true
		}
	}
	return Ref{}, false
}
