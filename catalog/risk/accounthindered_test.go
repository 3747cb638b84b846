package risk_test

import "testing"

// A step that passes a role to the service that a condition names needs no condition.
func TestConditionalPassing(t *testing.T) {
	t.Parallel()
	const create = "lambda:CreateFunction lambda:InvokeFunction"
	noMFA, mfa := condition("BoolIfExists", "aws:MultiFactorAuthPresent", "false"), condition("Bool", "aws:MultiFactorAuthPresent", "true")
	to := func(operator, service string) string { return condition(operator, "iam:PassedToService", service) }
	both := `,"Condition":{"StringEquals":{"iam:PassedToService":"lambda.amazonaws.com"},"Bool":{"aws:MultiFactorAuthPresent":"true"}}`
	const want = "user/u -passrole-lambda-invoke-> role/r"
	tests := map[string]struct {
		policies    []part
		conditional bool
	}{
		"any service":               {[]part{can("iam:PassRole", "*")}, false},
		"the service":               {[]part{can("iam:PassRole", "*", to("StringEquals", "lambda.amazonaws.com"))}, false},
		"services like it":          {[]part{can("iam:PassRole", "*", to("StringLike", "lambda.*"))}, false},
		"if it exists":              {[]part{can("iam:PassRole", "*", to("StringEqualsIfExists", "lambda.amazonaws.com"))}, false},
		"any of":                    {[]part{can("iam:PassRole", "*", to("ForAnyValue:StringLike", "lambda.*"))}, false},
		"all but another":           {[]part{can("iam:PassRole", "*", to("StringNotEquals", "ec2.amazonaws.com"))}, false},
		"one that is not known":     {[]part{can("iam:PassRole", "*", to("StringEquals", "${aws:PrincipalTag/service}"))}, true},
		"the service, with MFA":     {[]part{can("iam:PassRole", "*", both)}, true},
		"MFA":                       {[]part{can("iam:PassRole", "*", mfa)}, true},
		"MFA, and none for another": {[]part{can("iam:PassRole", "*", mfa), can("iam:PassRole", arn("role/s"))}, true},
		"MFA, and none for it":      {[]part{can("iam:PassRole", "*", mfa), can("iam:PassRole", arn("role/r"))}, false},
		"the boundary's":            {[]part{can("iam:PassRole", "*"), bounded(allow(create, "*") + "," + allow("iam:PassRole", "*", to("StringEquals", "lambda.amazonaws.com")))}, false},
		"the boundary's, with MFA":  {[]part{can("iam:PassRole", "*"), bounded(allow(create, "*") + "," + allow("iam:PassRole", "*", both))}, true},
		"denied to another":         {[]part{can("iam:PassRole", "*"), cannot("iam:PassRole", "*", to("StringEquals", "ec2.amazonaws.com"))}, false},
		"denied to all but it":      {[]part{can("iam:PassRole", "*"), cannot("iam:PassRole", "*", to("StringNotEquals", "lambda.amazonaws.com"))}, false},
		"denied without MFA":        {[]part{can("iam:PassRole", "*"), cannot("iam:PassRole", "*", noMFA)}, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t).user("u", append(tt.policies, can(create, "*"))...).role("r", admin(), byService("lambda"))
			paths := w.judge()["user/u"].Paths
			if got := describePath(paths); got != want {
				t.Fatalf("path %s", got)
			}
			if step := paths[0].Steps[0]; step.Conditional != tt.conditional || paths[0].Conditional != tt.conditional {
				t.Errorf("conditional %v, by %+v", step.Conditional, step.Evidence)
			}
		})
	}
}

// Of the services of a rule, that one counts that the role trusts.
func TestConditionalPassingToTheTrusted(t *testing.T) {
	t.Parallel()
	mfa := `,"Condition":{"StringEquals":{"iam:PassedToService":"tasks.apprunner.amazonaws.com"},"Bool":{"aws:MultiFactorAuthPresent":"true"}}`
	build := condition("StringEquals", "iam:PassedToService", "build.apprunner.amazonaws.com")
	for trusted, want := range map[string]bool{"tasks.apprunner": true, "build.apprunner": false} {
		w := newWorld(t).user("u", can("apprunner:CreateService", "*"), can("iam:PassRole", "*", mfa), can("iam:PassRole", "*", build)).
			role("r", admin(), byService(trusted))
		if paths := w.judge()["user/u"].Paths; len(paths) != 1 || paths[0].Conditional != want {
			t.Errorf("%s: path %s, want it conditional %v", trusted, describePath(paths), want)
		}
	}
}

