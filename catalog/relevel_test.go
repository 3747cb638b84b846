package catalog_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/source"
)

// reencoded is what WithLevels must equal: a file of the same facts with other
// levels, read anew.
func reencoded(t *testing.T, c *catalog.Catalog, levels map[catalog.ActionID]catalog.Level) *catalog.Catalog {
	t.Helper()
	f := source.FactsOf(c)
	id := catalog.ActionID(0)
	for _, s := range f.Services {
		for i := range s.Actions {
			if l, changed := levels[id]; changed {
				s.Actions[i].Level = l
			}
			id++
		}
	}
	data, err := source.Encode(f)
	if err != nil {
		t.Fatal(err)
	}
	out, err := catalog.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// sameAnswers compares all that two catalogs say.
func sameAnswers(t *testing.T, got, want *catalog.Catalog) {
	t.Helper()
	if g, w := fmt.Sprintf("%+v", got.Info()), fmt.Sprintf("%+v", want.Info()); g != w {
		t.Errorf("info %s, want %s", g, w)
	}
	a, b := source.FactsOf(got), source.FactsOf(want)
	for i, s := range b.Services {
		if g, w := fmt.Sprintf("%+v", a.Services[i]), fmt.Sprintf("%+v", s); g != w {
			t.Fatalf("service %s: %.2000s\nwant %.2000s", s.Prefix, g, w)
		}
	}
	for id := range catalog.ActionID(want.Len()) {
		name := want.FullName(id)
		if at, ok := got.LookupAction(name); !ok || at != id {
			t.Fatalf("%s is action %d, want %d", name, at, id)
		}
		if got.ServiceOf(id) != want.ServiceOf(id) || got.LevelOf(id) != want.LevelOf(id) {
			t.Fatalf("%s is of another service or level", name)
		}
		x, y := got.NewSet(), want.NewSet()
		got.AddDependents(x, id)
		want.AddDependents(y, id)
		if !slices.Equal(x, y) {
			t.Fatalf("%s needs %v, want %v", name, got.Names(x), want.Names(y))
		}
	}
	for _, pattern := range []string{"*", "s3:*Object*", "iam:Pass?ole", "*:*Tag*"} {
		x, y := got.NewSet(), want.NewSet()
		got.AddMatches(x, pattern)
		want.AddMatches(y, pattern)
		if !slices.Equal(x, y) {
			t.Errorf("%s names other actions", pattern)
		}
	}
	for id := range want.Services() {
		for l := range catalog.Level(catalog.LevelCount) {
			a, b := got.LevelRange(catalog.ServiceID(id), l)
			if c, d := want.LevelRange(catalog.ServiceID(id), l); a != c || b != d {
				t.Fatalf("level %s of service %d: [%d, %d), want [%d, %d)", l, id, a, b, c, d)
			}
		}
	}
}

func TestWithLevelsIsTheCatalogOfTheFactsWithOtherLevels(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	for seed := range uint64(4) {
		r := rand.New(rand.NewPCG(seed, 0))
		levels := map[catalog.ActionID]catalog.Level{}
		for range []int{0, 1, 300, 20_000}[seed] {
			levels[catalog.ActionID(r.IntN(c.Len()))] = catalog.Level(r.IntN(catalog.LevelCount))
		}
		got, err := c.WithLevels(levels)
		if err != nil {
			t.Fatal(err)
		}
		sameAnswers(t, got, reencoded(t, c, levels))
	}
}

func TestWithLevelsKeepsWhatSomeSourcesSay(t *testing.T) {
	t.Parallel()
	data, err := source.Encode(&source.Facts{Date: time.Unix(1, 0), KeptFrom: "kept 1", LastAccessedKnown: true, Services: []source.Service{{
		Prefix:  "a",
		Actions: []source.Action{{Name: "Get", Level: catalog.Read, LastAccessed: true}, {Name: "Put", Level: catalog.Write}, {Name: "Zap", Level: catalog.Write, LastAccessed: true}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	c, err := catalog.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	levels := map[catalog.ActionID]catalog.Level{0: catalog.PermissionsManagement, 2: catalog.List}
	got, err := c.WithLevels(levels)
	if err != nil {
		t.Fatal(err)
	}
	sameAnswers(t, got, reencoded(t, c, levels))
	if names := [...]string{got.FullName(0), got.FullName(1), got.FullName(2)}; names != [...]string{"a:Zap", "a:Put", "a:Get"} {
		t.Errorf("order %v", names)
	}
	if a, known := got.LastAccessed(1); a || !known {
		t.Errorf("a:Put: %v %v", a, known)
	}
}

func TestWithLevelsLeavesTheCatalogAsItIs(t *testing.T) {
	t.Parallel()
	before, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := before.WithLevels(map[catalog.ActionID]catalog.Level{7: catalog.Tagging, 8: catalog.PermissionsManagement}); err != nil {
		t.Fatal(err)
	}
	sameAnswers(t, before, embedded(t))
}

func TestWithLevelsRefusesWhatThereIsNot(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	for name, levels := range map[string]map[catalog.ActionID]catalog.Level{
		"an action": {catalog.ActionID(c.Len()): catalog.List},
		"a level":   {0: catalog.LevelCount},
	} {
		if _, err := c.WithLevels(levels); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func BenchmarkWithLevels(b *testing.B) {
	c := embedded(b)
	levels := map[catalog.ActionID]catalog.Level{}
	for a := catalog.ActionID(0); int(a) < c.Len(); a += 100 {
		levels[a] = catalog.PermissionsManagement
	}
	for b.Loop() {
		if _, err := c.WithLevels(levels); err != nil {
			b.Fatal(err)
		}
	}
}
