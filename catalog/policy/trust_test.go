package policy_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leastwise/leastwise/catalog/policy"
)

const ownAccount = "111122223333"

func TestTrustsNamesEveryPrincipal(t *testing.T) {
	t.Parallel()
	doc := mustParse(t, `{"Statement":[
	  {"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":["arn:aws-cn:iam::444455556666:role/x","111122223333","AROAEXAMPLE1234567890"],"Service":"ec2.amazonaws.com"},
	   "Condition":{"StringEquals":{"sts:ExternalId":"secret","aws:PrincipalOrgID":"o-1"},"Bool":{"aws:PrincipalOrgID":"x"}}},
	  {"Effect":"Deny","NotAction":["sts:TagSession"],"Action":"sts:AssumeRole","Principal":"*"},
	  {"Effect":"Allow","Action":["sts:AssumeRoleWithSAML"],"Principal":{"Federated":"arn:aws:iam::111122223333:saml-provider/p","CanonicalUser":"79a5"}},
	  {"Effect":"Deny","Action":"sts:*","NotPrincipal":{"AWS":"arn:aws:iam::444455556666:root"}}]}`)
	assume, saml := []string{"sts:AssumeRole"}, []string{"sts:AssumeRoleWithSAML"}
	keys := []string{"aws:PrincipalOrgID", "sts:ExternalId"}
	want := []policy.Trust{
		{Kind: "AWS", Value: "arn:aws-cn:iam::444455556666:role/x", Trusted: policy.TrustedRole, Grade: policy.ConditionPrincipalOrg, Account: "444455556666", Effect: policy.Allow, Actions: assume, Conditions: keys, HasExternalID: true, Denied: true, Denials: []int{1}},
		{Kind: "AWS", Value: "111122223333", Trusted: policy.TrustedAccount, Grade: policy.ConditionPrincipalOrg, Account: ownAccount, Effect: policy.Allow, Actions: assume, Conditions: keys, HasExternalID: true, Denied: true, Denials: []int{1, 3}},
		{Kind: "AWS", Value: "AROAEXAMPLE1234567890", Trusted: policy.TrustedDeleted, Grade: policy.ConditionPrincipalOrg, Effect: policy.Allow, Actions: assume, Conditions: keys, HasExternalID: true, Deleted: true, Denied: true, Denials: []int{1, 3}},
		{Kind: "Service", Value: "ec2.amazonaws.com", Trusted: policy.TrustedService, Grade: policy.ConditionPrincipalOrg, Effect: policy.Allow, Actions: assume, Conditions: keys, HasExternalID: true, Denied: true, Denials: []int{1, 3}},
		{Statement: 1, Kind: "*", Value: "*", Trusted: policy.TrustedEveryone, Effect: policy.Deny, Actions: []string{"sts:AssumeRole", "!sts:TagSession"}},
		{Statement: 2, Kind: "Federated", Value: "arn:aws:iam::111122223333:saml-provider/p", Trusted: policy.TrustedSAML, Account: ownAccount, Effect: policy.Allow, Actions: saml, Denied: true, Denials: []int{1, 3}},
		{Statement: 2, Kind: "CanonicalUser", Value: "79a5", Trusted: policy.TrustedCanonical, Effect: policy.Allow, Actions: saml, Denied: true, Denials: []int{1, 3}},
		{Statement: 3, Kind: "AWS", Value: "arn:aws:iam::444455556666:root", Trusted: policy.TrustedAccount, Account: "444455556666", Effect: policy.Deny, Actions: []string{"sts:*"}, Excluded: true},
	}
	if diff := cmp.Diff(want, policy.Trusts(doc, ownAccount)); diff != "" {
		t.Errorf("trusts (-want +got):\n%s", diff)
	}
}

