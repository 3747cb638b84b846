package policy

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/leastwise/leastwise/catalog/internal/glob"
)

// drawResource draws a normal ARN pattern, of few letters so that stems are often
// equal, one the beginning of another, or neither. Empty is a term without
// patterns, or a denial of all but some.
func drawResource(t *rapid.T, label string) string {
	if rapid.IntRange(0, 9).Draw(t, label+" is empty") == 0 {
		return ""
	}
	part := rapid.StringOfN(rapid.SampledFrom([]rune{'a', 'b', '/', '*', '?', glob.Hole}), 0, 5, -1)
	account := rapid.SampledFrom([]string{"", "*", "1", "1?", "12"}).Draw(t, label+" account")
	return "arn:aws:s3::" + account + ":" + part.Draw(t, label)
}

// meetsFully is the question without any index: can one resource fit both?
func meetsFully(denied, pattern string) bool {
	return denied == "" || pattern == "" || glob.IntersectsARN(denied, pattern)
}

func TestTheIndexOfDenialsFindsWhatAFullScanFinds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := &resolver{}
		for i := range rapid.IntRange(0, 12).Draw(t, "denials") {
			r.bites = append(r.bites, bite{in: drawResource(t, "denial"), actions: []uint64{1 << i}})
		}
		r.indexBites()
		for range 4 {
			pattern := drawResource(t, "pattern")
			visited := make(map[*bite]bool)
			var met, want []string
			r.bitesNear(pattern, func(b *bite) {
				if visited[b] {
					t.Fatalf("%q: the denial of %q is visited twice", pattern, b.in)
				}
				visited[b] = true
				if meetsFully(b.in, pattern) {
					met = append(met, b.in)
				}
			})
			for i := range r.bites {
				if meetsFully(r.bites[i].in, pattern) {
					want = append(want, r.bites[i].in)
				}
			}
			slices.Sort(met)
			slices.Sort(want)
			if !slices.Equal(met, want) {
				t.Fatalf("%q: the index finds the denials of %q, a full scan those of %q", pattern, met, want)
			}
		}
	})
}

// What neither begins with the other cannot meet, so that it must not be looked at.
func TestTheIndexOfDenialsLeavesOthersOut(t *testing.T) {
	t.Parallel()
	r := &resolver{}
	for _, in := range []string{"arn:aws:s3:::a*", "arn:aws:s3:::ab", "arn:aws:s3:::b*", "arn:aws:s3:::", "arn:aws:s3:::ab/c", "arn:*:s3:::x", ""} {
		r.bites = append(r.bites, bite{in: in})
	}
	r.indexBites()
	var got []string
	r.bitesNear("arn:aws:s3:::ab/?", func(b *bite) { got = append(got, b.in) })
	slices.Sort(got)
	want := []string{"", "arn:*:s3:::x", "arn:aws:s3:::", "arn:aws:s3:::a*", "arn:aws:s3:::ab", "arn:aws:s3:::ab/c"}
	if !slices.Equal(got, want) {
		t.Errorf("visits %q, want %q", got, want)
	}
}
