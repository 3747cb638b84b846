package policy_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leastwise/leastwise/catalog/policy"
)

func TestEvidence(t *testing.T) {
	f := loadFacts(t)
	tests := map[string]struct {
		principal
		want []string // "role document.statement effect scope grade"
	}{
		"nothing":                       {principal{}, nil},
		"one statement":                 {principal{identity: []string{allow("s3:*", "*")}}, []string{"identity 0.0 Allow everything none"}},
		"of another action":             {principal{identity: []string{allow("s3:Put*", "*") + "," + allow("s3:Get*", objects)}}, []string{"identity 0.1 Allow prefix none"}},
		"several documents":             {principal{identity: []string{allow("s3:*", "*"), allow("s3:GetObject", objects)}}, []string{"identity 0.0 Allow everything none", "identity 1.0 Allow prefix none"}},
		"with a condition":              {principal{identity: []string{statement("Allow", "s3:*", "*", mfa)}}, []string{"identity 0.0 Allow everything mfa"}},
		"all but an action":             {principal{identity: []string{allow("!iam:*", "*")}}, []string{"identity 0.0 Allow everything none"}},
		"what does nothing is left out": {principal{identity: []string{allow("s3:*", bucket) + "," + allow("s3:*", objects)}}, []string{"identity 0.1 Allow prefix none"}},
		"unless there is nothing else":  {principal{identity: []string{allow("s3:*", bucket)}}, []string{"identity 0.0 Allow none none"}},
		"denied in part":                {principal{identity: []string{allow("s3:*", "*"), deny("s3:*", objects)}}, []string{"identity 0.0 Allow everything none", "identity 1.0 Deny prefix none"}},
		"denied elsewhere":              {principal{identity: []string{allow("s3:*", objects), deny("s3:*", invoices), statement("Deny", "s3:*", "*", mfa)}}, []string{"identity 0.0 Allow prefix none", "identity 2.0 Deny everything mfa"}},
		"denied":                        {principal{identity: []string{allow("s3:*", "*"), deny("s3:*", "*")}}, nil},
		"a boundary that narrows":       {principal{identity: []string{allow("s3:*", "*")}, boundary: allow("s3:*", objects)}, []string{"identity 0.0 Allow everything none", "boundary 0.0 Allow prefix none"}},
		"a boundary that does not":      {principal{identity: []string{allow("s3:*", objects)}, boundary: allow("*", "*")}, []string{"identity 0.0 Allow prefix none"}},
		"a boundary with a condition":   {principal{identity: []string{allow("s3:*", objects)}, boundary: statement("Allow", "*", "*", mfa)}, []string{"identity 0.0 Allow prefix none", "boundary 0.0 Allow everything mfa"}},
		"a control that denies":         {principal{[]string{allow("s3:*", "*")}, "", [][]string{{allow("*", "*")}, {allow("*", "*"), deny("s3:*", objects)}}}, []string{"identity 0.0 Allow everything none", "control 1.0 Deny prefix none"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			policies := f.policiesOf(t, test.principal)
			a, _ := f.LookupAction("s3:GetObject")
			var got []string
			for _, e := range policy.NewEvaluator(f.Catalog).Evaluate(policies).Evidence(nil, a) {
				got = append(got, fmt.Sprintf("%s %d.%d %s %s %s", e.Role, place(policies, e.Attachment), e.Statement, e.Effect, e.Scope, e.Grade))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("evidence (-want +got):\n%s", diff)
			}
		})
	}
}

// place returns where an attachment is in its list.
func place(p *policy.Policies, a *policy.Attachment) int {
	for _, list := range append([][]policy.Attachment{p.Attachments}, p.Controls...) {
		for i := range list {
			if &list[i] == a {
				return i
			}
		}
	}
	return 0
}

