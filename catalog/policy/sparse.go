package policy

import "github.com/leastwise/leastwise/catalog"

// sparse is a catalog.Set without its empty words. A typical document touches a
// few dozen of the several hundred words of a set, so that this is what makes
// analyses cheap to keep and to add up.
type sparse struct {
	at    []uint16
	words []uint64
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
