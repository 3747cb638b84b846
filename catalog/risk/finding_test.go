package risk_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/catalog/risk"
)

func TestFindingNamesItsStatements(t *testing.T) {
	t.Parallel()
	f := load(t)
	p := f.carry(t,
		allow("s3:ListBucket", "*")+","+allow("iam:PassRole", appRoles, `,"Sid":"Pass"`+condition("StringEquals", "iam:PassedToService", "ec2.amazonaws.com")),
		allow("ec2:RunInstances", "*")+`,{"Effect":"Deny","Action":"ec2:*","Resource":"arn:aws:ec2:eu-west-1:*:instance/*"}`)
	p.Attachments[0].Group = "developers"
	p.Attachments[1].Source, p.Attachments[1].ARN = "managed", "arn:aws:iam::111122223333:policy/run"
	got := find(t, f.judge(p), "passrole-ec2-run-instances")
	want := []risk.Evidence{
		{
			Document: "sha-p0", Policy: "p0", Source: "inline", Group: "developers", Statement: 1, SID: "Pass", Effect: "Allow",
			Actions: []string{"iam:PassRole"}, Scope: "prefix", Resources: []string{appRoles}, Grade: "passed-to-service",
			Conditions: []risk.Condition{{Operator: "StringEquals", Key: "iam:PassedToService", Values: []string{"ec2.amazonaws.com"}}},
		},
		{
			Document: "sha-p1", Policy: "arn:aws:iam::111122223333:policy/run", Source: "managed", Effect: "Allow",
			Actions: []string{"ec2:RunInstances"}, Scope: "everything", Resources: []string{"*"},
		},
		{
			Document: "sha-p1", Policy: "arn:aws:iam::111122223333:policy/run", Source: "managed", Statement: 1, Effect: "Deny",
			Actions: []string{"ec2:RunInstances"}, Scope: "prefix", Resources: []string{"arn:aws:ec2:eu-west-1:*:instance/*"},
		},
	}
	byPlace := func(a, b risk.Evidence) int {
		if a.Document != b.Document {
			return map[bool]int{true: -1, false: 1}[a.Document < b.Document]
		}
		return a.Statement - b.Statement
	}
	slices.SortFunc(got.Evidence, byPlace)
	if diff := cmp.Diff(want, got.Evidence); diff != "" {
		t.Errorf("evidence (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"ec2:RunInstances", "iam:PassRole"}, got.Actions); diff != "" {
		t.Errorf("actions (-want +got):\n%s", diff)
	}
	if got.Scope != "prefix" || got.Conditional || !got.PartlyDenied || got.ActionCount != 2 {
		t.Errorf("scope %s, conditional %v, partly denied %v", got.Scope, got.Conditional, got.PartlyDenied)
	}
}

func TestFindingTellsWhatItIncludes(t *testing.T) {
	t.Parallel()
	f := load(t)
	got := find(t, f.judge(f.carry(t, allow("lambda:UpdateFunctionCode lambda:InvokeFunction lambda:AddPermission", "*"))), "lambda-update-function-code")
	if diff := cmp.Diff([]string{"lambda-update-function-code-invoke", "lambda-update-function-code-permission"}, got.Includes); diff != "" {
		t.Errorf("includes (-want +got):\n%s", diff)
	}
	for _, name := range []string{"cloudsplaining:EditExistingLambdaFunctionWithRole", "cloudsplaining:UpdateAndInvokeLambdaFunction", "pathfinding:lambda-005"} {
		if !slices.Contains(got.KnownTo, name) {
			t.Errorf("%s is not among %v", name, got.KnownTo)
		}
	}
}

func TestSeverity(t *testing.T) {
	t.Parallel()
	f := load(t)
	const self = "arn:aws:iam::*:user/${aws:username}"
	tests := map[string]struct {
		documents []string
		rule      string
		want      risk.Severity
	}{
		"as the rule says":           {[]string{allow("iam:PutUserPolicy", "*")}, "iam-put-user-policy", risk.Critical},
		"everything in a service":    {[]string{allow("iam:PutUserPolicy", "arn:aws:iam::111122223333:user/*")}, "iam-put-user-policy", risk.Critical},
		"a prefix":                   {[]string{allow("iam:PutUserPolicy", "arn:aws:iam::111122223333:user/dev-*")}, "iam-put-user-policy", risk.Critical},
		"a single user":              {[]string{allow("iam:PutUserPolicy", "arn:aws:iam::111122223333:user/bob")}, "iam-put-user-policy", risk.High},
		"its own policy":             {[]string{allow("iam:PutUserPolicy", self)}, "iam-put-user-policy", risk.High},
		"its own key":                {[]string{allow("iam:CreateAccessKey", self)}, "iam-create-access-key", risk.Info},
		"its own and another's key":  {[]string{allow("iam:CreateAccessKey", self), allow("iam:CreateAccessKey", "arn:aws:iam::111122223333:user/bob")}, "iam-create-access-key", risk.Medium},
		"its own key and any":        {[]string{allow("iam:CreateAccessKey", self), allow("iam:CreateAccessKey", "*")}, "iam-create-access-key", risk.High},
		"a condition excuses nobody": {[]string{allow("iam:PutUserPolicy", "*", condition("Bool", "aws:MultiFactorAuthPresent", "true"))}, "iam-put-user-policy", risk.Critical},
		"the narrowest decides":      {[]string{allow("iam:PassRole", oneRole), allow("ec2:RunInstances", "*")}, "passrole-ec2-run-instances", risk.Medium},
		"not the widest":             {[]string{allow("iam:PassRole", "*"), allow("lambda:CreateFunction", "*"), allow("lambda:InvokeFunction", function)}, "passrole-lambda-invoke", risk.Medium},
		"a role to assume":           {[]string{allow("sts:AssumeRole", oneRole)}, "sts-assume-role", risk.Low},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := find(t, f.judge(f.carry(t, test.documents...)), test.rule); got.Severity != test.want {
				t.Errorf("%s with scope %s is %s, want %s", got.Rule, got.Scope, got.Severity, test.want)
			}
		})
	}
}