func TestEvidenceQuotesTheStatement(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	policies := attached(f.analyze(t, `{"Sid":"A","Effect":"Allow","Action":"s3:GetObject","Resource":["`+objects+`"],"Condition":{"StringEquals":{"aws:PrincipalTag/team":["a","b"]}}},
		{"Sid":"B","Effect":"Allow","Action":"s3:GetObject","NotResource":"`+invoices+`"}`))
	policies.Attachments[0].Name, policies.Attachments[0].Group = "read", "readers"
	a, _ := f.LookupAction("s3:GetObject")
	got := policy.NewEvaluator(f.Catalog).Evaluate(policies).Evidence(make([]policy.Evidence, 1), a)
	want := []policy.Evidence{
		{},
		{
			Attachment: &policies.Attachments[0], SID: "A", Effect: policy.Allow, Scope: policy.ScopePrefix, Resources: []string{objects}, Grade: policy.ConditionTags,
			Conditions: []policy.Condition{{Operator: "StringEquals", Key: "aws:PrincipalTag/team", Values: []string{"a", "b"}}},
		},
		{Attachment: &policies.Attachments[0], Statement: 1, SID: "B", Effect: policy.Allow, Scope: policy.ScopeEverything, NotResources: []string{invoices}},
	}
	equal := cmp.Comparer(func(x, y *policy.Attachment) bool { return x == y })
	if diff := cmp.Diff(want, got, equal); diff != "" {
		t.Errorf("evidence (-want +got):\n%s", diff)
	}
}

func TestConditionsAreGraded(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	tests := map[string]string{
		``: "none",
		`"StringEquals":{"aws:PrincipalOrgID":"o-1"}`:                                          "principal-org",
		`"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-1/*"}`:                           "principal-org",
		`"StringEquals":{"AWS:principalorgid":"o-1"}`:                                          "principal-org",
		`"ArnLike":{"aws:SourceArn":"arn:aws:s3:::a"}`:                                         "source-arn",
		`"StringEquals":{"aws:SourceAccount":"111122223333"}`:                                  "source-arn",
		`"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::1:role/x"}`:                               "principal",
		`"StringEquals":{"aws:username":"ann"}`:                                                "principal",
		`"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}`:                           "passed-to-service",
		`"Bool":{"aws:MultiFactorAuthPresent":"true"}`:                                         "mfa",
		`"Bool":{"aws:MultiFactorAuthPresent":true}`:                                           "mfa",
		`"NumericLessThan":{"aws:MultiFactorAuthAge":"3600"}`:                                  "mfa",
		`"Null":{"aws:MultiFactorAuthAge":"false"}`:                                            "mfa",
		`"StringEquals":{"aws:ResourceTag/team":"a"}`:                                          "tags",
		`"StringEquals":{"aws:RequestTag/team":"a"}`:                                           "tags",
		`"StringEquals":{"aws:PrincipalTag/team":"a"}`:                                         "tags",
		`"StringEquals":{"ec2:ResourceTag/team":"a"}`:                                          "tags",
		`"StringEquals":{"aws:ResourceTag/owner":"${aws:username}"}`:                           "tags",
		`"ForAnyValue:StringEquals":{"aws:TagKeys":"a"}`:                                       "tags",
		`"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}`:                                          "source-ip",
		`"StringEquals":{"aws:SourceVpce":"vpce-1"}`:                                           "source-ip",
		`"StringEquals":{"sts:ExternalId":"x"}`:                                                "external-id",
		`"StringLike":{"token.actions.githubusercontent.com:sub":"repo:a/b:*"}`:                "federation",
		`"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}`:                     "federation",
		`"StringEquals":{"aws:RequestedRegion":"eu-west-1"}`:                                   "other",
		`"StringEquals":{"s3:prefix":"a/"}`:                                                    "other",
		`"Bool":{"aws:ViaAWSService":"true"}`:                                                  "other",
		`"DateLessThan":{"aws:CurrentTime":"2030-01-01T00:00:00Z"}`:                            "other",
		`"StringEquals":{"s3:prefix":"a/","aws:PrincipalOrgID":"o-1"},"Bool":{"aws:x":"true"}`: "principal-org",
		`"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}`:                                       "weak",
		`"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-1"}`:                                  "weak",
		`"ForAllValues:StringEquals":{"aws:PrincipalOrgPaths":"o-1/"}`:                         "weak",
		`"StringLike":{"aws:PrincipalOrgID":"*"}`:                                              "weak",
		`"StringLike":{"aws:PrincipalOrgID":["o-1","*"]}`:                                      "weak",
		`"ArnLike":{"aws:PrincipalArn":"arn:aws:*:*:*:*"}`:                                     "weak",
		`"StringEquals":{"aws:PrincipalOrgID":"${aws:PrincipalOrgID}"}`:                        "weak",
		`"StringEquals":{"aws:PrincipalOrgID":[]}`:                                             "weak",
		`"NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}`:                                       "weak",
		`"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}`:                                             "weak",
		`"IpAddress":{"aws:SourceIp":["192.0.2.0/24","::/0"]}`:                                 "weak",
		`"Bool":{"aws:MultiFactorAuthPresent":"false"}`:                                        "weak",
		`"BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}`:                                 "weak",
		`"Bool":{"aws:SecureTransport":"true"}`:                                                "weak",
		`"Null":{"aws:MultiFactorAuthAge":"true"}`:                                             "weak",
		`"StringSimilar":{"aws:PrincipalOrgID":"o-1"}`:                                         "weak",
		`"StringLike":{"aws:userid":"*"},"StringEquals":{"aws:PrincipalTag/a":"b"}`:            "tags",
	}
	a, _ := f.LookupAction("iam:PassRole")
	for condition, want := range tests {
		e := policy.NewEvaluator(f.Catalog).Evaluate(f.policiesOf(t, principal{identity: []string{statement("Allow", "iam:PassRole", "*", condition)}}))
		if got := e.Evidence(nil, a)[0].Grade.String(); got != want {
			t.Errorf("%s: %s, want %s", condition, got, want)
		}
	}
}

