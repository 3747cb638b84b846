package catalog

import (
	"errors"
	"math/bits"
	"sort"
	"strings"
)

// actionIndex is an open-addressing hash table from a service and a folded
// action name to the action's id plus one; zero is a free slot.
type actionIndex struct {
	slots []uint16
	mask  uint32
}

// The constants of 32-bit FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/.
const (
	fnvOffset = 2166136261
	fnvPrime  = 16777619
)

func hashAction(s ServiceID, name string) uint32 {
	h := (fnvOffset ^ uint32(s)) * uint32(fnvPrime)
	for i := range len(name) {
		h = (h ^ uint32(lower(name[i]))) * fnvPrime
	}
	return h ^ h>>15
}

var errDuplicate = errors.New("action named twice")

func (c *Catalog) buildIndex() error {
	n := c.Len()
	size := 1 << bits.Len(uint(n+n/4)) // at most four slots in five are taken
	c.index = actionIndex{slots: make([]uint16, size), mask: uint32(size - 1)}
	for a := range n {
		slot, found := c.slot(c.serviceOf[a], c.folded.at(a))
		if found {
			return errDuplicate
		}
		c.index.slots[slot] = uint16(a + 1)
	}
	return nil
}

// slot returns where the action is, or the free slot where it would be.
func (c *Catalog) slot(s ServiceID, name string) (slot uint32, found bool) {
	for slot = hashAction(s, name) & c.index.mask; ; slot = (slot + 1) & c.index.mask {
		id := c.index.slots[slot]
		if id == 0 {
			return slot, false
		}
		if c.serviceOf[id-1] == s && equalFold(c.folded.at(int(id-1)), name) {
			return slot, true
		}
	}
}

// LookupService finds a service by its prefix in any case. It does not allocate.
func (c *Catalog) LookupService(prefix string) (Service, bool) {
	id, ok := c.findService(prefix)
	if !ok {
		return Service{}, false
	}
	return c.Service(id), true
}

func (c *Catalog) findService(prefix string) (ServiceID, bool) {
	n := c.prefixes.len()
	i := sort.Search(n, func(i int) bool { return compareFold(c.prefixes.at(i), prefix) >= 0 })
	if i == n || !equalFold(c.prefixes.at(i), prefix) {
		return 0, false
	}
	return ServiceID(i), true
}

// LookupAction finds an action by its full name, "s3:GetObject", in any case.
// It does not allocate.
func (c *Catalog) LookupAction(name string) (ActionID, bool) {
	prefix, action, ok := strings.Cut(name, ":")
	if !ok {
		return 0, false
	}
	s, ok := c.findService(prefix)
	if !ok {
		return 0, false
	}
	return c.lookupIn(s, action)
}

func (c *Catalog) lookupIn(s ServiceID, action string) (ActionID, bool) {
	slot, ok := c.slot(s, action)
	if !ok {
		return 0, false
	}
	return ActionID(c.index.slots[slot] - 1), true
}

// equalFold reports whether a name of the catalog, already in lower case, is s
// in any case.
func equalFold(folded, s string) bool {
	if len(folded) != len(s) {
		return false
	}
	for i := range len(s) {
		if folded[i] != lower(s[i]) {
			return false
		}
	}
	return true
}

// compareFold compares a name in lower case with s in any case.
func compareFold(folded, s string) int {
	n := min(len(folded), len(s))
	for i := range n {
		if a, b := folded[i], lower(s[i]); a != b {
			return int(a) - int(b)
		}
	}
	return len(folded) - len(s)
}