func TestTrustsJudgesWhoIsLetIn(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		principal     string // "Principal" or "NotPrincipal" and its value
		condition     string // the Condition's members
		public, cross bool
	}{
		"everyone":                         {principal: `"Principal":"*"`, public: true, cross: true},
		"every AWS principal":              {principal: `"Principal":{"AWS":"*"}`, public: true, cross: true},
		"every federated user":             {principal: `"Principal":{"Federated":"*"}`, public: true, cross: true},
		"an account that is a wildcard":    {principal: `"Principal":{"AWS":"arn:aws:iam::*:root"}`, public: true, cross: true},
		"everyone but one":                 {principal: `"NotPrincipal":{"AWS":"111122223333"}`, public: true, cross: true},
		"another account":                  {principal: `"Principal":{"AWS":"444455556666"}`, cross: true},
		"another account in GovCloud":      {principal: `"Principal":{"AWS":"arn:aws-us-gov:iam::444455556666:user/x"}`, cross: true},
		"another account's session":        {principal: `"Principal":{"AWS":"arn:aws:sts::444455556666:assumed-role/r/s"}`, cross: true},
		"another account's provider":       {principal: `"Principal":{"Federated":"arn:aws:iam::444455556666:oidc-provider/x"}`, cross: true},
		"another account with ExternalId":  {principal: `"Principal":{"AWS":"444455556666"}`, condition: `"StringEquals":{"sts:ExternalId":"x"}`, cross: true},
		"the own account":                  {principal: `"Principal":{"AWS":"arn:aws:iam::111122223333:root"}`},
		"a service":                        {principal: `"Principal":{"Service":"lambda.amazonaws.com"}`},
		"a public provider":                {principal: `"Principal":{"Federated":"accounts.google.com"}`},
		"eleven digits":                    {principal: `"Principal":{"AWS":"44445555666"}`},
		"in the organization":              {principal: `"Principal":"*"`, condition: `"StringEquals":{"aws:PrincipalOrgID":"o-1"}`, cross: true},
		"in the organization, other case":  {principal: `"Principal":"*"`, condition: `"stringequals":{"AWS:principalorgid":["o-1","o-2"]}`, cross: true},
		"in a part of the organization":    {principal: `"Principal":"*"`, condition: `"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-1/r-1/*"}`, cross: true},
		"in the resource's organization":   {principal: `"Principal":"*"`, condition: `"StringEquals":{"aws:PrincipalOrgID":"${aws:ResourceOrgID}"}`, cross: true},
		"in the own account":               {principal: `"Principal":"*"`, condition: `"StringEquals":{"aws:PrincipalAccount":"111122223333"}`},
		"a role of the own account":        {principal: `"Principal":"*"`, condition: `"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/x*"}`},
		"the own account and another":      {principal: `"Principal":"*"`, condition: `"StringEquals":{"aws:PrincipalAccount":["111122223333","444455556666"]}`, cross: true},
		"a VPC endpoint":                   {principal: `"Principal":"*"`, condition: `"StringEquals":{"aws:SourceVpce":"vpce-1"}`, cross: true},
		"a network":                        {principal: `"Principal":"*"`, condition: `"IpAddress":{"aws:SourceIp":["192.0.2.0/24"]}`, cross: true},
		"every network":                    {principal: `"Principal":"*"`, condition: `"IpAddress":{"aws:SourceIp":["192.0.2.0/24","0.0.0.0/0"]}`, public: true, cross: true},
		"any organization":                 {principal: `"Principal":"*"`, condition: `"StringLike":{"aws:PrincipalOrgID":"*"}`, public: true, cross: true},
		"a role of any account":            {principal: `"Principal":"*"`, condition: `"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/x"}`, public: true, cross: true},
		"a variable of the stranger's own": {principal: `"Principal":"*"`, condition: `"StringEquals":{"aws:PrincipalOrgID":"${aws:PrincipalOrgID}"}`, public: true, cross: true},
		"not in the organization":          {principal: `"Principal":"*"`, condition: `"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}`, public: true, cross: true},
		"if in an organization":            {principal: `"Principal":"*"`, condition: `"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-1"}`, public: true, cross: true},
		"all of possibly none":             {principal: `"Principal":"*"`, condition: `"ForAllValues:StringLike":{"aws:PrincipalOrgPaths":"o-1/*"}`, public: true, cross: true},
		"no values":                        {principal: `"Principal":"*"`, condition: `"StringEquals":{"aws:PrincipalOrgID":[]}`, public: true, cross: true},
		"with a secret that is none":       {principal: `"Principal":"*"`, condition: `"StringEquals":{"sts:ExternalId":"x"}`, public: true, cross: true},
		"with a tag":                       {principal: `"Principal":"*"`, condition: `"StringEquals":{"aws:PrincipalTag/team":"x"}`, public: true, cross: true},
		"with MFA":                         {principal: `"Principal":"*"`, condition: `"Bool":{"aws:MultiFactorAuthPresent":true}`, public: true, cross: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			statement := test.principal + `,"Action":"sts:AssumeRole","Condition":{` + test.condition + `}`
			trusts := policy.Trusts(mustParse(t, `{"Statement":[{"Effect":"Allow",`+statement+`}]}`), ownAccount)
			if len(trusts) != 1 || trusts[0].Public != test.public || trusts[0].CrossAccount != test.cross {
				t.Errorf("got %+v, want public %v, cross-account %v", trusts, test.public, test.cross)
			}
			denied := policy.Trusts(mustParse(t, `{"Statement":[{"Effect":"Deny",`+statement+`}]}`), ownAccount)
			if denied[0].Public || denied[0].CrossAccount {
				t.Errorf("a Deny lets in: %+v", denied)
			}
		})
	}
}

