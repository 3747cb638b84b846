package policy_test

import (
	"slices"
	"testing"

	"github.com/leastwise/leastwise/catalog/policy"
)

// reach returns the reach of an action of a user with statements.
func (f facts) reach(t testing.TB, action, statements string) policy.Reach {
	t.Helper()
	id, ok := f.LookupAction(action)
	if !ok {
		t.Fatalf("the catalog has no action %s", action)
	}
	return policy.NewEvaluator(f.Catalog).Evaluate(&policy.Policies{
		Principal:   "arn:aws:iam::111111111111:user/ann",
		Attachments: []policy.Attachment{{Analysis: f.analyze(t, statements)}},
	}).Reach(id)
}

func TestReachAppendNamed(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	for name, test := range map[string]struct {
		principal
		want []string
	}{
		"nothing":          {principal{}, nil},
		"everything":       {principal{identity: []string{allow("*", "*")}}, nil},
		"a pattern":        {principal{identity: []string{allow("iam:*", appRoles)}}, []string{appRoles}},
		"of every layer":   {principal{identity: []string{allow("iam:*", appRoles)}, boundary: allow("*", anyRole)}, []string{appRoles, anyRole}},
		"all but":          {principal{identity: []string{allow("iam:*", "!"+oneRole)}}, nil},
		"denied":           {principal{identity: []string{allow("iam:*", "*"), deny("iam:*", oneRole)}}, nil},
		"all but, denied":  {principal{identity: []string{allow("iam:*", "*"), deny("iam:*", "!"+appRoles)}}, []string{appRoles}},
		"of another thing": {principal{identity: []string{allow("iam:*", appRoles+" arn:aws:iam::*:user/a")}}, []string{appRoles}},
	} {
		if got := f.reachOf(t, test.principal, "iam:PassRole").AppendNamed(nil); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func TestPatternsCoverWhatIsInReach(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	const role = "arn:aws:iam::111111111111:role/a"
	tests := map[string]struct {
		statements string
		arn        string
		want       []string
	}{
		"named":             {`{"Effect":"Allow","Action":"iam:PassRole","Resource":"` + role + `"}`, role, []string{role}},
		"two statements":    {`{"Effect":"Allow","Action":"iam:Pass*","Resource":"` + role + `"},{"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::*:role/?"}`, role, []string{role, "arn:aws:iam::*:role/?"}},
		"everything too":    {`{"Effect":"Allow","Action":"iam:Pass*","Resource":"` + role + `"},{"Effect":"Allow","Action":"iam:*","Resource":"*"}`, role, []string{"*"}},
		"all but":           {`{"Effect":"Allow","Action":"iam:PassRole","NotResource":"arn:aws:iam::111111111111:role/b"}`, role, []string{"*"}},
		"not allowed":       {`{"Effect":"Allow","Action":"iam:GetRole","Resource":"*"}`, "", nil},
		"variable not ours": {`{"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::111111111111:role/${aws:PrincipalTag/team}-x"}`, "", []string{"arn:aws:iam::111111111111:role/*-x"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reach := f.reach(t, "iam:PassRole", tt.statements)
			if got := reach.AppendPatterns(nil); !slices.Equal(got, tt.want) {
				t.Errorf("patterns %q, want %q", got, tt.want)
			}
			if tt.arn != "" && !reach.Contains(tt.arn) {
				t.Errorf("%s is not in reach", tt.arn)
			}
		})
	}
}

func TestReachKnowsWhetherItDependsOnTheService(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	tests := map[string]struct {
		statements string
		want       bool
	}{
		"no condition":      {`{"Effect":"Allow","Action":"iam:PassRole","Resource":"*"}`, false},
		"another condition": {`{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/a":"b"}}}`, false},
		"in any case":       {`{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:passedtoservice":"ec2.amazonaws.com"}}}`, true},
		"one of two":        {`{"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::*:role/a"},{"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::*:role/b","Condition":{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}}`, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := f.reach(t, "iam:PassRole", tt.statements).ByService(); got != tt.want {
				t.Errorf("by service: %v, want %v", got, tt.want)
			}
		})
	}
}
