package world_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/leastwise/leastwise/internal/awssim/world"
)

// names returns the names of the controls of each level.
func names(levels [][]world.Control) [][]string {
	var all [][]string
	for _, level := range levels {
		var of []string
		for _, c := range level {
			of = append(of, c.Name)
		}
		all = append(all, of)
	}
	return all
}

func TestControlsGoFromTheRootToTheAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for i, want := range [][]string{
		1: {"baseline-guardrails", "approved-regions", "", ""},
		2: {"baseline-guardrails", "approved-regions", "", ""},
		3: {"baseline-guardrails", "sandbox-services", ""},
		4: {"baseline-guardrails", "approved-regions", "protect-production", ""},
		5: {"baseline-guardrails", "quarantine", ""},
	} {
		got := names(onDay(t, w, i, 0).Controls())
		if len(got) != len(want) {
			t.Errorf("account %d has the controls %v", i, got)
			continue
		}
		for n, level := range got {
			if want[n] != "" && !slices.Contains(level, want[n]) {
				t.Errorf("account %d, level %d: %v, want %s among them", i, n, level, want[n])
			}
			if allowList := want[n] == "sandbox-services"; slices.Contains(level, "FullAWSAccess") == allowList {
				t.Errorf("account %d, level %d: %v", i, n, level)
			}
		}
	}
	if got := onDay(t, w, 0, 0).Controls(); got != nil {
		t.Errorf("the management account is limited by %v", names(got))
	}
}

// What an account's controls are follows from the targets and the parents.
func TestControlsAgreeWithTargetsAndParents(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *world.Config) { c.Accounts = 12 })
	for day := range 40 {
		attached := map[string][]string{}
		for c := range w.Controls(day) {
			for target := range w.Targets(c.ID, day) {
				attached[target] = append(attached[target], c.Name)
			}
		}
		for a := range w.Accounts(1) {
			path := []string{a.ID()}
			for at, ok := w.Parent(a.ID(), day); ok; at, ok = w.Parent(at.ID, day) {
				path = slices.Insert(path, 0, at.ID)
			}
			if path[0] != w.Root().ID {
				t.Fatalf("%s is not below the root: %v", a.Name(), path)
			}
			got := names(a.Day(start().AddDate(0, 0, day)).Controls())
			if len(got) != len(path) {
				t.Fatalf("day %d: %s has %d levels and %d controls", day, a.Name(), len(path), len(got))
			}
			for n, target := range path {
				if len(got[n]) == 0 || !slices.Equal(got[n], attached[target]) {
					t.Errorf("day %d: %s has %v on level %d, and %v are attached there", day, a.Name(), got[n], n, attached[target])
				}
			}
		}
	}
}

func TestControlsDrift(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	edited, moved, changed := 0, 0, 0
	for day := range 60 {
		before, after := slices.Collect(w.Controls(day)), slices.Collect(w.Controls(day+1))
		for i := range before {
			if string(before[i].Document) != string(after[i].Document) {
				edited++
			}
			if !slices.Equal(slices.Collect(w.Targets(before[i].ID, day)), slices.Collect(w.Targets(before[i].ID, day+1))) {
				changed++
			}
		}
		for a := range w.Accounts(0) {
			was, _ := w.Parent(a.ID(), day)
			if is, _ := w.Parent(a.ID(), day+1); is != was {
				moved++
			}
		}
	}
	if edited < 2 || moved < 1 || changed < 4 {
		t.Errorf("in 60 days %d edits, %d accounts moved, %d changes of targets", edited, moved, changed)
	}
}

func TestControlsAreWhatAWSAccepts(t *testing.T) {
	t.Parallel()
	for _, partition := range []string{"aws", "aws-cn", "aws-us-gov"} {
		w := newWorld(t, func(c *world.Config) { c.Partition = partition })
		ids := map[string]bool{}
		for c := range w.Controls(3) {
			var doc struct {
				Version   string
				Statement any
			}
			if err := json.Unmarshal(c.Document, &doc); err != nil || doc.Statement == nil {
				t.Errorf("%s: %v: %s", c.Name, err, c.Document)
			}
			// The quota on the size of a service control policy, without white space.
			if size := len(strings.Join(strings.Fields(string(c.Document)), "")); size > 5120 {
				t.Errorf("%s has %d characters", c.Name, size)
			}
			if !regexp.MustCompile(`^p-([a-z0-9]{8}|FullAWSAccess)$`).MatchString(c.ID) || ids[c.ID] || !strings.HasSuffix(c.ARN, "/service_control_policy/"+c.ID) {
				t.Errorf("%s has the id %s and the ARN %s", c.Name, c.ID, c.ARN)
			}
			ids[c.ID] = true
			if strings.Contains(string(c.Document), "<") || !strings.HasPrefix(c.ARN, "arn:"+partition+":organizations::") {
				t.Errorf("%s of %s: %s", c.Name, c.ARN, c.Document)
			}
		}
		for u := range w.Units() {
			if !regexp.MustCompile(`^(r-[a-z0-9]{4}|ou-[a-z0-9]{4}-[a-z0-9]{8})$`).MatchString(u.ID) || ids[u.ID] {
				t.Errorf("%s has the id %s", u.Name, u.ID)
			}
			ids[u.ID] = true
		}
	}
}