func TestTrustsWithoutAnAccount(t *testing.T) {
	t.Parallel()
	doc := mustParse(t, `{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":["444455556666","*"]},
		"Condition":{"StringEquals":{"aws:PrincipalAccount":"111122223333"}}}]}`)
	trusts := policy.Trusts(doc, "")
	if trusts[0].CrossAccount || !trusts[1].CrossAccount || trusts[1].Public {
		t.Errorf("trusts %+v", trusts)
	}
}

func TestTrustsAsksForExternalID(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{
		`"StringEquals":{"sts:ExternalId":"x"}`:            true,
		`"StringLike":{"STS:externalid":["x*","y"]}`:       true,
		`"StringLike":{"sts:ExternalId":"*"}`:              false,
		`"StringLike":{"sts:ExternalId":["x","**"]}`:       false,
		`"StringEqualsIfExists":{"sts:ExternalId":"x"}`:    false,
		`"StringNotEquals":{"sts:ExternalId":"x"}`:         false,
		`"Null":{"sts:ExternalId":"false"}`:                false,
		`"StringEquals":{"sts:RoleSessionName":"x"}`:       false,
		`"ForAllValues:StringLike":{"sts:ExternalId":"x"}`: false,
	}
	for condition, want := range tests {
		doc := mustParse(t, `{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"444455556666"},"Condition":{`+condition+`}}]}`)
		if got := policy.Trusts(doc, ownAccount)[0].HasExternalID; got != want {
			t.Errorf("%s: %v, want %v", condition, got, want)
		}
	}
}

func TestTrustsFindsDeletedPrincipals(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{
		`{"AWS":"AROAJQABLZS4A3QDU576Q"}`:     true,
		`{"AWS":"AIDAJQABLZS4A3QDU576Q"}`:     true,
		`{"AWS":"AROAJQABLZS"}`:               false,
		`{"AWS":"AROAjqablzs4a3qdu576q"}`:     false,
		`{"AWS":"ASIAJQABLZS4A3QDU576Q"}`:     false,
		`{"Service":"AROAJQABLZS4A3QDU576Q"}`: false,
	}
	for principal, want := range tests {
		doc := mustParse(t, `{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":`+principal+`}]}`)
		if got := policy.Trusts(doc, ownAccount)[0].Deleted; got != want {
			t.Errorf("%s: %v, want %v", principal, got, want)
		}
	}
}
