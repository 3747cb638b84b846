package escalation

import (
	"slices"

	"github.com/leastwise/leastwise/catalog/internal/glob"
)

// index finds the reaches that may contain an ARN without asking each of them.
// A pattern without wildcards is found by its text. One with wildcards is found
// by one of its grams, that which the fewest other patterns have, because a text
// that matches the pattern must have the gram too. What is left are patterns
// without a gram, such as "*".
type index struct {
	exact map[string][]reachID
	grams map[gram][]reachID
	rest  []reachID
}

// gram is four neighbouring bytes.
type gram uint32

const gramSize = 4

// Breadths of reaches: how they are found.
const (
	breadthExact = iota
	breadthGrams
	breadthRest
)

// newIndex indexes reaches, whose ids count from 1. It returns how broad each
// one is too.
func newIndex(reaches []Reach) (*index, []uint8) {
	x := &index{exact: make(map[string][]reachID), grams: make(map[gram][]reachID)}
	breadth := make([]uint8, len(reaches))
	common := countGrams(reaches)
	var patterns []string
	for i := 1; i < len(reaches); i++ {
		patterns = reaches[i].AppendPatterns(patterns[:0])
		for _, p := range patterns {
			breadth[i] = max(breadth[i], x.add(reachID(i), p, common))
		}
	}
	return x, breadth
}

func countGrams(reaches []Reach) map[gram]int {
	common := make(map[gram]int)
	var patterns []string
	for _, r := range reaches[1:] {
		patterns = r.AppendPatterns(patterns[:0])
		for _, p := range patterns {
			if glob.HasWildcard(p) {
				for g := range gramsOf(p) {
					common[g]++
				}
			}
		}
	}
	return common
}

func (x *index) add(id reachID, pattern string, common map[gram]int) uint8 {
	if !glob.HasWildcard(pattern) {
		x.exact[pattern] = appendOnce(x.exact[pattern], id)
		return breadthExact
	}
	rarest, found := gram(0), false
	for g := range gramsOf(pattern) {
		if !found || common[g] < common[rarest] {
			rarest, found = g, true
		}
	}
	if !found {
		x.rest = appendOnce(x.rest, id)
		return breadthRest
	}
	x.grams[rarest] = appendOnce(x.grams[rarest], id)
	return breadthGrams
}

// appendOnce appends an id unless it is the last one.
func appendOnce(ids []reachID, id reachID) []reachID {
	if n := len(ids); n > 0 && ids[n-1] == id {
		return ids
	}
	return append(ids, id)
}

// drop takes a reach out of those that each ARN is compared with.
func (x *index) drop(id reachID) {
	if i := slices.Index(x.rest, id); i >= 0 {
		x.rest = slices.Delete(x.rest, i, i+1)
	}
}

// candidates yields the reaches that may contain an ARN, some more than once.
func (x *index) candidates(arn string, yield func(reachID)) {
	for _, id := range x.exact[arn] {
		yield(id)
	}
	if len(x.grams) > 0 {
		for g := range gramsOf(arn) {
			for _, id := range x.grams[g] {
				yield(id)
			}
		}
	}
	for _, id := range x.rest {
		yield(id)
	}
}

// gramsOf yields the grams of a text that hold no wildcard.
func gramsOf(s string) func(yield func(gram) bool) {
	return func(yield func(gram) bool) {
		g, size := gram(0), 0
		for i := range len(s) {
			if s[i] == '*' || s[i] == '?' {
				size = 0
				continue
			}
			g = g<<8 | gram(s[i])
			if size++; size >= gramSize && !yield(g) {
				return
			}
		}
	}
}
