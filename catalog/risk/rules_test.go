package risk_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/leastwise/leastwise/catalog/risk"
)

// sentence is one sentence: a capital, no full stop inside but in names and
// wildcards, and one at the end.
var sentence = regexp.MustCompile(`^[A-Z][^\n]*[^.\s]\.$`)

func TestEveryRuleSaysWhatItIs(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for _, rule := range load(t).rules.All() {
		if seen[rule.ID] || !regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`).MatchString(rule.ID) {
			t.Errorf("line %d: id %q is not unique words with hyphens", rule.Line, rule.ID)
		}
		seen[rule.ID] = true
		for field, text := range map[string]string{"reason": rule.Reason, "remedy": rule.Remedy} {
			if !sentence.MatchString(text) || strings.Contains(text, ". ") {
				t.Errorf("%s: %s is not one sentence: %q", rule.ID, field, text)
			}
		}
		if rule.Title == "" || strings.HasSuffix(rule.Title, ".") {
			t.Errorf("%s: title %q", rule.ID, rule.Title)
		}
		if !slices.Contains(risk.Categories(), rule.Category) {
			t.Errorf("%s: category %q", rule.ID, rule.Category)
		}
	}
}

func TestEveryCategoryHasRules(t *testing.T) {
	t.Parallel()
	count := make(map[risk.Category]int)
	for _, rule := range load(t).rules.All() {
		count[rule.Category]++
	}
	for _, c := range risk.Categories() {
		if count[c] == 0 {
			t.Errorf("%s has no rules", c)
		}
	}
	if n := count[risk.CategoryPrivilegeEscalation]; n != 105 {
		t.Errorf("there are %d combinations that escalate, want 105", n)
	}
}

// A rule that passes a role says to whom, and that it needs one.
func TestEveryCombinationWithPassRoleSaysWhoReceivesTheRole(t *testing.T) {
	t.Parallel()
	f := load(t)
	pass, _ := f.LookupAction("iam:PassRole")
	service := regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com$`)
	for _, rule := range f.rules.All() {
		if !rule.All || rule.ID == "iam-everything" {
			continue
		}
		passes := slices.Contains(rule.Actions, pass)
		if passes != (len(rule.Passes) > 0) || passes && rule.Needs != risk.NeedRole {
			t.Errorf("%s: passes %v, needs %q", rule.ID, rule.Passes, rule.Needs)
		}
		for _, s := range rule.Passes {
			if !service.MatchString(s) {
				t.Errorf("%s passes a role to %q", rule.ID, s)
			}
		}
	}
}

// No two combinations are the same: they would be found together always.
func TestCombinationsDiffer(t *testing.T) {
	t.Parallel()
	f := load(t)
	seen := make(map[string]string)
	for _, rule := range f.rules.All() {
		if !rule.All {
			continue
		}
		var names []string
		for _, a := range rule.Actions {
			names = append(names, f.FullName(a))
		}
		key := strings.Join(names, " ")
		if other := seen[key]; other != "" {
			t.Errorf("%s and %s have the same actions", rule.ID, other)
		}
		seen[key] = rule.ID
	}
}

func TestRulesAreKnownToOtherTools(t *testing.T) {
	t.Parallel()
	count := make(map[string]int)
	seen := make(map[string]string)
	for _, rule := range load(t).rules.All() {
		for _, name := range rule.KnownTo {
			tool, _, ok := strings.Cut(name, ":")
			if !ok {
				t.Errorf("%s: %q names no tool", rule.ID, name)
			}
			if rule.Category != risk.CategoryPrivilegeEscalation {
				continue
			}
			if other := seen[name]; other != "" {
				t.Errorf("%s and %s are both %s", rule.ID, other, name)
			}
			seen[name] = rule.ID
			count[tool]++
		}
	}
	// What the lists of the three tools have.
	if count["cloudsplaining"] != 59 || count["pathfinding"] != 65 || count["prowler"] < 80 {
		t.Errorf("names by tool: %v", count)
	}
}
