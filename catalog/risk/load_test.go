package risk_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leastwise/leastwise/catalog/risk"
)

// own is a rule of a user's own, with changes to its lines.
func own(changes ...string) string {
	text := `
rules:
  - id: own
    category: data-access
    severity: low
    reason: It can read.
    remedy: Take it away.
    any: [s3:ListBucket]
`
	return strings.NewReplacer(changes...).Replace(text)
}

func TestRuleFilesOnTopOfTheEmbedded(t *testing.T) {
	t.Parallel()
	f := load(t)
	n := len(f.rules.All())
	tests := map[string]struct {
		file  string
		count int
		has   map[string]bool
	}{
		"a new rule":                  {own(), n + 1, map[string]bool{"own": true, "sts-assume-role": true}},
		"a rule in place of one":      {own("id: own", "id: data-objects"), n, map[string]bool{"data-objects": true}},
		"in place of all":             {"replace: true" + own(), 1, map[string]bool{"own": true, "sts-assume-role": false}},
		"without some":                {"disabled: [sts-assume-role, trust-service]", n - 2, map[string]bool{"sts-assume-role": false, "trust-service": false}},
		"without its own":             {"disabled: [own]" + own(), n, map[string]bool{"own": false}},
		"severities are not lowered":  {"lower: []", n, nil},
		"in JSON":                     {`{"disabled": ["sts-assume-role"]}`, n - 1, map[string]bool{"sts-assume-role": false}},
		"a pattern of actions":        {own("s3:ListBucket", `"s3:List*"`), n + 1, nil},
		"access levels":               {own("any: [s3:ListBucket]", "levels: [Write, permissions-management]"), n + 1, nil},
		"a combination":               {own("any: [s3:ListBucket]", "actions: [s3:ListBucket, s3:GetObject]"), n + 1, nil},
		"a role that is passed":       {own("any: [s3:ListBucket]", "actions: [iam:PassRole]\n    passes: [x.amazonaws.com]\n    needs: role"), n + 1, nil},
		"a check":                     {own("any: [s3:ListBucket]", "check: trust-saml", "data-access", "trust"), n + 1, nil},
		"the same list by an anchor":  {own("any: [s3:ListBucket]", "any: &list [s3:ListBucket]") + "    known-to: *list\n", n + 1, nil},
		"a title and names elsewhere": {own("severity", "title: Own\n    known-to: [mine:own]\n    severity"), n + 1, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rules, err := risk.Read(f.rules, "own.yaml", strings.NewReader(test.file))
			if err != nil {
				t.Fatal(err)
			}
			if got := len(rules.All()); got != test.count {
				t.Errorf("%d rules, want %d", got, test.count)
			}
			for id, want := range test.has {
				if _, ok := rules.Rule(id); ok != want {
					t.Errorf("%s is there: %v, want %v", id, ok, want)
				}
			}
			if len(f.rules.All()) != n {
				t.Error("the rules below changed")
			}
		})
	}
}

func TestARuleInPlaceOfAnotherIsTheOneThatHolds(t *testing.T) {
	t.Parallel()
	f := load(t)
	rules, err := risk.Read(f.rules, "own.yaml", strings.NewReader(own("id: own", "id: exfiltration-objects", "data-access", "data-exfiltration")))
	if err != nil {
		t.Fatal(err)
	}
	f.engine = risk.NewEngine(rules, risk.DefaultOptions())
	got := find(t, f.judge(f.carry(t, allow("s3:ListBucket", "*"))), "exfiltration-objects")
	if got.Severity != risk.Low || got.Reason != "It can read." {
		t.Errorf("finding %+v", got)
	}
	if found := ids(f.judge(f.carry(t, allow("s3:GetObject", "*")))); !cmp.Equal(found, []string{"data-objects"}) {
		t.Errorf("the rule that was replaced holds still: %v", found)
	}
}

