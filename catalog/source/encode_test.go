package source_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/source"
)

// facts are random facts whose references all exist.
func facts(seed uint64) *source.Facts {
	r := rand.New(rand.NewPCG(seed, 0))
	f := &source.Facts{Package: "p", Versions: []string{"1"}, Date: time.Unix(r.Int64N(1<<31), 0).UTC()}
	if seed%3 > 0 {
		f.KeptFrom = "q 2"
	}
	f.LastAccessedKnown = seed%2 > 0
	kinds := []string{"String", "Bool", "Numeric"}
	for s := range 1 + r.IntN(5) {
		svc := source.Service{Prefix: fmt.Sprintf("svc%d", s), Name: fmt.Sprintf("Service %d", s)}
		for k := range r.IntN(6) {
			svc.ConditionKeys = append(svc.ConditionKeys, catalog.ConditionKey{Service: svc.Prefix, Name: fmt.Sprintf("aws:Key%d", k), Type: kinds[r.IntN(len(kinds))]})
		}
		keys := func() (out []string) {
			for _, k := range svc.ConditionKeys {
				if r.IntN(2) == 0 {
					out = append(out, k.Name)
				}
			}
			return out
		}
		for t := range r.IntN(5) {
			name := fmt.Sprintf("type%d", t)
			svc.ResourceTypes = append(svc.ResourceTypes, catalog.ResourceType{Service: svc.Prefix, Name: name, ARN: "arn:${Partition}:" + svc.Prefix + "::${Account}:" + name + "/${Id}", ConditionKeys: keys()})
		}
		for a := range r.IntN(40) {
			act := source.Action{Name: fmt.Sprintf("Do%d", a), Level: catalog.Level(r.IntN(catalog.LevelCount)), ConditionKeys: keys()}
			act.LastAccessed = f.LastAccessedKnown && r.IntN(2) == 0
			for _, t := range svc.ResourceTypes {
				if r.IntN(3) == 0 {
					act.Resources = append(act.Resources, catalog.ActionResource{Type: t.Name, Required: r.IntN(2) == 0, ConditionKeys: keys()})
				}
			}
			if len(svc.Actions) > 0 && r.IntN(3) == 0 {
				act.Dependents = []string{svc.Prefix + ":" + svc.Actions[r.IntN(len(svc.Actions))].Name}
			}
			svc.Actions = append(svc.Actions, act)
		}
		f.Services = append(f.Services, svc)
	}
	return f
}

// inOrder sorts facts as a file has them.
func inOrder(f *source.Facts) *source.Facts {
	for i := range f.Services {
		slices.SortFunc(f.Services[i].Actions, func(a, b source.Action) int {
			if a.Level != b.Level {
				return int(a.Level) - int(b.Level)
			}
			return strings.Compare(a.Name, b.Name)
		})
	}
	return f
}

func TestEncodedFactsReadBackEqual(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		data, err := source.Encode(facts(seed))
		if err != nil {
			t.Fatal(err)
		}
		c, err := catalog.Parse(data)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		got, want := fmt.Sprintf("%+v", *source.FactsOf(c)), fmt.Sprintf("%+v", *inOrder(facts(seed)))
		if got != want {
			t.Fatalf("seed %d:\n got %s\nwant %s", seed, got, want)
		}
	}
}

func TestEncodeIsDeterministicWhateverTheOrder(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		want, err := source.Encode(facts(seed))
		if err != nil {
			t.Fatal(err)
		}
		f, r := facts(seed), rand.New(rand.NewPCG(seed, 1))
		shuffle(r, f.Services)
		for _, s := range f.Services {
			shuffle(r, s.Actions)
			shuffle(r, s.ResourceTypes)
			shuffle(r, s.ConditionKeys)
			for _, a := range s.Actions {
				shuffle(r, a.Resources)
				shuffle(r, a.ConditionKeys)
				shuffle(r, a.Dependents)
			}
		}
		if got, err := source.Encode(f); err != nil || !bytes.Equal(got, want) {
			t.Errorf("seed %d: other bytes for the same facts, %v", seed, err)
		}
	}
}

func shuffle[T any](r *rand.Rand, s []T) {
	r.Shuffle(len(s), func(i, j int) { s[i], s[j] = s[j], s[i] })
}

func TestEncodeReportsEveryFault(t *testing.T) {
	t.Parallel()
	thing := catalog.ResourceType{Name: "thing", ARN: "arn:${Partition}:a:::${Id}"}
	check := func(f *source.Facts, want ...string) {
		t.Helper()
		_, err := source.Encode(f)
		if err == nil {
			t.Fatalf("no error; want %q", want)
		}
		for _, w := range want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("error does not say %q: %v", w, err)
			}
		}
	}
	check(&source.Facts{Services: []source.Service{
		{Prefix: "a", Actions: []source.Action{{Name: "X"}, {Name: "x", Level: catalog.Write}}, ResourceTypes: []catalog.ResourceType{thing, thing}},
		{Prefix: "A"},
	}}, "date 0001-01-01", "action a:x: named twice", "resource type thing of a: named twice", "service a: named twice")
	check(&source.Facts{Date: time.Unix(1, 0), Services: []source.Service{{
		Prefix: "a",
		Actions: []source.Action{{
			Name: "X", ConditionKeys: []string{"a:None"}, Dependents: []string{"b:None"},
			Resources: []catalog.ActionResource{{Type: "none"}, {Type: "thing"}, {Type: "Thing"}},
		}},
		ResourceTypes: []catalog.ResourceType{thing, {Name: "odd", ARN: "arn:aws:a:::x"}, {Name: "short", ARN: "arn:${Partition}:a"}},
	}}}, "unknown condition key a:None", "unknown dependent action b:None", "unknown resource type none",
		"resource type Thing named twice", `odd of a: unexpected ARN "arn:aws:a:::x"`, `short of a: unexpected ARN`)
	check(&source.Facts{Date: time.Unix(1, 0), Services: []source.Service{
		{Prefix: "a*"},
		{
			Prefix: "b", Actions: []source.Action{{Name: "Get*"}, {Name: "\x1b[31mPut"}, {Name: ""}, {Name: "b:Put"}, {Name: "Put-It_2"}},
			ResourceTypes: []catalog.ResourceType{{Name: "th\x00ing", ARN: thing.ARN}}, ConditionKeys: []catalog.ConditionKey{{Name: "b:\n", Type: "String"}},
		},
	}}, `service "a*": no policy`, `action "Get*" of b: no policy`, `action "\x1b[31mPut" of b`, `action "" of b`, `action "b:Put" of b`,
		`resource type "th\x00ing" of b: it has characters`, `condition key "b:\n" of b: it has`)
	var kinds []catalog.ConditionKey
	for i := range 17 {
		kinds = append(kinds, catalog.ConditionKey{Name: fmt.Sprint("a:", i), Type: fmt.Sprint(i)})
	}
	check(&source.Facts{Services: []source.Service{{Prefix: "a", ConditionKeys: kinds}}}, "17 types of condition keys")
}
