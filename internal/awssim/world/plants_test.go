package world_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leastwise/leastwise/catalog/risk"
	"github.com/leastwise/leastwise/internal/awssim/world"
)

// written is a way to administrator as text.
func written(account, from string, steps []world.PlantStep, conditional bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", account, from)
	for _, s := range steps {
		fmt.Fprintf(&b, " -%s-> %s", strings.Join(slices.Sorted(slices.Values(s.Actions)), "+"), s.To)
	}
	fmt.Fprintf(&b, " conditional=%v", conditional)
	return b.String()
}

// planned are the ways that a world says there are.
func planned(w *world.World, day int) []string {
	var all []string
	for _, p := range w.Plants(day) {
		if p.Blocked == "" {
			all = append(all, written(p.Account, p.From, p.Steps, p.Conditional))
		}
	}
	slices.Sort(all)
	return all
}

// found are the ways that the risk rules find, once every account has been judged
// with what the others look like from outside.
func (j *judge) found(w *world.World, day int) []string {
	j.t.Helper()
	surfaces := map[string]risk.Surface{}
	var all []string
	for range 2 {
		all = nil
		for a := range w.Accounts(0) {
			if a.Suspended() {
				break
			}
			for _, judgement := range j.judgeDay(a.Day(start().AddDate(0, 0, day)), surfaces) {
				if judgement.Surface != nil {
					surfaces[a.ID()] = *judgement.Surface
				}
				for _, p := range judgement.Paths {
					if p.Length() > 0 {
						all = append(all, written(a.ID(), p.From, steps(p), p.Conditional))
					}
				}
			}
		}
	}
	slices.Sort(all)
	return all
}

// steps are a path's in the words of a plan.
func steps(p risk.Path) []world.PlantStep {
	var all []world.PlantStep
	for _, s := range p.Steps {
		all = append(all, world.PlantStep{From: s.From, To: s.To, Actions: s.Actions})
	}
	return all
}

// Whoever can become administrator was planted, and whoever was planted can, but
// for those that something blocks. The rules of package risk decide, which know
// nothing of the plans.
func TestNobodyBecomesAdministratorButAsPlanned(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		edit func(*world.Config)
		days []int
	}{
		{"the demo's first year", func(*world.Config) {}, []int{0, 9, 365, 394}},
		{"another seed", func(c *world.Config) { c.Seed = 2 }, []int{14, 370}},
		{"more accounts", func(c *world.Config) { c.Seed, c.Accounts = 3, 9 }, []int{200}},
		{"large accounts", func(c *world.Config) { c.Seed, c.Users, c.Groups, c.Roles, c.Policies = 4, 60, 15, 250, 100 }, []int{20}},
		{"another partition", func(c *world.Config) { c.Seed, c.Partition = 5, "aws-us-gov" }, []int{5}},
		{"no external id", func(c *world.Config) { c.Seed, c.ExternalID = 6, "" }, []int{6}},
		{"one account", func(c *world.Config) { c.Seed, c.Accounts = 7, 1 }, []int{7}},
		{"nothing planted", func(c *world.Config) { c.Seed, c.Plants = 8, false }, []int{8}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w, j := newWorld(t, tc.edit), newJudge(t)
			for _, day := range tc.days {
				if diff := cmp.Diff(planned(w, day), j.found(w, day)); diff != "" {
					t.Errorf("day %d (-planned +found):\n%s", day, diff)
				}
			}
		})
	}
}

func TestPlantsAreOfEveryKind(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	ways, blocked, outside, conditional, crossing := map[int]int{}, map[string]int{}, 0, 0, 0
	actions := map[string]bool{}
	for day := range 20 {
		for _, p := range w.Plants(day) {
			if p.Blocked != "" {
				blocked[p.Blocked]++
				continue
			}
			ways[len(p.Steps)]++
			if p.Outside {
				outside++
			}
			if p.Conditional {
				conditional++
			}
			last := p.Steps[len(p.Steps)-1]
			if !strings.Contains(last.To, p.Account) {
				crossing++
			}
			for _, s := range p.Steps {
				actions[strings.Join(s.Actions, "+")] = true
			}
		}
	}
	if ways[1] == 0 || ways[2] == 0 || ways[3] == 0 || outside == 0 || conditional == 0 || crossing == 0 || len(blocked) < 8 || len(actions) < 18 {
		t.Errorf("ways by length %v, %d from outside, %d conditional, %d into other accounts, %d methods; blocked by %v", ways, outside, conditional, crossing, len(actions), blocked)
	}
}

func TestPlantsComeAndGoAndComeAgain(t *testing.T) {
	t.Parallel()
	for _, first := range []int{0, 365} {
		w := newWorld(t, nil)
		episodes, there := map[string]int{}, map[string]bool{}
		for day := first; day < first+30; day++ {
			now := map[string]bool{}
			for _, p := range w.Plants(day) {
				key := p.Account + " " + p.Name
				now[key] = true
				if !there[key] {
					episodes[key]++
				}
			}
			there = now
		}
		for name, n := range episodes {
			if some := strings.HasSuffix(name, "-some-days") || strings.HasSuffix(name, "-while-it-lives"); some && n < 2 || !some && n != 1 {
				t.Errorf("from day %d on %s is there %d times in 30 days", first, name, n)
			}
		}
		if len(episodes) < 35 {
			t.Errorf("from day %d on there are %d plans", first, len(episodes))
		}
	}
}

// A way that is open on some days is the same entity's each time, and one that
// lives for some days is another's, as ids go.
func TestPlantsKeepOrChangeTheirIDs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	ids := map[string]map[string]bool{"shell-support": {}, "break-glass-keeper": {}}
	for day := range 60 {
		for r := range onDay(t, w, 2, day).Roles() {
			if ids[r.Name] != nil {
				ids[r.Name][r.ID] = true
			}
		}
	}
	if len(ids["shell-support"]) != 1 || len(ids["break-glass-keeper"]) < 4 {
		t.Errorf("ids %v", ids)
	}
}

func TestPlantsResolve(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *world.Config) { c.Accounts = 9 })
	for day := range 40 {
		seen := map[string]bool{}
		for _, p := range w.Plants(day) {
			if seen[p.Account+p.Name] {
				t.Errorf("%s is planted twice in %s", p.Name, p.Account)
			}
			seen[p.Account+p.Name] = true
			for i, s := range p.Steps {
				for n, arn := range []string{s.From, s.To} {
					if p.Outside && i == 0 && n == 0 {
						continue
					}
					account, _ := w.Account(strings.Split(arn, ":")[4])
					if _, there := account.Day(start().AddDate(0, 0, day)).Find(arn); !there {
						t.Errorf("day %d: %s names %s, which is not there", day, p.Name, arn)
					}
				}
				if len(s.Actions) == 0 || i > 0 && s.From != p.Steps[i-1].To {
					t.Errorf("step %d of %s is %+v", i, p.Name, s)
				}
			}
		}
	}
	if len(newWorld(t, func(c *world.Config) { c.Roles = 5 }).Plants(0)) == 0 {
		// Small accounts still let the organization in.
		t.Error("nothing stands in small accounts")
	}
}

func TestSmallAccountsGoWithoutPlants(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *world.Config) { c.Roles, c.Groups = 3, 1 })
	for _, p := range w.Plants(5) {
		if p.Name != "organization-access" {
			t.Errorf("%s is planted in an account that is too small", p.Name)
		}
	}
}
