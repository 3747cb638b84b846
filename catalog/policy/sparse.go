package policy

import "github.com/leastwise/leastwise/catalog"

// sparse is a catalog.Set without its empty words. A typical document touches a
// few dozen of the several hundred words of a set, so that this is what makes
// analyses cheap to keep and to add up.
type sparse struct {
	at    []uint16
	words []uint64
}

// newSparse returns the words of a set in the half-open range [first, end).
func newSparse(s catalog.Set, first, end int) sparse {
	n := 0
	for _, w := range s[first:end] {
		if w != 0 {
			n++
		}
	}
	p := sparse{at: make([]uint16, 0, n), words: make([]uint64, 0, n)}
	for i, w := range s[first:end] {
		if w != 0 {
			p.at, p.words = append(p.at, uint16(first+i)), append(p.words, w)
		}
	}
	return p
}

// addTo adds every action of p to s.
func (p *sparse) addTo(s catalog.Set) {
	for i, at := range p.at {
		s[at] |= p.words[i]
	}
}

// addPlane adds the actions of words that stand beside those of p.
func (p *sparse) addPlane(s catalog.Set, words []uint64) {
	for i, at := range p.at {
		s[at] |= words[i]
	}
}

// addOthers adds the actions of p that words, which stand beside, lack.
func (p *sparse) addOthers(s catalog.Set, words []uint64) {
	for i, at := range p.at {
		s[at] |= p.words[i] &^ words[i]
	}
}

// within reports whether s has every action of p.
func (p *sparse) within(s catalog.Set) bool {
	for i, at := range p.at {
		if p.words[i]&^s[at] != 0 {
			return false
		}
	}
	return true
}
