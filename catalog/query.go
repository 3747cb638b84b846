package catalog

import (
	"slices"
	"strings"
)

// WildcardOnly reports whether an action supports no resource type, so that it
// can only be granted on "*".
func (c *Catalog) WildcardOnly(a ActionID) bool {
	return len(c.resources.at(c.actionResources[a])) == 0
}

// AddDependents adds the actions that a principal needs too for a to succeed
// and returns how many they are.
func (c *Catalog) AddDependents(set Set, a ActionID) int {
	needed := c.dependents.at(c.actionDependents[a])
	for _, d := range needed {
		set.Add(ActionID(d))
	}
	return len(needed)
}

// AddByResourceType adds the actions of a service that support one of its
// resource types, given by its place in [Catalog.ResourceTypes], and returns
// how many they are. It does not allocate.
func (c *Catalog) AddByResourceType(set Set, s ServiceID, index int) int {
	n := 0
	ranges := &c.services[s]
	kind := ranges.firstType + uint16(index)
	for a := ranges.levels[0]; a < ranges.levels[LevelCount]; a++ {
		for _, r := range c.resources.at(c.actionResources[a]) {
			if r.kind == kind {
				set.Add(a)
				n++
				break
			}
		}
	}
	return n
}

// AddByConditionKey adds the actions of all services that support a condition
// key, whatever their resource or on one of their resource types, as
// [Catalog.SupportsKey] has it, and returns how many they are. The key may be as the catalog has it,
// "aws:ResourceTag/${TagKey}", or as a policy has it, "aws:ResourceTag/team", in
// any case.
func (c *Catalog) AddByConditionKey(set Set, key string) int {
	keys := make([]bool, c.keyNames.len())
	for i := range keys {
		keys[i] = keyMatches(c.keyNames.at(i), key)
	}
	found := make([]bool, c.keySets.len())
	for i := range found {
		for _, k := range c.keySets.at(uint16(i)) {
			found[i] = found[i] || keys[k]
		}
	}
	n, ofTypes := 0, !KeyOfRequest(key)
	for a := range ActionID(c.Len()) {
		supported := found[c.actionKeys[a]]
		for _, r := range c.resources.at(c.actionResources[a]) {
			supported = supported || found[r.keys] || ofTypes && found[c.typeKeys[r.kind]]
		}
		if supported {
			set.Add(a)
			n++
		}
	}
	return n
}

// SupportsKeyOn reports whether an action supports a condition key on a resource type
// with the name, in any case, as [Catalog.SupportsKey] has it.
func (c *Catalog) SupportsKeyOn(a ActionID, resourceType, key string) bool {
	first := c.services[c.serviceOf[a]].firstType
	return slices.ContainsFunc(c.resources.at(c.actionResources[a]), func(r resource) bool {
		return strings.EqualFold(c.typeNames.at(int(r.kind)), resourceType) && c.SupportsKey(a, int(r.kind-first), key)
	})
}

// AnyResource stands for no resource type in particular.
const AnyResource = -1

// SupportsKey reports whether a condition on a key can hold for an action on a
// resource type, given by its place in [Catalog.ResourceTypes], or on whichever
// for [AnyResource]: whether it is a key of the action, of the type, or of the two
// together. One that is a [KeyOfRequest] is not of a type. The key is as
// [Catalog.AddByConditionKey] reads it; keys that every request of AWS has are in no
// catalog. It does not allocate.
func (c *Catalog) SupportsKey(a ActionID, index int, key string) bool {
	if c.hasKey(c.actionKeys[a], key) {
		return true
	}
	first := c.services[c.serviceOf[a]].firstType
	for _, r := range c.resources.at(c.actionResources[a]) {
		if index != AnyResource && r.kind != first+uint16(index) {
			continue
		}
		if c.hasKey(r.keys, key) || !KeyOfRequest(key) && c.hasKey(c.typeKeys[r.kind], key) {
			return true
		}
	}
	return false
}

// KeyOfRequest reports whether a condition key is about the tags that a request brings,
// aws:RequestTag/${TagKey} or aws:TagKeys. Actions that take tags have it (IAM User
// Guide, "AWS global condition context keys"); where a resource type lists it too, as
// all of EC2 do, not each action on the type knows it: ec2:TerminateInstances does not.
func KeyOfRequest(key string) bool {
	const tags, tagKeys = "aws:RequestTag/", "aws:TagKeys"
	return strings.EqualFold(key, tagKeys) || len(key) >= len(tags) && strings.EqualFold(key[:len(tags)], tags)
}

// LookupConditionKey finds a condition key of a service, as
// [Catalog.AddByConditionKey] reads it.
func (c *Catalog) LookupConditionKey(s ServiceID, key string) (ConditionKey, bool) {
	r := &c.services[s]
	for _, k := range c.serviceKeys[r.firstKey:r.endKey] {
		if keyMatches(c.keyNames.at(int(k.name)), key) {
			return ConditionKey{Service: c.prefixes.at(int(s)), Name: c.keyNames.at(int(k.name)), Type: c.keyTypes.at(int(k.kind))}, true
		}
	}
	return ConditionKey{}, false
}

// KeyOfNoAction reports whether the catalog has a condition key, as
// [Catalog.AddByConditionKey] reads it, for no action and no resource type of a service:
// AWS's reference lists some keys of services and does not say which actions know them.
func (c *Catalog) KeyOfNoAction(s ServiceID, key string) bool {
	r := &c.services[s]
	for a := r.levels[0]; a < r.levels[LevelCount]; a++ {
		if c.SupportsKey(a, AnyResource, key) {
			return false
		}
	}
	for t := r.firstType; t < r.endType; t++ {
		if c.hasKey(c.typeKeys[t], key) {
			return false
		}
	}
	return true
}

func (c *Catalog) hasKey(set uint16, key string) bool {
	for _, k := range c.keySets.at(set) {
		if keyMatches(c.keyNames.at(int(k)), key) {
			return true
		}
	}
	return false
}