// A step that a Deny under conditions stands in the way of is conditional.
func TestHinderedSteps(t *testing.T) {
	t.Parallel()
	noMFA := condition("BoolIfExists", "aws:MultiFactorAuthPresent", "false")
	region := condition("StringNotEquals", "aws:RequestedRegion", "eu-west-1")
	attach := can("iam:AttachUserPolicy", arn("user/*"))
	tests := map[string]struct {
		build func(*world)
		want  bool
	}{
		"nothing denied":    {func(w *world) { w.user("u", attach) }, false},
		"without MFA":       {func(w *world) { w.user("u", attach, cannot("iam:*", "*", noMFA)) }, true},
		"of another action": {func(w *world) { w.user("u", attach, cannot("iam:CreateUser", "*", noMFA)) }, false},
		"of another user":   {func(w *world) { w.user("u", attach, cannot("iam:*", arn("user/v"), noMFA)) }, false},
		"of the user":       {func(w *world) { w.user("u", attach, cannot("iam:*", arn("user/u"), noMFA)) }, true},
		"in another region": {func(w *world) { w.user("u", attach, cannot("iam:*", "*", region)) }, false},
		"of other policies": {func(w *world) {
			w.user("u", attach, cannot("iam:Attach*", "*", condition("ArnNotLike", "iam:PolicyARN", arn("policy/dev"))))
		}, true},
		"from elsewhere": {func(w *world) {
			w.user("u", attach, cannot("*", "*", condition("NotIpAddress", "aws:SourceIp", "10.0.0.0/8")))
		}, true},
		"for the root user": {func(w *world) {
			w.user("u", attach, cannot("*", "*", condition("ArnLike", "aws:PrincipalArn", arn("root"))))
		}, false},
		"for all but it": {func(w *world) {
			w.user("u", attach, cannot("*", "*", condition("ArnNotLike", "aws:PrincipalArn", arn("user/u"))))
		}, false},
		"for whom is not known": {func(w *world) {
			w.user("u", attach, cannot("*", "*", condition("ArnNotLike", "aws:PrincipalArn", arn("role/${aws:PrincipalTag/boss}"))))
		}, true},
		"by a control": {func(w *world) { w.user("u", attach, controlled(everything+","+deny("iam:Attach*", "*", noMFA))) }, true},
		"by a control for the root": {func(w *world) {
			w.user("u", attach, controlled(everything+","+deny("*", "*", condition("ArnLike", "aws:PrincipalArn", arn("root")))))
		}, false},
		"taking the role": {func(w *world) {
			w.user("u", can("sts:AssumeRole", "*"), cannot("sts:*", arn("role/r"), noMFA)).role("r", admin(), byAccount())
		}, true},
		"taking another role": {func(w *world) {
			w.user("u", can("sts:AssumeRole", "*"), cannot("sts:*", arn("role/s"), noMFA)).role("r", admin(), byAccount())
		}, false},
		"taking a role that names it": {func(w *world) {
			w.user("u", cannot("sts:*", "*", noMFA)).role("r", admin(), by("user/u"))
		}, true},
		"taking a role that names it, by a boundary that does not count": {func(w *world) {
			w.user("u", bounded(everything+","+deny("sts:*", "*", noMFA))).role("r", admin(), by("user/u"))
		}, false},
		"by the trust policy": {func(w *world) {
			w.user("u", can("sts:AssumeRole", "*")).role("r", admin(), byAccount(), trustStatement(`{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"`+noMFA+`}`))
		}, true},
		"by the trust policy, of another ARN": {func(w *world) {
			w.user("u", can("sts:AssumeRole", "*")).role("r", admin(), byAccount(), trustStatement(`{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"`+condition("ArnLike", "aws:PrincipalArn", arn("user/v"))+`}`))
		}, false},
		"for its ARN by the trust policy": {func(w *world) {
			w.user("u", can("sts:AssumeRole", "*")).role("r", admin(), byAccount(condition("ArnLike", "aws:PrincipalArn", arn("user/*"))))
		}, false},
		"for another ARN by the trust policy, and with MFA": {func(w *world) {
			w.user("u", can("sts:AssumeRole", "*")).role("r", admin(), byAccount(condition("ArnNotLike", "aws:PrincipalArn", arn("user/*"))), byAccount(condition("Bool", "aws:MultiFactorAuthPresent", "true")))
		}, true},
		"by the trust policy, of others": {func(w *world) {
			w.user("u", can("sts:AssumeRole", "*")).role("r", admin(), byAccount(), trustStatement(`{"Effect":"Deny","Principal":{"AWS":"`+arn("user/v")+`"},"Action":"sts:AssumeRole"`+noMFA+`}`))
		}, false},
		"taking a role that names it, and another by its own policies": {func(w *world) {
			w.user("u", can("sts:AssumeRole", arn("role/s")), cannot("sts:*", arn("role/r"), noMFA)).role("r", admin(), by("user/u"))
		}, true},
		"taking a role that names it, and another under a condition": {func(w *world) {
			w.user("u", can("sts:AssumeRole", arn("role/s"), condition("Bool", "aws:MultiFactorAuthPresent", "true"))).role("r", admin(), by("user/u"))
		}, false},
		"taking a role that comes to trust it": {func(w *world) {
			w.user("u", can("iam:UpdateAssumeRolePolicy", "*"), cannot("sts:AssumeRole", "*", noMFA)).role("r", admin())
		}, true},
		"taking another role than that": {func(w *world) {
			w.user("u", can("iam:UpdateAssumeRolePolicy", "*"), cannot("sts:AssumeRole", arn("role/s"), noMFA)).role("r", admin())
		}, false},
		"taking a role that comes to trust it, by a boundary that does not count": {func(w *world) {
			w.user("u", can("iam:UpdateAssumeRolePolicy", "*"), bounded(everything+","+deny("sts:*", "*", noMFA))).role("r", admin())
		}, false},
		"taking a role that it changes": {func(w *world) {
			w.user("u", can("iam:UpdateAssumeRolePolicy iam:PutRolePolicy", "*"), cannot("sts:AssumeRole", arn("role/r"), noMFA)).role("r")
		}, true},
		"taking a new role": {func(w *world) {
			w.user("u", can("iam:CreateRole iam:AttachRolePolicy", arn("role/new-*")), cannot("sts:AssumeRole", "*", noMFA))
		}, true},
		"taking a new role of some names": {func(w *world) {
			w.user("u", can("iam:CreateRole iam:AttachRolePolicy", arn("role/new-*")), cannot("sts:AssumeRole", arn("role/new-a*"), noMFA))
		}, false},
		"taking any new role": {func(w *world) {
			w.user("u", can("iam:CreateRole iam:AttachRolePolicy", arn("role/new-*")), cannot("sts:AssumeRole", arn("role/new-*"), noMFA))
		}, true},
		"making a role of such a name": {func(w *world) {
			w.user("u", can("iam:CreateRole iam:AttachRolePolicy", arn("role/new-*")), cannot("iam:AttachRolePolicy", arn("role/new-*"), noMFA))
		}, true},
		"making a role of some names": {func(w *world) {
			w.user("u", can("iam:CreateRole iam:AttachRolePolicy", arn("role/new-*")), cannot("iam:AttachRolePolicy", arn("role/new-a*"), noMFA))
		}, false},
		"making a role of one name, and writing for all but it": {func(w *world) {
			w.user("u", can("iam:CreateRole iam:AttachRolePolicy", arn("role/new-?")), cannot("iam:CreateRole", arn("role/new-x"), noMFA), grant(`{"Effect":"Deny","Action":"iam:AttachRolePolicy","NotResource":"`+arn("role/new-x")+`"`+noMFA+`}`))
		}, true},
		"making a member": {func(w *world) {
			w.group("g", everything).user("u", can("iam:CreateUser iam:AddUserToGroup iam:CreateAccessKey", "*"), cannot("iam:CreateAccessKey", arn("user/*"), noMFA), bounded(allow("iam:*", "*")))
		}, true},
		"making a member of some names": {func(w *world) {
			w.group("g", everything).user("u", can("iam:CreateUser iam:AddUserToGroup iam:CreateAccessKey", "*"), cannot("iam:CreateAccessKey", arn("user/prod-*"), noMFA), bounded(allow("iam:*", "*")))
		}, false},
		"making a member of such a group": {func(w *world) {
			w.group("g", everything).user("u", can("iam:CreateUser iam:AddUserToGroup iam:CreateAccessKey", "*"), cannot("iam:AddUserToGroup", arn("group/g"), noMFA), bounded(allow("iam:*", "*")))
		}, true},
		"a function": {func(w *world) {
			w.user("u", can("lambda:*", "*"), cannot("lambda:*", "*", noMFA)).role("r", admin(), byService("lambda"))
		}, true},
		"some function": {func(w *world) {
			w.user("u", can("lambda:*", "*"), cannot("lambda:*", "arn:aws:lambda:*:*:function:prod-*", noMFA)).role("r", admin(), byService("lambda"))
		}, false},
		"any function": {func(w *world) {
			w.user("u", can("lambda:UpdateFunctionCode", "*"), cannot("lambda:*", "arn:aws:lambda:*:*:function:*", noMFA)).role("r", admin(), byService("lambda"))
		}, true},
		"a new role without a boundary": {func(w *world) {
			w.user("u", can("iam:CreateRole iam:AttachRolePolicy", arn("role/new-*")), cannot("iam:CreateRole", "*", condition("StringNotEquals", "iam:PermissionsBoundary", arn("policy/b"))))
		}, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tt.build(w)
			paths := w.judge()["user/u"].Paths
			if len(paths) != 1 || paths[0].Length() != 1 {
				t.Fatalf("path %s", describePath(paths))
			}
			if paths[0].Conditional != tt.want || paths[0].Steps[0].Conditional != tt.want {
				t.Errorf("conditional %v, want %v, by %+v", paths[0].Conditional, tt.want, paths[0].Steps[0].Evidence)
			}
		})
	}
}