func TestFaultsOfRuleFiles(t *testing.T) {
	t.Parallel()
	f := load(t)
	tests := map[string]struct {
		file string
		want []string
	}{
		"empty":                   {"", []string{"own.yaml: the file is empty"}},
		"not YAML":                {"rules: [", []string{"own.yaml:1: cannot be read as YAML: did not find expected node content"}},
		"not YAML further down":   {"lower:\n- rules: [a]\n  rules: [b\n- rules: [c]\n", []string{"own.yaml:3: cannot be read as YAML: did not find expected ',' or ']'"}},
		"a second document":       {"disabled: [trust-service]\n---\ndisabled: []", []string{"own.yaml:2: the file has a second document"}},
		"not a mapping":           {"- a", []string{"own.yaml:1: the file is not a mapping"}},
		"no rules":                {"replace: false", []string{"own.yaml:1: the file has no rules"}},
		"unknown key":             {"rule: []", []string{`own.yaml:1: "rule" is not known here; want one of disabled, lower, replace, rules`}},
		"rules not a list":        {"rules: {}", []string{"own.yaml:1: rules is not a list"}},
		"a rule not a mapping":    {"rules: [x]", []string{"own.yaml:1: a rule is not a mapping"}},
		"unknown id disabled":     {"disabled: [nothing]", []string{`own.yaml:1: disabled names "nothing", which is no rule`}},
		"replace not a flag":      {"replace: maybe\ndisabled: [sts-assume-role]", []string{"own.yaml:1: replace is neither true nor false"}},
		"unknown action":          {own("s3:ListBucket", "s3:GetObjct"), []string{`own.yaml:8: own: "s3:GetObjct" is no action of the catalog; did you mean s3:GetObject or s3:PutObject?`}},
		"unknown service":         {own("s3:ListBucket", "zzzzzz:Get"), []string{`own.yaml:8: own: "zzzzzz:Get" is no action of the catalog`}},
		"unknown severity":        {own("low", "lowest"), []string{`own.yaml:5: own: parse severity "lowest": want one of info, low, medium, high, critical`}},
		"an empty list":           {own("[s3:ListBucket]", "[]"), []string{"own.yaml:3: own: any has no actions"}},
		"two ways to hold":        {own("any:", "check: trust-saml\n    any:", "data-access", "trust"), []string{"own.yaml:3: own: actions, any, levels and check exclude each other"}},
		"no way to hold":          {own("    any: [s3:ListBucket]\n", ""), []string{"own.yaml:3: own: one of actions, any, levels or check is missing"}},
		"a check elsewhere":       {own("any: [s3:ListBucket]", "check: trust-saml"), []string{`own.yaml:3: own: check "trust-saml" is none of category data-access, which has none`}},
		"passes without PassRole": {own("any: [s3:ListBucket]", "any: [s3:ListBucket]\n    passes: [x]"), []string{"own.yaml:3: own: passes stands beside actions without iam:PassRole"}},
		"unknown scope":           {own("any: [s3:ListBucket]", "any: [s3:ListBucket]\n    scope: wide"), []string{`own.yaml:3: own: scope is "wide", not any or service`}},
		"a key twice":             {own("severity: low", "severity: low\n    severity: high"), []string{"own.yaml:6: own: severity stands twice"}},
		"an id twice":             {own() + strings.TrimPrefix(own(), "\nrules:\n"), []string{"own.yaml:9: own: the id is that of the rule in line 3"}},
		"a reason without text":   {own("It can read.", ""), []string{"own.yaml:6: own: reason is not a text"}},
		"lower without steps":     {"lower: [{when: exact}]", []string{"own.yaml:1: lower wants when (exact, own or no-target) and steps"}},
		"too many steps":          {"lower: [{when: exact, steps: 9}]", []string{"own.yaml:1: steps is not a number from 1 to 4", "own.yaml:1: lower wants when (exact, own or no-target) and steps"}},
		"share without check":     {own("any:", "share: 5\n    any:"), []string{"own.yaml:3: own: share and the check administrator belong together"}},
		"all at once": {own("low", "lowest", "s3:ListBucket", "s3:Nope, s4:Get", "    remedy: Take it away.\n", ""), []string{
			"own.yaml:3: own: remedy is missing",
			`own.yaml:5: own: parse severity "lowest": want one of info, low, medium, high, critical`,
			`own.yaml:7: own: "s3:Nope" is no action of the catalog`,
			`own.yaml:7: own: "s4:Get" is no action of the catalog`,
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rules, err := risk.Read(f.rules, "own.yaml", strings.NewReader(test.file))
			var faults risk.Faults
			if !errors.As(err, &faults) || rules != nil {
				t.Fatalf("got %v, want faults", err)
			}
			got := strings.Split(faults.Error(), "\n")
			for i := range got {
				if i < len(test.want) && strings.HasPrefix(got[i], test.want[i]) {
					got[i] = test.want[i] // which names are near is not the point
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}
