package catalog_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/leastwise/leastwise/catalog"
)

// drawSet makes a set and the same as a map.
func drawSet(t *rapid.T, c *catalog.Catalog, name string) (catalog.Set, map[catalog.ActionID]bool) {
	set, plain := c.NewSet(), map[catalog.ActionID]bool{}
	for range rapid.IntRange(0, 4).Draw(t, name) {
		first := rapid.IntRange(0, c.Len()).Draw(t, "first")
		end := min(c.Len(), first+rapid.IntRange(0, 300).Draw(t, "width"))
		set.AddRange(catalog.ActionID(first), catalog.ActionID(end))
		for a := first; a < end; a++ {
			plain[catalog.ActionID(a)] = true
		}
	}
	return set, plain
}

func sameAsMap(t *rapid.T, what string, set catalog.Set, plain map[catalog.ActionID]bool) {
	t.Helper()
	got := slices.Collect(set.All())
	if !slices.IsSorted(got) || len(got) != set.Count() || set.Count() != len(plain) || set.Empty() != (len(plain) == 0) {
		t.Fatalf("%s: %d actions, Count %d, want %d", what, len(got), set.Count(), len(plain))
	}
	for _, a := range got {
		if !plain[a] || !set.Has(a) {
			t.Fatalf("%s: has %d", what, a)
		}
	}
}

func TestSetBehavesLikeAMap(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	rapid.Check(t, func(t *rapid.T) {
		a, plainA := drawSet(t, c, "a")
		b, plainB := drawSet(t, c, "b")
		sameAsMap(t, "AddRange", a, plainA)

		union, minus, both := a.Clone(), a.Clone(), a.Clone()
		union.Union(b)
		minus.Subtract(b)
		both.Intersect(b)
		plainUnion, plainMinus, plainBoth := map[catalog.ActionID]bool{}, map[catalog.ActionID]bool{}, map[catalog.ActionID]bool{}
		for x := range plainA {
			plainUnion[x] = true
			if plainB[x] {
				plainBoth[x] = true
			} else {
				plainMinus[x] = true
			}
		}
		for x := range plainB {
			plainUnion[x] = true
		}
		sameAsMap(t, "Union", union, plainUnion)
		sameAsMap(t, "Subtract", minus, plainMinus)
		sameAsMap(t, "Intersect", both, plainBoth)
		sameAsMap(t, "Clone", a, plainA)
		if a.Intersects(b) != (len(plainBoth) > 0) {
			t.Fatal("Intersects")
		}
		minus.Union(both)
		if !minus.Equal(a) || a.Equal(b) != (len(plainA) == len(plainB) && len(plainBoth) == len(plainA)) {
			t.Fatal("Equal")
		}

		first := rapid.IntRange(0, c.Len()).Draw(t, "first")
		end := rapid.IntRange(first, c.Len()).Draw(t, "end")
		n := 0
		for x := range plainA {
			if first <= int(x) && int(x) < end {
				n++
			}
		}
		if got := a.CountRange(catalog.ActionID(first), catalog.ActionID(end)); got != n {
			t.Fatalf("CountRange(%d, %d) = %d, want %d", first, end, got, n)
		}
	})
}

func TestSetAddRemoveClear(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	set := c.NewSet()
	last := catalog.ActionID(c.Len() - 1)
	for _, a := range []catalog.ActionID{0, 63, 64, last} {
		set.Add(a)
		set.Add(a)
	}
	set.Remove(63)
	set.Remove(65)
	if got := slices.Collect(set.All()); !slices.Equal(got, []catalog.ActionID{0, 64, last}) {
		t.Errorf("after Add and Remove: %v", got)
	}
	for a := range set.All() {
		if a != 0 {
			t.Errorf("All went on after break, to %d", a)
		}
		break
	}
	set.Clear()
	if !set.Empty() || set.Equal(nil) {
		t.Error("Clear left something, or a set equals one of another length")
	}
}
