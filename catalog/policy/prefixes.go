package policy

import (
	"cmp"
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog/internal/glob"
)

// stem is the text of a pattern before its first wildcard or hole. Two patterns
// can meet only if the stem of one begins with that of the other.
func stem(pattern string) string {
	if i := strings.IndexAny(pattern, glob.Wildcards+string(rune(glob.Hole))); i >= 0 {
		return pattern[:i]
	}
	return pattern
}

// indexBites sorts the denials by stem and links each to the one before it
// whose stem its own begins with.
func (r *resolver) indexBites() {
	for i := range r.bites {
		r.bites[i].stem = stem(r.bites[i].in)
	}
	slices.SortFunc(r.bites, func(x, y bite) int { return cmp.Compare(x.stem, y.stem) })
	for i := range r.bites {
		up := i - 1
		for up >= 0 && !strings.HasPrefix(r.bites[i].stem, r.bites[up].stem) {
			up = r.bites[up].up
		}
		r.bites[i].up = up
	}
}

// bitesNear calls visit with all denials that can meet the pattern.
func (r *resolver) bitesNear(pattern string, visit func(*bite)) {
	q := stem(pattern)
	first, _ := slices.BinarySearchFunc(r.bites, q, func(b bite, q string) int { return cmp.Compare(b.stem, q) })
	for i := first; i < len(r.bites) && strings.HasPrefix(r.bites[i].stem, q); i++ {
		visit(&r.bites[i])
	}
	for i := first - 1; i >= 0; i = r.bites[i].up {
		if strings.HasPrefix(q, r.bites[i].stem) {
			visit(&r.bites[i])
		}
	}
}