func TestWhatRulesNeed(t *testing.T) {
	t.Parallel()
	f := load(t)
	for rule, want := range map[string]string{
		"sts-assume-role": "role", "iam-create-access-key": "user", "iam-add-user-to-group": "group", "iam-create-policy-version": "policy",
		"lambda-update-function-code": "function", "ssm-send-command": "instance", "codebuild-start-build": "project", "passrole-lambda-invoke": "role",
	} {
		r, ok := f.rules.Rule(rule)
		if !ok {
			t.Fatalf("no rule %s", rule)
		}
		var actions string
		for _, a := range r.Actions {
			actions += f.FullName(a) + " "
		}
		got := find(t, f.judge(f.carry(t, allow(actions, "*"))), rule)
		if diff := cmp.Diff(&risk.Target{Needs: want}, got.Target); diff != "" {
			t.Errorf("%s: target (-want +got):\n%s", rule, diff)
		}
	}
	if got := find(t, f.judge(f.carry(t, allow("iam:Put*", "*"))), "iam-put-user-policy"); got.Target == nil {
		t.Error("a user's policy needs a user")
	}
}

func TestResolvedTargets(t *testing.T) {
	t.Parallel()
	f := load(t)
	made := func() risk.Finding {
		return find(t, f.judge(f.carry(t, allow("iam:PassRole", oneRole), allow("ec2:RunInstances", "*"))), "passrole-ec2-run-instances")
	}
	some, none := made(), made()
	f.engine.Resolve(&some, []string{oneRole}, 1)
	f.engine.Resolve(&none, nil, 0)
	if want := (risk.Target{Needs: "role", Resolved: true, Candidates: []string{oneRole}, Count: 1}); !cmp.Equal(want, *some.Target) || some.Severity != risk.Medium {
		t.Errorf("with a role: %+v, %s", some.Target, some.Severity)
	}
	if !none.Target.Resolved || none.Severity != risk.Info {
		t.Errorf("without a role: %+v, %s", none.Target, none.Severity)
	}
	if !slices.Contains(none.Lowered, risk.WhenNoTarget) || slices.Contains(some.Lowered, risk.WhenNoTarget) {
		t.Errorf("lowered by %v without a role, by %v with one", none.Lowered, some.Lowered)
	}
	f.engine.Resolve(&none, []string{oneRole}, 1)
	if none.Severity != risk.Medium || slices.Contains(none.Lowered, risk.WhenNoTarget) {
		t.Errorf("a role that comes back leaves %s, lowered by %v", none.Severity, none.Lowered)
	}
}

