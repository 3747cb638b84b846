package risk_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/leastwise/leastwise/catalog/risk"
)

// Whatever a rule file says, it gives rules that can be judged with, or faults
// with places in it.
func FuzzRuleFile(f *testing.F) {
	facts := load(f)
	for _, seed := range []string{
		"", "# nothing", "rules:", "rules: [{id: [x], any: {}}]", "a: &a [*a]", "rules: &r [*r]", "--- {}\n--- {}", own(), "replace: true" + own(),
		own("s3:ListBucket", "s3:*"), "disabled: [sts-assume-role]", "lower: [{when: exact, steps: 1}]", "<<: {rules: []}", "rules: [{id: x, id: y}]",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rules, err := risk.Read(facts.rules, "own.yaml", strings.NewReader(text))
		if err == nil {
			facts.engine = risk.NewEngine(rules, risk.DefaultOptions())
			facts.judge(facts.carry(t, allow("s3:* iam:*", "*")))
			return
		}
		expectFaults(t, text, err)
	})
}

// Whatever an exclusions file says, it excludes something or has faults.
func FuzzExclusions(f *testing.F) {
	facts := load(f)
	for _, seed := range []string{
		"", "exclude: [{roles: [a], rules: [\"*\"]}]", "exclude: [[]]", "service-linked-roles: judged", "exclude: [{roles: [\"**?*\"], reason: x}]",
	} {
		f.Add(seed)
	}
	rule := facts.rules.All()[0]
	f.Fuzz(func(t *testing.T, text string) {
		x, err := risk.ReadExclusions(facts.rules, "x.yaml", strings.NewReader(text))
		if err != nil {
			expectFaults(t, text, err)
			return
		}
		if reason, excluded := x.Match(role(), &rule); excluded != (reason != "") {
			t.Errorf("excluded %v because of %q", excluded, reason)
		}
	})
}

func expectFaults(t *testing.T, text string, err error) {
	t.Helper()
	var faults risk.Faults
	if !errors.As(err, &faults) || len(faults) == 0 {
		t.Fatalf("%v is no list of faults", err)
	}
	for _, fault := range faults {
		if fault.Reason == "" || fault.Line < 0 || fault.Line > strings.Count(text, "\n")+strings.Count(text, "\r")+2 {
			t.Errorf("fault %+v", fault)
		}
	}
}
