package policy_test

import (
	"strings"
	"testing"

	"github.com/leastwise/leastwise/catalog/policy"
)

func TestTrustedSaysWhatAPrincipalIs(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"* *":                                "everyone",
		"AWS *":                              "everyone",
		"Federated *":                        "everyone",
		"AWS arn:aws:iam::*:root":            "everyone",
		"AWS 111122223333":                   "account",
		"AWS arn:aws:iam::111122223333:root": "account",
		"AWS arn:aws-cn:iam::1:root":         "unknown",
		"AWS arn:aws-us-gov:iam::444455556666:root":                "account",
		"AWS arn:aws-iso:iam::444455556666:role/path/x":            "role",
		"AWS arn:aws-cn:iam::444455556666:user/x":                  "user",
		"AWS arn:aws:sts::444455556666:assumed-role/r/s":           "session",
		"AWS arn:aws:sts::444455556666:federated-user/x":           "session",
		"AWS arn:aws:s3:::bucket":                                  "unknown",
		"AWS arn:aws:iam::444455556666:group/g":                    "unknown",
		"AWS somebody":                                             "unknown",
		"AWS AROAJQABLZS4A3QDU576Q":                                "deleted",
		"AWS AIDAJQABLZS4A3QDU576Q":                                "deleted",
		"Service lambda.amazonaws.com":                             "service",
		"Service AROAJQABLZS4A3QDU576Q":                            "service",
		"Federated cognito-identity.amazonaws.com":                 "oidc",
		"Federated accounts.google.com":                            "oidc",
		"Federated arn:aws:iam::111122223333:oidc-provider/x.com":  "oidc",
		"Federated arn:aws-cn:iam::111122223333:saml-provider/idp": "saml",
		"CanonicalUser 79a5":                                       "canonical-user",
		"Robot x":                                                  "unknown",
	}
	for principal, want := range tests {
		kind, value, _ := strings.Cut(principal, " ")
		if got := (policy.Principal{Kind: kind, Value: value}).Trusted().String(); got != want {
			t.Errorf("%s: %s, want %s", principal, got, want)
		}
	}
}