func TestFindingsAreBounded(t *testing.T) {
	t.Parallel()
	f := load(t).options(func(o *risk.Options) { o.MaxActions, o.MaxEvidence = 3, 2 })
	got := find(t, f.judge(f.carry(t, allow("s3:*", "*"), allow("s3:P*", "*"), allow("s3:*", "*"))), "infrastructure-modification")
	if len(got.Actions) != 3 || got.ActionCount < 50 || len(got.Evidence) != 2 {
		t.Errorf("%d of %d actions, %d statements", len(got.Actions), got.ActionCount, len(got.Evidence))
	}
}

func TestConditionalAndPartlyDenied(t *testing.T) {
	t.Parallel()
	f := load(t)
	mfa := condition("Bool", "aws:MultiFactorAuthPresent", "true")
	toEC2 := condition("StringEquals", "iam:PassedToService", "ec2.amazonaws.com")
	tests := map[string]struct {
		documents           []string
		rule                string
		conditional, partly bool
	}{
		"neither":                    {[]string{allow("iam:PassRole ec2:RunInstances", "*")}, "passrole-ec2-run-instances", false, false},
		"one of all is conditional":  {[]string{allow("iam:PassRole", "*", mfa), allow("ec2:RunInstances", "*")}, "passrole-ec2-run-instances", true, false},
		"one way without condition":  {[]string{allow("iam:PassRole", "*", mfa), allow("iam:PassRole ec2:RunInstances", "*")}, "passrole-ec2-run-instances", false, false},
		"passed to the service":      {[]string{allow("iam:PassRole", "*", toEC2), allow("ec2:RunInstances", "*")}, "passrole-ec2-run-instances", false, false},
		"passed by another action":   {[]string{allow("iam:PassRole ec2:RunInstances", "*", toEC2)}, "passrole-ec2-run-instances", true, false},
		"passed without a rule":      {[]string{allow("iam:PassRole", "*", toEC2)}, "exposure-iam-service-roles", true, false},
		"one of any is conditional":  {[]string{allow("ssm:GetParameter", "*", mfa), allow("ssm:GetParameters", "*")}, "exfiltration-secrets", false, false},
		"all of any are conditional": {[]string{allow("ssm:GetParameter", "*", mfa), allow("ssm:GetParameters", "*", mfa)}, "exfiltration-secrets", true, false},
		"one of all is denied":       {[]string{allow("iam:PassRole ec2:RunInstances", "*"), `{"Effect":"Deny","Action":"iam:PassRole","Resource":"` + oneRole + `"}`}, "passrole-ec2-run-instances", false, true},
		"one of any is denied":       {[]string{allow("ssm:GetParameter ssm:GetParameters", "*"), `{"Effect":"Deny","Action":"ssm:GetParameter","Resource":"*"` + mfa + `}`}, "exfiltration-secrets", false, false},
		"all of any are denied":      {[]string{allow("ssm:GetParameter ssm:GetParameters", "*"), `{"Effect":"Deny","Action":"ssm:*","Resource":"*"` + mfa + `}`}, "exfiltration-secrets", false, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := find(t, f.judge(f.carry(t, test.documents...)), test.rule)
			if got.Conditional != test.conditional || got.PartlyDenied != test.partly {
				t.Errorf("conditional %v, partly denied %v; want %v, %v", got.Conditional, got.PartlyDenied, test.conditional, test.partly)
			}
		})
	}
}

