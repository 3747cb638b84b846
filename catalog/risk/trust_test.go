package risk_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/catalog/risk"
)

const (
	partner = "444455556666" // of nobody that is known
	sibling = "777788889999" // of the own organization
	github  = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
	cluster = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/A"
	cognito = "cognito-identity.amazonaws.com"
	saml    = "arn:aws:iam::111122223333:saml-provider/corp"
)

// trust is a statement that lets a principal, in JSON, take the role.
func trust(principal, more string) string {
	return fmt.Sprintf(`{"Effect":"Allow","Principal":%s,"Action":["sts:AssumeRole","sts:AssumeRoleWithWebIdentity","sts:AssumeRoleWithSAML"]%s}`, principal, more)
}

func aws(principal string) string { return fmt.Sprintf(`{"AWS":%q}`, principal) }

func federated(provider, conditions string) string {
	if conditions != "" {
		conditions = `,"Condition":{` + conditions + `}`
	}
	return trust(fmt.Sprintf(`{"Federated":%q}`, provider), conditions)
}

// denied is a statement that denies taking the role.
func denied(principal, more string) string {
	return fmt.Sprintf(`{"Effect":"Deny",%s,"Action":"sts:*"%s}`, principal, more)
}

// claim is a condition on a claim of a provider.
func claim(operator, key, value string) string {
	return fmt.Sprintf(`%q:{%q:%q}`, operator, key, value)
}