// What is weak in an Allow is what makes a Deny strong.
func TestConditionsOfADenyAreNeverWeak(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	a, _ := f.LookupAction("iam:PassRole")
	for condition, want := range map[string]string{
		`"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}`:        "principal-org",
		`"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}`: "mfa",
		`"StringNotEquals":{"aws:RequestedRegion":"eu-west-1"}`: "other",
	} {
		p := principal{identity: []string{allow("iam:*", "*"), statement("Deny", "iam:PassRole", "*", condition)}}
		evidence := policy.NewEvaluator(f.Catalog).Evaluate(f.policiesOf(t, p)).Evidence(nil, a)
		if got := evidence[1].Grade.String(); got != want {
			t.Errorf("%s: %s, want %s", condition, got, want)
		}
	}
}

func TestNamesOfWhatFindingsSay(t *testing.T) {
	t.Parallel()
	var scopes, roles, grades []string
	for s := policy.ScopeNone; s <= policy.ScopeEverything; s++ {
		scopes = append(scopes, s.String())
	}
	for r := policy.RoleIdentity; r <= policy.RoleControl; r++ {
		roles = append(roles, r.String())
	}
	for g := policy.Unconditional; g <= policy.ConditionPrincipal; g++ {
		grades = append(grades, g.String())
	}
	if !slices.Equal(scopes, []string{"none", "exact", "prefix", "service", "everything"}) || !slices.Equal(roles, []string{"identity", "boundary", "control"}) {
		t.Errorf("scopes %v, roles %v", scopes, roles)
	}
	want := []string{"none", "weak", "other", "tags", "source-ip", "mfa", "passed-to-service", "external-id", "federation", "source-arn", "principal-org", "principal"}
	if !slices.Equal(grades, want) {
		t.Errorf("grades %v", grades)
	}
}
