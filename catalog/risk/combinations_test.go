package risk_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leastwise/leastwise/catalog/policy"
)

// escalations are the rules of privilege escalation among the findings.
func escalations(f facts, p *policy.Policies) []string {
	out := []string{}
	for _, finding := range f.judge(p) {
		if finding.Category == "privilege-escalation" {
			out = append(out, finding.Rule)
		}
	}
	return out
}

func TestCombinationsThatHold(t *testing.T) {
	t.Parallel()
	f := load(t)
	tests := map[string]struct {
		documents []string
		want      []string
	}{
		"nothing":                          {nil, nil},
		"one action":                       {[]string{allow("iam:CreatePolicyVersion", "*")}, []string{"iam-create-policy-version"}},
		"in any case":                      {[]string{allow("IAM:createpolicyversion", "*")}, []string{"iam-create-policy-version"}},
		"by a wildcard":                    {[]string{allow("iam:CreatePolicyV*", "*")}, []string{"iam-create-policy-version"}},
		"by a question mark":               {[]string{allow("iam:CreatePolicyVersio?", "*")}, []string{"iam-create-policy-version"}},
		"by NotAction":                     {[]string{`{"Effect":"Allow","NotAction":["a*","iam:*","ec2:*"],"Resource":"arn:aws:sso:::permissionSet/*"}`}, []string{"sso-attach-managed-policy", "sso-put-inline-policy"}},
		"by NotResource":                   {[]string{`{"Effect":"Allow","Action":"iam:PutUserPolicy","NotResource":"arn:aws:iam::*:user/root"}`}, []string{"iam-put-user-policy"}},
		"a part only":                      {[]string{allow("lambda:CreateFunction lambda:InvokeFunction", "*")}, nil},
		"PassRole alone":                   {[]string{allow("iam:PassRole", "*")}, nil},
		"in one statement":                 {[]string{allow("iam:PassRole ec2:RunInstances", "*")}, []string{"passrole-ec2-run-instances"}},
		"in two statements":                {[]string{allow("iam:PassRole", anyRole) + "," + allow("ec2:RunInstances", "*")}, []string{"passrole-ec2-run-instances"}},
		"in two documents":                 {[]string{allow("iam:PassRole", oneRole), allow("ec2:RunInstances", "*")}, []string{"passrole-ec2-run-instances"}},
		"in three documents":               {[]string{allow("iam:PassRole", "*"), allow("lambda:CreateFunction", "*"), allow("lambda:InvokeFunction", "*")}, []string{"passrole-lambda-invoke"}},
		"a superset is told within":        {[]string{allow("lambda:UpdateFunctionCode lambda:InvokeFunction", "*")}, []string{"lambda-update-function-code"}},
		"two minimal sets":                 {[]string{allow("iam:AttachRolePolicy sts:AssumeRole", "*")}, []string{"iam-attach-role-policy", "sts-assume-role"}},
		"supersets of two minimal sets":    {[]string{allow("iam:PutUserPolicy iam:CreateAccessKey", "*")}, []string{"iam-create-access-key", "iam-put-user-policy"}},
		"every Put of IAM":                 {[]string{allow("iam:Put*", "*")}, []string{"iam-put-group-policy", "iam-put-role-policy", "iam-put-user-policy"}},
		"denied outright":                  {[]string{allow("iam:CreatePolicyVersion", "*"), `{"Effect":"Deny","Action":"iam:Create*","Resource":"*"}`}, nil},
		"a part denied outright":           {[]string{allow("iam:PassRole ec2:RunInstances", "*"), `{"Effect":"Deny","Action":"iam:PassRole","Resource":"*"}`}, nil},
		"denied on some resources":         {[]string{allow("iam:CreatePolicyVersion", "*"), `{"Effect":"Deny","Action":"iam:*","Resource":"arn:aws:iam::*:policy/core/*"}`}, []string{"iam-create-policy-version"}},
		"denied under a condition":         {[]string{allow("iam:CreatePolicyVersion", "*"), `{"Effect":"Deny","Action":"*","Resource":"*"` + condition("Bool", "aws:MultiFactorAuthPresent", "false") + `}`}, []string{"iam-create-policy-version"}},
		"allowed under a condition":        {[]string{allow("iam:CreatePolicyVersion", "*", condition("IpAddress", "aws:SourceIp", "10.0.0.0/8"))}, []string{"iam-create-policy-version"}},
		"role passed to the service":       {[]string{allow("iam:PassRole", "*", condition("StringEquals", "iam:PassedToService", "lambda.amazonaws.com")), allow("lambda:CreateFunction lambda:InvokeFunction ec2:RunInstances", "*")}, []string{"passrole-lambda-invoke"}},
		"role passed to another service":   {[]string{allow("iam:PassRole", "*", noService), allow("lambda:CreateFunction lambda:InvokeFunction ec2:RunInstances", "*")}, nil},
		"role passed to services like it":  {[]string{allow("iam:PassRole", "*", condition("StringLike", "iam:PassedToService", "*.amazonaws.com")), allow("ec2:RunInstances", "*")}, []string{"passrole-ec2-run-instances"}},
		"role passed to the one in China":  {[]string{allow("iam:PassRole", "*", condition("StringEquals", "iam:PassedToService", "ec2.amazonaws.com.cn")), allow("ec2:RunInstances", "*")}, []string{"passrole-ec2-run-instances"}},
		"role passed to all but it":        {[]string{allow("iam:PassRole", "*", condition("StringNotEquals", "iam:PassedToService", "ec2.amazonaws.com")), allow("ec2:RunInstances", "*")}, nil},
		"role denied to the service":       {[]string{allow("iam:PassRole ec2:RunInstances", "*"), strings.Replace(allow("iam:PassRole", "*", condition("StringEquals", "iam:PassedToService", "ec2.amazonaws.com")), "Allow", "Deny", 1)}, nil},
		"role passed to all but others":    {[]string{allow("iam:PassRole", "*", condition("StringNotEquals", "iam:PassedToService", "batch.amazonaws.com")), allow("ec2:RunInstances", "*")}, []string{"passrole-ec2-run-instances"}},
		"role passed by either statement":  {[]string{allow("iam:PassRole", appRoles, noService) + "," + allow("iam:PassRole", oneRole), allow("ec2:RunInstances", "*")}, []string{"passrole-ec2-run-instances"}},
		"role passed to one of two":        {[]string{allow("iam:PassRole", "*", condition("StringEquals", "iam:PassedToService", "ec2.amazonaws.com")), allow("elasticmapreduce:RunJobFlow", "*")}, []string{"passrole-emr-run-job-flow"}},
		"on resources that it has not":     {[]string{allow("iam:CreatePolicyVersion", "arn:aws:s3:::a")}, nil},
		"a part on resources it has not":   {[]string{allow("iam:PassRole", anyRole), allow("ec2:RunInstances", "arn:aws:s3:::a")}, nil},
		"bound to a role":                  {[]string{allow("sts:AssumeRole", oneRole)}, []string{"sts-assume-role"}},
		"known to one tool only":           {[]string{allow("states:UpdateStateMachine states:StartExecution", "*")}, []string{"stepfunctions-update-state-machine"}},
		"an action that does not exist":    {[]string{allow("iam:CreatePolicyVersions", "*")}, nil},
		"boundaries of users":              {[]string{allow("iam:DeleteUserPermissionsBoundary", "*")}, []string{"iam-delete-user-permissions-boundary"}},
		"permission sets need three":       {[]string{allow("sso:CreatePermissionSet sso:CreateAccountAssignment", "*")}, nil},
		"two ways that share PassRole":     {[]string{allow("iam:PassRole scheduler:CreateSchedule ec2:RunInstances", "*")}, []string{"passrole-ec2-run-instances", "passrole-scheduler-create-schedule"}},
		"older versions of policies":       {[]string{allow("iam:SetDefaultPolicyVersion", "arn:aws:iam::111122223333:policy/p")}, []string{"iam-set-default-policy-version"}},
		"resources with a policy variable": {[]string{allow("iam:UpdateLoginProfile", "arn:aws:iam::*:user/${aws:username}")}, []string{"iam-update-login-profile"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.want == nil {
				test.want = []string{}
			}
			if diff := cmp.Diff(test.want, escalations(f, f.carry(t, test.documents...))); diff != "" {
				t.Errorf("rules (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLimitsKeepCombinationsFromHolding(t *testing.T) {
	t.Parallel()
	f := load(t)
	both := allow("iam:PassRole ec2:RunInstances", "*")
	tests := map[string]struct {
		boundary string
		controls [][]string
		want     []string
	}{
		"no limit":                        {"", nil, []string{"passrole-ec2-run-instances"}},
		"boundary without one action":     {allow("ec2:*", "*"), nil, nil},
		"boundary with both":              {allow("ec2:* iam:*", "*"), nil, []string{"passrole-ec2-run-instances"}},
		"boundary grants nothing":         {allow("*", "*"), nil, []string{"passrole-ec2-run-instances"}},
		"boundary with a deny":            {allow("*", "*") + `,{"Effect":"Deny","Action":"iam:PassRole","Resource":"*"}`, nil, nil},
		"boundary on other roles":         {allow("ec2:* iam:*", "arn:aws:s3:::a"), nil, nil},
		"boundary passes to others":       {allow("ec2:*", "*") + "," + allow("iam:PassRole", "*", noService), nil, nil},
		"controls with both":              {"", [][]string{{allow("*", "*")}, {allow("*", "*")}}, []string{"passrole-ec2-run-instances"}},
		"one level of controls without":   {"", [][]string{{allow("*", "*")}, {allow("s3:*", "*")}}, nil},
		"a level adds up":                 {"", [][]string{{allow("ec2:*", "*"), allow("iam:*", "*")}}, []string{"passrole-ec2-run-instances"}},
		"levels do not add up":            {"", [][]string{{allow("ec2:*", "*")}, {allow("iam:*", "*")}}, nil},
		"a level with a deny":             {"", [][]string{{allow("*", "*"), `{"Effect":"Deny","Action":"ec2:Run*","Resource":"*"}`}}, nil},
		"a level with a partial deny":     {"", [][]string{{allow("*", "*"), `{"Effect":"Deny","Action":"ec2:*","Resource":"*"` + condition("StringNotEquals", "aws:RequestedRegion", "eu-west-1") + `}`}}, []string{"passrole-ec2-run-instances"}},
		"boundary and controls, both let": {allow("*", "*"), [][]string{{allow("*", "*")}}, []string{"passrole-ec2-run-instances"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := f.carry(t, both)
			if test.boundary != "" {
				a := f.attachment(t, "boundary", test.boundary)
				p.Boundary = &a
			}
			for _, level := range test.controls {
				p.Controls = append(p.Controls, f.carry(t, level...).Attachments)
			}
			if test.want == nil {
				test.want = []string{}
			}
			if diff := cmp.Diff(test.want, escalations(f, p)); diff != "" {
				t.Errorf("rules (-want +got):\n%s", diff)
			}
		})
	}
}