func TestTrusts(t *testing.T) {
	t.Parallel()
	f := load(t).options(func(o *risk.Options) { o.Accounts = map[string]bool{sibling: true} })
	const ownRole = "arn:aws:iam::111122223333:role/ci"
	external := condition("StringEquals", "sts:ExternalId", "x")
	tests := map[string]struct {
		statements string
		want       []string
	}{
		"own account":                     {trust(aws("arn:aws:iam::111122223333:root"), ""), nil},
		"role of the own account":         {trust(aws(ownRole), ""), nil},
		"own account by its id":           {trust(aws("111122223333"), ""), nil},
		"everyone":                        {trust(`"*"`, ""), []string{"trust-public"}},
		"everyone, as an AWS principal":   {trust(aws("*"), ""), []string{"trust-public"}},
		"everyone with an ExternalId":     {trust(`"*"`, external), []string{"trust-public"}},
		"everyone with MFA":               {trust(`"*"`, condition("Bool", "aws:MultiFactorAuthPresent", "true")), []string{"trust-public"}},
		"everyone of an organization":     {trust(`"*"`, condition("StringEquals", "aws:PrincipalOrgID", "o-1")), []string{"trust-known-account"}},
		"everyone if in an organization":  {trust(`"*"`, condition("StringEqualsIfExists", "aws:PrincipalOrgID", "o-1")), []string{"trust-public"}},
		"everyone of a known account":     {trust(`"*"`, condition("StringEquals", "aws:PrincipalAccount", sibling)), []string{"trust-known-account"}},
		"everyone of a foreign account":   {trust(`"*"`, condition("StringEquals", "aws:PrincipalAccount", partner)), []string{"trust-foreign-account", "trust-no-external-id"}},
		"everyone, and denied":            {trust(`"*"`, "") + "," + denied(`"Principal":"*"`, ""), nil},
		"everyone, one denied":            {trust(`"*"`, "") + "," + denied(`"Principal":{"AWS":"`+partner+`"}`, ""), []string{"trust-public"}},
		"everyone, some ways denied":      {trust(`"*"`, "") + `,{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"}`, []string{"trust-public"}},
		"everyone, denied without MFA":    {trust(`"*"`, "") + "," + denied(`"Principal":"*"`, condition("Bool", "aws:MultiFactorAuthPresent", "false")), []string{"trust-public"}},
		"everyone, others denied":         {trust(`"*"`, "") + "," + denied(`"Principal":"*"`, condition("StringNotEquals", "aws:PrincipalOrgID", "o-1")), []string{"trust-known-account"}},
		"everyone, but services denied":   {trust(`"*"`, "") + "," + denied(`"Principal":"*"`, `,"Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-1"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}`), []string{"trust-known-account"}},
		"everyone, two conditions denied": {trust(`"*"`, "") + "," + denied(`"Principal":"*"`, `,"Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-1"},"Bool":{"aws:MultiFactorAuthPresent":"false"}}`), []string{"trust-public"}},
		"foreign account, and denied":     {trust(aws(partner), "") + "," + denied(`"Principal":{"AWS":"`+partner+`"}`, ""), nil},
		"foreign account, others denied":  {trust(aws(partner), "") + "," + denied(`"NotPrincipal":{"AWS":"111122223333"}`, ""), nil},
		"foreign account, spared":         {trust(aws(partner), "") + "," + denied(`"NotPrincipal":{"AWS":"`+partner+`"}`, ""), []string{"trust-foreign-account", "trust-no-external-id"}},
		"foreign, no ExternalId denied":   {trust(aws(partner), "") + "," + denied(`"Principal":"*"`, condition("StringNotEquals", "sts:ExternalId", "x")), []string{"trust-foreign-account"}},
		"OIDC, other subjects denied":     {federated(github, claim("StringEquals", "token.actions.githubusercontent.com:aud", "sts.amazonaws.com")) + "," + denied(`"Principal":"*"`, condition("StringNotLike", "token.actions.githubusercontent.com:sub", "repo:acme/*")), nil},
		"everyone of the own account":     {trust(`"*"`, condition("StringEquals", "aws:PrincipalAccount", "111122223333")), nil},
		"everyone from a network":         {trust(`"*"`, condition("IpAddress", "aws:SourceIp", "192.0.2.0/24")), []string{"trust-foreign-account"}},
		"known account":                   {trust(aws("arn:aws:iam::"+sibling+":root"), ""), []string{"trust-known-account"}},
		"known account with ExternalId":   {trust(aws("arn:aws:iam::"+sibling+":root"), external), []string{"trust-known-account"}},
		"foreign account":                 {trust(aws("arn:aws:iam::"+partner+":root"), ""), []string{"trust-foreign-account", "trust-no-external-id"}},
		"foreign account by its id":       {trust(aws(partner), ""), []string{"trust-foreign-account", "trust-no-external-id"}},
		"foreign role":                    {trust(aws("arn:aws:iam::"+partner+":role/x"), ""), []string{"trust-foreign-account", "trust-no-external-id"}},
		"foreign account in China":        {trust(aws("arn:aws-cn:iam::"+partner+":root"), ""), []string{"trust-foreign-account", "trust-no-external-id"}},
		"foreign account in GovCloud":     {trust(aws("arn:aws-us-gov:iam::"+partner+":root"), ""), []string{"trust-foreign-account", "trust-no-external-id"}},
		"foreign account with ExternalId": {trust(aws("arn:aws:iam::"+partner+":root"), external), []string{"trust-foreign-account"}},
		"foreign account, any ExternalId": {trust(aws("arn:aws:iam::"+partner+":root"), condition("StringLike", "sts:ExternalId", "*")), []string{"trust-foreign-account", "trust-no-external-id"}},
		"foreign account denied":          {`{"Effect":"Deny","Principal":{"AWS":"` + partner + `"},"Action":"sts:AssumeRole"}`, nil},
		"foreign account may tag only":    {`{"Effect":"Allow","Principal":{"AWS":"` + partner + `"},"Action":"sts:TagSession"}`, nil},
		"foreign account, all of STS":     {`{"Effect":"Allow","Principal":{"AWS":"` + partner + `"},"Action":"sts:*"}`, []string{"trust-foreign-account", "trust-no-external-id"}},
		"two foreign accounts":            {trust(`{"AWS":["`+partner+`","123412341234"]}`, external), []string{"trust-foreign-account", "trust-foreign-account"}},
		"one account in two statements":   {trust(aws(partner), external) + "," + trust(aws(partner), external), []string{"trust-foreign-account"}},
		"everyone but one":                {`{"Effect":"Allow","NotPrincipal":{"AWS":"` + partner + `"},"Action":"sts:AssumeRole"}`, []string{"trust-not-principal"}},
		"a deleted role":                  {trust(aws("AROAEXAMPLEEXAMPLE123"), ""), []string{"trust-deleted-principal"}},
		"a deleted user":                  {trust(aws("AIDAEXAMPLEEXAMPLE123"), ""), []string{"trust-deleted-principal"}},
		"a service":                       {trust(`{"Service":"ec2.amazonaws.com"}`, ""), []string{"trust-service"}},
		"a service that acts for anyone":  {trust(`{"Service":"states.amazonaws.com"}`, ""), []string{"trust-service-confused-deputy"}},
		"a service for one account":       {trust(`{"Service":"states.amazonaws.com"}`, condition("StringEquals", "aws:SourceAccount", "111122223333")), []string{"trust-service"}},
		"a service for one resource":      {trust(`{"Service":"states.amazonaws.com"}`, condition("ArnLike", "aws:SourceArn", "arn:aws:states:*:111122223333:*")), []string{"trust-service"}},
		"a service for any resource":      {trust(`{"Service":"states.amazonaws.com"}`, condition("ArnLike", "aws:SourceArn", "*")), []string{"trust-service-confused-deputy"}},
		"OIDC with all claims":            {federated(github, claim("StringEquals", "token.actions.githubusercontent.com:aud", "sts.amazonaws.com")+","+claim("StringLike", "token.actions.githubusercontent.com:sub", "repo:acme/*")), nil},
		"OIDC without claims":             {federated(github, ""), []string{"trust-oidc-no-audience", "trust-oidc-no-subject"}},
		"OIDC without subject":            {federated(github, claim("StringEquals", "token.actions.githubusercontent.com:aud", "sts.amazonaws.com")), []string{"trust-oidc-no-subject"}},
		"OIDC without audience":           {federated(github, claim("StringEquals", "token.actions.githubusercontent.com:sub", "repo:acme/app:ref:refs/heads/main")), []string{"trust-oidc-no-audience"}},
		"OIDC of any subject":             {federated(github, claim("StringEquals", "token.actions.githubusercontent.com:aud", "sts.amazonaws.com")+","+claim("StringLike", "token.actions.githubusercontent.com:sub", "*")), []string{"trust-oidc-no-subject"}},
		"OIDC of any repository":          {federated(github, claim("StringEquals", "token.actions.githubusercontent.com:aud", "sts.amazonaws.com")+","+claim("StringLike", "token.actions.githubusercontent.com:sub", "repo:*")), []string{"trust-oidc-no-subject"}},
		"OIDC of owners that begin alike": {federated(github, claim("StringEquals", "token.actions.githubusercontent.com:aud", "sts.amazonaws.com")+","+claim("StringLike", "token.actions.githubusercontent.com:sub", "repo:acme*")), []string{"trust-oidc-no-subject"}},
		"OIDC of any owner":               {federated(github, claim("StringEquals", "token.actions.githubusercontent.com:aud", "sts.amazonaws.com")+","+claim("StringLike", "token.actions.githubusercontent.com:sub", "repo:*/app:*")), []string{"trust-oidc-no-subject"}},
		"any pod of a cluster":            {federated(cluster, claim("StringEquals", "oidc.eks.eu-west-1.amazonaws.com/id/A:aud", "sts.amazonaws.com")+","+claim("StringLike", "oidc.eks.eu-west-1.amazonaws.com/id/A:sub", "system:serviceaccount:*:*")), []string{"trust-oidc-no-subject"}},
		"pods of a namespace":             {federated(cluster, claim("StringEquals", "oidc.eks.eu-west-1.amazonaws.com/id/A:aud", "sts.amazonaws.com")+","+claim("StringLike", "oidc.eks.eu-west-1.amazonaws.com/id/A:sub", "system:serviceaccount:shop:*")), nil},
		"OIDC by repository":              {federated(github, claim("StringEquals", "token.actions.githubusercontent.com:aud", "sts.amazonaws.com")+","+claim("ForAnyValue:StringEquals", "token.actions.githubusercontent.com:repository", "acme/app")), nil},
		"claims of another provider":      {federated(github, claim("StringEquals", "gitlab.com:aud", "x")+","+claim("StringEqualsIfExists", "gitlab.com:sub", "y")), []string{"trust-oidc-no-audience", "trust-oidc-no-subject"}},
		"OIDC if there is a subject":      {federated(github, claim("StringEquals", "token.actions.githubusercontent.com:aud", "sts.amazonaws.com")+","+claim("StringEqualsIfExists", "token.actions.githubusercontent.com:sub", "repo:acme/app")), []string{"trust-oidc-no-subject"}},
		"Cognito, signed in":              {federated(cognito, claim("StringEquals", cognito+":aud", "eu-west-1:1")+","+claim("ForAnyValue:StringLike", cognito+":amr", "authenticated")), nil},
		"Cognito, guests":                 {federated(cognito, claim("StringEquals", cognito+":aud", "eu-west-1:1")+","+claim("ForAnyValue:StringLike", cognito+":amr", "unauthenticated")), []string{"trust-oidc-no-subject"}},
		"Cognito, any pool":               {federated(cognito, claim("ForAnyValue:StringLike", cognito+":amr", "authenticated")), []string{"trust-oidc-no-audience"}},
		"SAML":                            {federated(saml, claim("StringEquals", "SAML:aud", "https://signin.aws.amazon.com/saml")), []string{"trust-saml"}},
		"SAML without audience":           {federated(saml, ""), []string{"trust-saml", "trust-saml-no-audience"}},
		"nobody":                          {`{"Effect":"Allow","Principal":{},"Action":"sts:AssumeRole"}`, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			findings, _ := f.engine.TrustFindings(role(), f.document(t, test.statements), "sha")
			if test.want == nil {
				test.want = []string{}
			}
			if diff := cmp.Diff(test.want, ids(findings)); diff != "" {
				t.Errorf("rules (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTrustFindingsSayWhomAndWhere(t *testing.T) {
	t.Parallel()
	f := load(t)
	doc := f.document(t, trust(aws("111122223333"), "")+","+trust(aws(partner), `,"Sid":"Partner"`+condition("IpAddress", "aws:SourceIp", "192.0.2.0/24")))
	findings, _ := f.engine.TrustFindings(role(), doc, "sha")
	got := find(t, findings, "trust-no-external-id")
	if got.Discriminator != "AWS:"+partner || got.Severity != risk.High || !got.Conditional {
		t.Errorf("finding %+v", got)
	}
	want := []risk.Evidence{{
		Document: "sha", Source: "trust", Statement: 1, SID: "Partner", Effect: "Allow",
		Actions:    []string{"sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"},
		Conditions: []risk.Condition{{Operator: "IpAddress", Key: "aws:SourceIp", Values: []string{"192.0.2.0/24"}}},
		Grade:      "source-ip", Note: "trusts " + partner,
	}}
	if diff := cmp.Diff(want, got.Evidence); diff != "" {
		t.Errorf("evidence (-want +got):\n%s", diff)
	}
}

func TestTagOfATrust(t *testing.T) {
	t.Parallel()
	f := load(t)
	tests := map[string]struct {
		statements string
		want       string
	}{
		"everyone":         {trust(`"*"`, ""), "public-or-cross-account-trust"},
		"another account":  {trust(aws(partner), ""), "public-or-cross-account-trust"},
		"own account":      {trust(aws("111122223333"), ""), ""},
		"a service":        {trust(`{"Service":"ec2.amazonaws.com"}`, ""), ""},
		"everyone, denied": {`{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"}`, ""},
	}
	for name, test := range tests {
		if got := risk.TrustTags(policy.Trusts(f.document(t, test.statements), "111122223333")).String(); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
