package catalog

import (
	"iter"
	"math/bits"
)

// Set is a bit set over the actions of one catalog; make it with
// [Catalog.NewSet]. Sets of different catalogs must not be mixed: their
// methods expect equal lengths and ids that are in range.
type Set []uint64

const wordBits = 64

// NewSet returns an empty set with room for every action of the catalog.
func (c *Catalog) NewSet() Set {
	return make(Set, (c.Len()+wordBits-1)/wordBits)
}

// Add puts a into the set.
func (s Set) Add(a ActionID) { s[a/wordBits] |= 1 << (a % wordBits) }

// Remove takes a out of the set.
func (s Set) Remove(a ActionID) { s[a/wordBits] &^= 1 << (a % wordBits) }

// Has reports whether a is in the set.
func (s Set) Has(a ActionID) bool { return s[a/wordBits]&(1<<(a%wordBits)) != 0 }

// AddRange puts the actions of the half-open range [first, end) into the set.
func (s Set) AddRange(first, end ActionID) {
	for word, mask := range rangeWords(first, end) {
		s[word] |= mask
	}
}

// CountRange returns how many actions of the half-open range [first, end) are
// in the set.
func (s Set) CountRange(first, end ActionID) int {
	n := 0
	for word, mask := range rangeWords(first, end) {
		n += bits.OnesCount64(s[word] & mask)
	}
	return n
}

// AllIn yields the actions of the set in the half-open range [first, end), in
// ascending order.
func (s Set) AllIn(first, end ActionID) iter.Seq[ActionID] {
	return func(yield func(ActionID) bool) {
		for word, mask := range rangeWords(first, end) {
			for w := s[word] & mask; w != 0; w &= w - 1 {
				if !yield(ActionID(word*wordBits + bits.TrailingZeros64(w))) {
					return
				}
			}
		}
	}
}

// next returns the least action of the set that is not less than from.
func (s Set) next(from ActionID) (ActionID, bool) {
	at := int(from) / wordBits
	if at >= len(s) {
		return 0, false
	}
	w := s[at] &^ (1<<(from%wordBits) - 1)
	for w == 0 {
		if at++; at == len(s) {
			return 0, false
		}
		w = s[at]
	}
	return ActionID(at*wordBits + bits.TrailingZeros64(w)), true
}

// rangeWords yields each word that [first, end) touches with the mask of the
// bits that belong to it.
func rangeWords(first, end ActionID) iter.Seq2[int, uint64] {
	return func(yield func(int, uint64) bool) {
		for at := int(first); at < int(end); {
			word, low := at/wordBits, at%wordBits
			width := min(wordBits-low, int(end)-at)
			if !yield(word, (^uint64(0)>>(wordBits-width))<<low) {
				return
			}
			at += width
		}
	}
}

// Union adds every action of o.
func (s Set) Union(o Set) {
	for i, w := range o {
		s[i] |= w
	}
}

// Subtract removes every action of o.
func (s Set) Subtract(o Set) {
	for i, w := range o {
		s[i] &^= w
	}
}

// Intersect keeps only the actions that o has too.
func (s Set) Intersect(o Set) {
	for i := range s {
		s[i] &= o[i]
	}
}

// Count returns the number of actions in the set.
func (s Set) Count() int {
	n := 0
	for _, w := range s {
		if w != 0 { // nearly all words of a set are empty
			n += bits.OnesCount64(w)
		}
	}
	return n
}

// Empty reports whether the set has no action.
func (s Set) Empty() bool {
	for _, w := range s {
		if w != 0 {
			return false
		}
	}
	return true
}

// Equal reports whether both sets have the same actions.
func (s Set) Equal(o Set) bool {
	if len(s) != len(o) {
		return false
	}
	for i := range s {
		if s[i] != o[i] {
			return false
		}
	}
	return true
}

// Intersects reports whether the sets have an action in common.
func (s Set) Intersects(o Set) bool {
	for i, w := range o {
		if s[i]&w != 0 {
			return true
		}
	}
	return false
}

// Within reports whether o has every action of the set.
func (s Set) Within(o Set) bool {
	for i, w := range s {
		if w&^o[i] != 0 {
			return false
		}
	}
	return true
}

// Clear removes every action.
func (s Set) Clear() { clear(s) }

// Clone returns an independent copy.
func (s Set) Clone() Set { return append(Set(nil), s...) }

// All yields the actions of the set in ascending order.
func (s Set) All() iter.Seq[ActionID] {
	return func(yield func(ActionID) bool) {
		for i, w := range s {
			for ; w != 0; w &= w - 1 {
				if !yield(ActionID(i*wordBits + bits.TrailingZeros64(w))) {
					return
				}
			}
		}
	}
}
