package risk_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/catalog/risk"
)

func TestExclusions(t *testing.T) {
	t.Parallel()
	f := load(t)
	app := risk.Entity{Kind: "role", Name: "App-1", Path: "/teams/ci/", ARN: "arn:aws:iam::111122223333:role/teams/ci/App-1"}
	linked := risk.Entity{Kind: "role", Name: "AWSServiceRoleForSupport", Path: "/aws-service-role/support.amazonaws.com/"}
	tests := map[string]struct {
		file   string
		entity risk.Entity
		rule   string // "" for the entity as a whole
		want   string // the reason, "" for not excluded
	}{
		"a name":                            {"exclude: [{roles: [App-1]}]", app, "sts-assume-role", "x.yaml:1"},
		"a name in another case":            {"exclude: [{roles: [app-1]}]", app, "sts-assume-role", "x.yaml:1"},
		"another name":                      {"exclude: [{roles: [App]}]", app, "sts-assume-role", ""},
		"a pattern":                         {"exclude: [{roles: [\"app-*\"]}]", app, "sts-assume-role", "x.yaml:1"},
		"a pattern of one character":        {"exclude: [{roles: [\"app-?\"]}]", app, "sts-assume-role", "x.yaml:1"},
		"a pattern with several wildcards":  {"exclude: [{roles: [\"*p*-*1*\"]}]", app, "sts-assume-role", "x.yaml:1"},
		"a path":                            {"exclude: [{roles: [/teams/ci/]}]", app, "sts-assume-role", "x.yaml:1"},
		"a path above":                      {"exclude: [{roles: [/teams/]}]", app, "sts-assume-role", "x.yaml:1"},
		"a path with the name":              {"exclude: [{roles: [/teams/ci/app-1]}]", app, "sts-assume-role", "x.yaml:1"},
		"another path":                      {"exclude: [{roles: [/team/]}]", app, "sts-assume-role", ""},
		"the root path is everything":       {"exclude: [{roles: [/]}]", app, "sts-assume-role", "x.yaml:1"},
		"an ARN":                            {"exclude: [{roles: [\"arn:aws:iam::*:role/teams/*\"]}]", app, "sts-assume-role", "x.yaml:1"},
		"another kind":                      {"exclude: [{users: [App-1]}]", app, "sts-assume-role", ""},
		"with a reason":                     {"exclude: [{roles: [App-1], reason: it deploys}]", app, "sts-assume-role", "it deploys"},
		"for a rule":                        {"exclude: [{roles: [App-1], rules: [sts-assume-role]}]", app, "sts-assume-role", "x.yaml:1"},
		"for another rule":                  {"exclude: [{roles: [App-1], rules: [trust-public]}]", app, "sts-assume-role", ""},
		"for rules by a pattern":            {"exclude: [{roles: [App-1], rules: [\"sts-*\"]}]", app, "sts-assume-role", "x.yaml:1"},
		"for a category":                    {"exclude: [{roles: [App-1], rules: [privilege-escalation]}]", app, "sts-assume-role", "x.yaml:1"},
		"for a rule, asked for the whole":   {"exclude: [{roles: [App-1], rules: [sts-assume-role]}]", app, "", ""},
		"for every rule, asked for a whole": {"exclude: [{roles: [App-1]}]", app, "", "x.yaml:1"},
		"the second entry":                  {"exclude:\n  - {users: [a]}\n  - {groups: [b], roles: [App-1]}", app, "sts-assume-role", "x.yaml:3"},
		"service-linked roles by default":   {"exclude: [{users: [a]}]", linked, "sts-assume-role", "service-linked role"},
		"service-linked roles judged":       {"service-linked-roles: judged", linked, "sts-assume-role", ""},
		"service-linked roles shown":        {"service-linked-roles: shown", linked, "", "service-linked role"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x, err := risk.ReadExclusions(f.rules, "/etc/x.yaml", strings.NewReader(test.file))
			if err != nil {
				t.Fatal(err)
			}
			var rule *risk.Rule
			if test.rule != "" {
				rule, _ = f.rules.Rule(test.rule)
			}
			if got, excluded := x.Match(test.entity, rule); got != test.want || excluded != (test.want != "") {
				t.Errorf("excluded %v because of %q, want %q", excluded, got, test.want)
			}
		})
	}
}

