package risk_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/catalog/risk"
	"github.com/leastwise/leastwise/catalog/source"
)

// without is the embedded catalog without some actions, as if AWS had taken
// them away.
func without(t *testing.T, gone ...string) *catalog.Catalog {
	t.Helper()
	embedded, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	f := source.FactsOf(embedded)
	for i := range f.Services {
		s := &f.Services[i]
		is := func(name string) bool {
			return slices.Contains(gone, s.Prefix+":"+name) || slices.Contains(gone, s.Prefix+":*")
		}
		s.Actions = slices.DeleteFunc(s.Actions, func(a source.Action) bool { return is(a.Name) })
		for j := range s.Actions {
			s.Actions[j].Dependents = slices.DeleteFunc(s.Actions[j].Dependents, func(d string) bool {
				prefix, _, _ := strings.Cut(d, ":")
				return slices.Contains(gone, d) || slices.Contains(gone, prefix+":*")
			})
		}
	}
	data, err := source.Encode(f)
	if err != nil {
		t.Fatal(err)
	}
	c, err := catalog.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTheEmbeddedRulesFitTheEmbeddedCatalog(t *testing.T) {
	t.Parallel()
	if unfit := load(t).rules.Unfit(); len(unfit) > 0 {
		t.Errorf("unfit: %v", unfit)
	}
}

// AWS takes actions away. A combination that lacks one cannot hold; a list is
// what is left of it.
func TestRulesThatDoNotFitACatalogAreToldAndNotMisread(t *testing.T) {
	t.Parallel()
	c := without(t, "codestar:*", "iam:UpdateAccessKey", "s3:GetObject")
	rules, err := risk.Load(c)
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]risk.Unfit{}
	for _, u := range rules.Unfit() {
		told[u.Rule] = u
	}
	codestar := told["passrole-codestar"]
	if _, still := rules.Rule("passrole-codestar"); still || !codestar.Dropped || !slices.Equal(codestar.Missing, []string{"codestar:CreateProject"}) {
		t.Errorf("passrole-codestar: %+v", codestar)
	}
	if got := codestar.String(); got != "risk rule passrole-codestar is left out: the catalog has no codestar:CreateProject" {
		t.Errorf("told as %q", got)
	}
	list := told["data-objects"]
	if rule, still := rules.Rule("data-objects"); !still || len(rule.Actions) == 0 || list.Dropped || !slices.Contains(list.Missing, "s3:GetObject") {
		t.Errorf("data-objects: %+v", list)
	}
	if got := list.String(); !strings.HasPrefix(got, "risk rule data-objects is applied to the other actions: the catalog has no ") {
		t.Errorf("told as %q", got)
	}
	// What PassRole is granted with is not taken for the rule without its action.
	engine := risk.NewEngine(rules, risk.DefaultOptions())
	document, err := policy.ParseDocument([]byte(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	findings, _ := engine.Document(document, policy.Attachment{Analysis: policy.Analyze(c, document)}, risk.Entity{})
	for _, f := range findings {
		if strings.HasPrefix(f.Rule, "passrole-") {
			t.Errorf("found %s", f.Rule)
		}
	}
}

func TestRulesThatAreLeftOutCanStillBeNamed(t *testing.T) {
	t.Parallel()
	rules, err := risk.Load(without(t, "codestar:*"))
	if err != nil {
		t.Fatal(err)
	}
	own, err := risk.Read(rules, "own.yaml", strings.NewReader("disabled: [passrole-codestar, sts-assume-role]"))
	if err != nil {
		t.Fatal(err)
	}
	if len(own.Unfit()) != len(rules.Unfit()) || len(own.All()) != len(rules.All())-1 {
		t.Errorf("%d rules, unfit: %v", len(own.All()), own.Unfit())
	}
	if _, err := risk.ReadExclusions(own, "exclusions.yaml", strings.NewReader("exclude:\n  - roles: [x]\n    rules: [passrole-codestar]\n    reason: reviewed\n")); err != nil {
		t.Error(err)
	}
}

func TestACatalogWithoutTheCoreOfIAMJudgesNothing(t *testing.T) {
	t.Parallel()
	_, err := risk.Load(without(t, "sts:AssumeRole", "iam:PassRole"))
	if err == nil || err.Error() != "the catalog has no iam:PassRole, sts:AssumeRole, without which nothing can be judged" {
		t.Errorf("error %v", err)
	}
}