func TestServicePrincipal(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"lambda.amazonaws.com":                    "lambda.amazonaws.com",
		"EC2.amazonaws.com":                       "ec2.amazonaws.com",
		"ec2.amazonaws.com.cn":                    "ec2.amazonaws.com",
		"ecs-tasks.amazonaws.com":                 "ecs-tasks.amazonaws.com",
		"states.eu-west-1.amazonaws.com":          "states.amazonaws.com",
		"logs.cn-north-1.amazonaws.com.cn":        "logs.amazonaws.com",
		"ssm.us-gov-west-1.amazonaws.com":         "ssm.amazonaws.com",
		"vpc-flow-logs.amazonaws.com":             "vpc-flow-logs.amazonaws.com",
		"lightsail.aws.internal":                  "lightsail.aws.internal",
		"edgelambda.lambda.amazonaws.com":         "edgelambda.lambda.amazonaws.com",
		"delivery.logs.amazonaws.com":             "delivery.logs.amazonaws.com",
		"cognito-identity.amazonaws.com":          "cognito-identity.amazonaws.com",
		"s3.data-source.lustre.fsx.amazonaws.com": "s3.data-source.lustre.fsx.amazonaws.com",
	} {
		if got := policy.ServicePrincipal(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestTakesRole(t *testing.T) {
	t.Parallel()
	for statement, want := range map[string]bool{
		`"Action":"sts:AssumeRole"`:                            true,
		`"Action":"STS:assumerole"`:                            true,
		`"Action":["sts:TagSession","sts:AssumeRoleWithSAML"]`: true,
		`"Action":"sts:AssumeRoleWithWebIdentity"`:             true,
		`"Action":"sts:*"`:                                     true,
		`"Action":"sts:A*"`:                                    true,
		`"Action":"sts:*Role"`:                                 true,
		`"Action":"sts:AssumeRol?"`:                            true,
		`"Action":"*"`:                                         true,
		`"Action":"*:*"`:                                       true,
		`"Action":["sts:TagSession","sts:SetSourceIdentity"]`:  false,
		`"Action":"sts:AssumeRoleX"`:                           false,
		`"Action":"iam:*"`:                                     false,
		`"NotAction":"sts:TagSession"`:                         true,
		`"NotAction":"sts:AssumeRole"`:                         true, // with SAML still
		`"NotAction":"sts:AssumeRole*"`:                        false,
		`"NotAction":"sts:*"`:                                  false,
	} {
		doc := mustParse(t, `{"Statement":{"Effect":"Allow","Principal":"*",`+statement+`}}`)
		if got := doc.Statements[0].TakesRole(); got != want {
			t.Errorf("%s: %v", statement, got)
		}
	}
}

func TestClaimsThatPinWhoIsLetIn(t *testing.T) {
	t.Parallel()
	const (
		github  = `"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"`
		saml    = `"arn:aws:iam::111122223333:saml-provider/corp"`
		cognito = `"cognito-identity.amazonaws.com"`
		host    = "token.actions.githubusercontent.com"
	)
	tests := map[string]struct {
		provider, condition string
		subject, audience   bool
	}{
		"nothing":                      {github, ``, false, false},
		"both":                         {github, `"StringEquals":{"` + host + `:aud":"sts.amazonaws.com","` + host + `:sub":"repo:a/b:ref:refs/heads/main"}`, true, true},
		"a subject":                    {github, `"StringEquals":{"` + host + `:sub":"repo:a/b:*"}`, true, false},
		"an audience":                  {github, `"StringEquals":{"` + host + `:aud":"sts.amazonaws.com"}`, false, true},
		"in another case":              {github, `"StringEquals":{"Token.Actions.GithubUserContent.com:AUD":"x"}`, false, true},
		"an organization's subjects":   {github, `"StringLike":{"` + host + `:sub":"repo:acme/*"}`, true, false},
		"every subject":                {github, `"StringLike":{"` + host + `:sub":"*"}`, false, false},
		"every repository":             {github, `"StringLike":{"` + host + `:sub":"repo:*"}`, false, false},
		"one of two says every":        {github, `"StringLike":{"` + host + `:sub":["repo:a/b:*","repo:*"]}`, false, false},
		"not a subject":                {github, `"StringNotEquals":{"` + host + `:sub":"repo:a/b"}`, false, false},
		"a subject if there is one":    {github, `"StringEqualsIfExists":{"` + host + `:sub":"repo:a/b"}`, false, false},
		"all of possibly no audiences": {github, `"ForAllValues:StringEquals":{"` + host + `:aud":"sts.amazonaws.com"}`, false, false},
		"of another provider":          {github, `"StringEquals":{"gitlab.com:aud":"x","gitlab.com:sub":"y"}`, false, false},
		"a repository":                 {github, `"StringEquals":{"` + host + `:repository":"a/b"}`, true, false},
		"SAML":                         {saml, ``, false, false},
		"SAML with an audience":        {saml, `"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}`, false, true},
		"SAML with a subject":          {saml, `"StringEquals":{"SAML:sub":"_cbb88bf52c2510eabe00c1642d4643f41430fe25e3"}`, true, false},
		"SAML of an issuer":            {saml, `"StringEquals":{"SAML:iss":"https://idp.example/"}`, false, false},
		"SAML with any audience":       {saml, `"StringLike":{"SAML:aud":"*"}`, false, false},
		"Cognito":                      {cognito, `"StringEquals":{"cognito-identity.amazonaws.com:aud":"pool"}`, false, true},
		"Cognito, signed in":           {cognito, `"ForAnyValue:StringLike":{"cognito-identity.amazonaws.com:amr":"authenticated"}`, true, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := mustParse(t, `{"Statement":{"Effect":"Allow","Action":"sts:*","Principal":{"Federated":`+test.provider+`},"Condition":{`+test.condition+`}}}`)
			trust := policy.Trusts(doc, ownAccount)[0]
			if trust.Subject != test.subject || trust.Audience != test.audience {
				t.Errorf("subject %v, audience %v", trust.Subject, trust.Audience)
			}
		})
	}
}