func TestNoExclusionsExcludeServiceLinkedRolesOnly(t *testing.T) {
	t.Parallel()
	var x *risk.Exclusions
	if _, excluded := x.Match(role(), nil); excluded {
		t.Error("a role is excluded")
	}
	if _, excluded := x.Match(risk.Entity{Kind: "role", Path: "/aws-service-role/x/"}, nil); !excluded {
		t.Error("a service-linked role is judged")
	}
	if _, excluded := x.Match(risk.Entity{Kind: "user", Path: "/aws-service-role/x/"}, nil); excluded {
		t.Error("a user with the path is excluded")
	}
}

func TestExcludedFindingsAreCounted(t *testing.T) {
	t.Parallel()
	f := load(t)
	x, err := risk.ReadExclusions(f.rules, "x.yaml", strings.NewReader("exclude: [{roles: [app], rules: [sts-assume-role, trust-public]}]"))
	if err != nil {
		t.Fatal(err)
	}
	f = f.options(func(o *risk.Options) { o.Exclusions = x })
	effective := policy.NewEvaluator(f.Catalog).Evaluate(f.carry(t, allow("sts:AssumeRole iam:PutRolePolicy", oneRole)))
	findings, excluded := f.engine.Findings(effective, role())
	if diff := cmp.Diff([]string{"iam-put-role-policy"}, ids(findings)); diff != "" || excluded != 1 {
		t.Errorf("%d excluded, rules (-want +got):\n%s", excluded, diff)
	}
	trusts, excluded := f.engine.TrustFindings(role(), f.document(t, trust(`"*"`, "")), "")
	if len(trusts) != 0 || excluded != 1 {
		t.Errorf("%d excluded, trusts %v", excluded, ids(trusts))
	}
}

// An administrator has one finding for all that it may do; excluding a rule that this
// covers leaves no finding out.
func TestCoveredFindingsAreNotCountedAsExcluded(t *testing.T) {
	t.Parallel()
	f := load(t)
	for rules, want := range map[string]int{"iam-put-role-policy, sts-assume-role": 0, "full-administrator": 1} {
		x, err := risk.ReadExclusions(f.rules, "x.yaml", strings.NewReader("exclude: [{roles: [app], rules: ["+rules+"]}]"))
		if err != nil {
			t.Fatal(err)
		}
		f := f.options(func(o *risk.Options) { o.Exclusions = x })
		effective := policy.NewEvaluator(f.Catalog).Evaluate(f.carry(t, allow("*", "*")))
		findings, excluded := f.engine.Findings(effective, role())
		if excluded != want || slices.Contains(ids(findings), "full-administrator") != (want == 0) {
			t.Errorf("without %s: %d excluded, want %d: %v", rules, excluded, want, ids(findings))
		}
	}
}

func TestFaultsOfExclusions(t *testing.T) {
	t.Parallel()
	f := load(t)
	file := `service-linked-roles: maybe
exclude:
  - rules: [sts-assume-role]
  - roles: app
    rules: [sts-take-role]
  - role: [app]
`
	_, err := risk.ReadExclusions(f.rules, "x.yaml", strings.NewReader(file))
	want := `x.yaml:1: service-linked-roles is "maybe", neither judged nor shown
x.yaml:3: roles, users, groups and policies are all missing
x.yaml:4: roles is not a list
x.yaml:5: "sts-take-role" is no rule and no category
x.yaml:6: "role" is not known here; want one of groups, policies, reason, roles, rules, users`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}
