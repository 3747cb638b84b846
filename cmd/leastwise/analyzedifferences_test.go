package main

import (
	"slices"
	"strings"
	"testing"
)

// Where analyze finds something else than policy_sentry: docs/policy_sentry.md.
func TestAnalyzeDiffersFromPolicySentry(t *testing.T) {
	t.Parallel()
	statement := func(s string) string { return `{"Version":"2012-10-17","Statement":[` + s + `]}` }
	const edit = `{"Effect":"Allow","Action":"iam:CreatePolicyVersion","Resource":"*"}`
	for name, tt := range map[string]struct {
		policy   string
		category string
		found    bool
	}{
		"an action that leads nowhere alone":   {statement(`{"Effect":"Allow","Action":["ec2:RunInstances","lambda:InvokeFunction"],"Resource":"*"}`), "privilege-escalation", false},
		"a combination":                        {statement(`{"Effect":"Allow","Action":["ec2:RunInstances","iam:PassRole"],"Resource":"*"}`), "privilege-escalation", true},
		"a combination over two statements":    {statement(`{"Effect":"Allow","Action":"ec2:RunInstances","Resource":"*"},{"Effect":"Allow","Action":"iam:PassRole","Resource":"*"}`), "privilege-escalation", true},
		"a role that is not for that service":  {statement(`{"Effect":"Allow","Action":"ec2:RunInstances","Resource":"*"},{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"states.amazonaws.com"}}}`), "privilege-escalation", false},
		"what is denied":                       {statement(edit + `,{"Effect":"Deny","Action":"iam:Create*","Resource":"*"}`), "privilege-escalation", false},
		"what is denied under a condition":     {statement(edit + `,{"Effect":"Deny","Action":"iam:*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}}`), "privilege-escalation", true},
		"what NotAction leaves":                {statement(`{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}`), "full-administrator", true},
		"a question mark":                      {statement(`{"Effect":"Allow","Action":"iam:CreatePolicyVersio?","Resource":"*"}`), "privilege-escalation", true},
		"a statement without a list":           {`{"Statement":` + edit + `}`, "privilege-escalation", true},
		"whom a trust policy lets in":          {`{"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}}`, "trust", true},
		"an administrator's policy is not all": {statement(`{"Effect":"Allow","Action":"*","Resource":"*"}`), "network-exposure", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := judgedBy(t, tt.policy, "analyze", "policy-file", "-")
			var categories []string
			for _, f := range got.Findings {
				categories = append(categories, f.Category)
			}
			if slices.Contains(categories, tt.category) != tt.found {
				t.Errorf("%s: %v, want %v; rules %v", tt.category, !tt.found, tt.found, got.rules())
			}
		})
	}
}

func TestAnalyzeSaysWhichStatementGrants(t *testing.T) {
	t.Parallel()
	got := judgedBy(t, escalating, "analyze", "policy-file", "-")
	for _, f := range got.Findings {
		for _, e := range f.Evidence {
			if len(e.Document) != 64 || e.Effect != "Allow" || e.Statement == 0 != (e.SID == "Edit") || !strings.HasPrefix(f.Actions[0], []string{"iam:", "secretsmanager:"}[e.Statement]) {
				t.Errorf("%s rests on %+v", f.Rule, e)
			}
		}
	}
}
