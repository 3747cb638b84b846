package policy_test

import (
	"testing"

	"github.com/leastwise/leastwise/catalog/policy"
)

// A Deny of all that is in the own account is one of everything for what only
// acts there. The user of these cases is of the account 111122223333.
func TestDeniedInTheOwnAccount(t *testing.T) {
	const (
		own     = "arn:aws:iam::111122223333:role/*"
		foreign = "arn:aws:iam::444455556666:role/*"
	)
	in := func(docs ...string) principal { return principal{identity: append(docs, allow("*", "*"))} }
	runEffective(t, []effectiveCase{
		{"all roles", in(deny("iam:*", own)), []string{"iam:PassRole: absent", "iam:AttachRolePolicy: absent", "iam:TagRole: absent", "iam:CreateUser: everything"}},
		{"all roles, on some of them", principal{identity: []string{allow("iam:*", appRoles), deny("iam:*", own)}}, []string{"iam:PassRole: absent"}},
		{"everything in IAM", in(deny("iam:*", "arn:aws:iam::111122223333:*")), []string{"iam:PassRole: absent", "iam:CreateUser: absent", "iam:CreatePolicyVersion: absent", "iam:AddUserToGroup: absent"}},
		{"by a variable", in(deny("iam:*", "arn:aws:iam::${aws:PrincipalAccount}:role/*")), []string{"iam:PassRole: absent"}},
		{"by another variable", in(deny("iam:*", "arn:aws:iam::${aws:PrincipalTag/account}:role/*")), []string{"iam:PassRole: everything, partly denied"}},
		{"by a variable, and by another", in(deny("iam:*", "arn:aws:iam::${aws:PrincipalAccount}:user/* arn:aws:iam::${aws:PrincipalTag/account}:role/*")), []string{"iam:PassRole: everything, partly denied", "iam:CreateUser: absent"}},
		{"what only reads", in(deny("iam:*", "arn:aws:iam::111122223333:*")), []string{"iam:GetRole: everything, partly denied", "iam:GetPolicy: everything, partly denied"}},
		{"what goes to other accounts", in(deny("sts:*", own)), []string{"sts:AssumeRole: everything, partly denied"}},
		{"other services", in(deny("sqs:*", "arn:aws:sqs:*:111122223333:*")), []string{"sqs:SendMessage: everything, partly denied"}},
		{"another account's roles", in(deny("iam:*", foreign)), []string{"iam:PassRole: everything, partly denied"}},
		{"the own and another account's", in(deny("iam:*", foreign+" "+own)), []string{"iam:PassRole: absent"}},
		{"some roles", in(deny("iam:*", "arn:aws:iam::111122223333:role/app-*")), []string{"iam:PassRole: everything, partly denied"}},
		{"under conditions", in(statement("Deny", "iam:*", own, mfa)), []string{"iam:PassRole: everything, partly denied"}},
		{"by a control", principal{[]string{allow("*", "*")}, "", [][]string{{allow("*", "*"), deny("iam:*", own)}}}, []string{"iam:PassRole: absent"}},
		{"by the boundary", principal{identity: []string{allow("*", "*")}, boundary: allow("*", "*") + "," + deny("iam:*", own)}, []string{"iam:PassRole: absent"}},
	})
}

// Whose account it is has to be known.
func TestOwnAccount(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	attachments := f.attach(t, []string{allow("iam:*", "*") + "," + deny("iam:*", "arn:aws:iam::111122223333:role/*")})
	tests := map[string]struct {
		policies policy.Policies
		want     string
	}{
		"not known":              {policy.Policies{}, "everything, partly denied"},
		"by the account":         {policy.Policies{Account: "111122223333"}, "absent"},
		"by another account":     {policy.Policies{Account: "444455556666"}, "everything, partly denied"},
		"by the principal":       {policy.Policies{Principal: "arn:aws:iam::111122223333:role/r"}, "absent"},
		"by the principal first": {policy.Policies{Principal: "arn:aws:iam::444455556666:role/r", Account: "111122223333"}, "everything, partly denied"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.policies.Attachments = attachments
			e := policy.NewEvaluator(f.Catalog)
			e.Evaluate(&policy.Policies{Account: "111122223333"})
			if got := verdictOf(f, e.Evaluate(&test.policies), "iam:PassRole"); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}