func TestKeysTellFindingsApart(t *testing.T) {
	t.Parallel()
	base := risk.Finding{Rule: "r", Entity: role(), Discriminator: "d"}
	same, others := base, map[string]risk.Finding{}
	same.Severity, same.Evidence, same.Actions = risk.High, []risk.Evidence{{}}, []string{"a:B"}
	for name, change := range map[string]func(*risk.Finding){
		"rule":          func(f *risk.Finding) { f.Rule = "s" },
		"entity":        func(f *risk.Finding) { f.Entity.ID = "AROA2" },
		"account":       func(f *risk.Finding) { f.Entity.Account = partner },
		"discriminator": func(f *risk.Finding) { f.Discriminator = "" },
	} {
		other := base
		change(&other)
		others[name] = other
	}
	if base.Key() != same.Key() || len(base.Key()) != 16 {
		t.Errorf("keys %s and %s", base.Key(), same.Key())
	}
	for name, other := range others {
		if base.Key() == other.Key() {
			t.Errorf("another %s has the same key", name)
		}
	}
}

func TestFindingsAsJSON(t *testing.T) {
	t.Parallel()
	f := load(t)
	got := find(t, f.judge(f.carry(t, allow("iam:SetDefaultPolicyVersion", "*"))), "iam-set-default-policy-version")
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"rule", "category", "severity", "entity", "actions", "scope", "evidence", "target", "known_to", "reason", "remedy"} {
		if fields[name] == nil {
			t.Errorf("%s is missing in %s", name, text)
		}
	}
	if fields["severity"] != "critical" || fields["category"] != "privilege-escalation" {
		t.Errorf("severity %v, category %v", fields["severity"], fields["category"])
	}
	var back risk.Finding
	if err := json.Unmarshal(text, &back); err != nil || back.Severity != risk.Critical {
		t.Errorf("read back %s: %v", back.Severity, err)
	}
}

// What is found does not depend on how actions are spelt and spread.
func TestFindingsDoNotDependOnSpelling(t *testing.T) {
	t.Parallel()
	f := load(t)
	want := ids(f.judge(f.carry(t, allow("sqs:*", "*"))))
	sqs, _ := f.LookupService("sqs")
	var every []string
	for a := sqs.First; a < sqs.End; a++ {
		every = append(every, f.FullName(a))
	}
	for _, n := range []int{1, 2, 7} {
		if diff := cmp.Diff(want, ids(f.judge(f.carry(t, spread(every, n)...)))); diff != "" {
			t.Errorf("in %d documents (-wildcard +spelt out):\n%s", n, diff)
		}
	}
}

func TestDocumentAlone(t *testing.T) {
	t.Parallel()
	f := load(t)
	tests := map[string]struct {
		statements string
		want       []string
	}{
		"identity policy":       {allow("iam:PassRole ec2:RunInstances", "*"), []string{"exposure-iam-service-roles", "infrastructure-modification", "network-instances", "passrole-ec2-run-instances"}},
		"denies within it":      {allow("iam:PassRole ec2:RunInstances", "*") + `,{"Effect":"Deny","Action":"iam:*","Resource":"*"}`, []string{"infrastructure-modification", "network-instances"}},
		"trust policy":          {trust(`"*"`, ""), []string{"trust-public"}},
		"administrator":         {allow("*", "*"), []string{"full-administrator"}},
		"nothing":               {`{"Effect":"Deny","Action":"*","Resource":"*"}`, nil},
		"effect is misspelt":    {`{"Effect":"allow","Action":"*","Resource":"*"}`, nil},
		"no resource anywhere":  {`{"Effect":"Allow","Action":"*"}`, nil},
		"an empty list of them": {`{"Effect":"Allow","Action":"*","Resource":[]}`, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := f.document(t, test.statements)
			findings, _ := f.engine.Document(doc, policy.Attachment{Analysis: policy.Analyze(f.Catalog, doc), Document: "sha"}, risk.Entity{Kind: "document", Name: "p"})
			if test.want == nil {
				test.want = []string{}
			}
			if diff := cmp.Diff(test.want, ids(findings)); diff != "" {
				t.Errorf("rules (-want +got):\n%s", diff)
			}
		})
	}
}
