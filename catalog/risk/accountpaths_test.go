package risk_test

import (
	"strings"
	"testing"
)

const everything = `{"Effect":"Allow","Action":"*","Resource":"*"}`

// Of principals under the same controls each can be raised by who it is.
func TestRaisingUnderOneControl(t *testing.T) {
	t.Parallel()
	attach := can("iam:AttachUserPolicy", arn("user/${aws:username}"))
	w := newWorld(t).user("u", attach, controlled(everything+","+deny("s3:* ec2:* iam:*", "*", condition("ArnLike", "aws:PrincipalArn", arn("user/v"))))).
		user("v", attach).user("w", attach)
	for i := range w.principals {
		w.principals[i].Policies.Controls = w.principals[0].Policies.Controls
	}
	all := w.judge()
	for user, want := range map[string]int{"user/u": 1, "user/v": 0, "user/w": 1} {
		if got := len(all[user].Paths); got != want {
			t.Errorf("%s has %d paths, want %d", user, got, want)
		}
	}
	w = newWorld(t).user("u", can("iam:AttachUserPolicy iam:CreateAccessKey", arn("user/v")), controlled(everything+","+deny("*", "*", condition("ArnLike", "aws:PrincipalArn", arn("user/v"))))).user("v")
	w.principals[1].Policies.Controls = w.principals[0].Policies.Controls
	if got := describePath(w.judge()["user/u"].Paths); got != "none" {
		t.Errorf("over one who is held back: %s", got)
	}
}

// Who is let in by leaving out others sees them in the evidence.
func TestEvidenceOfNotPrincipal(t *testing.T) {
	t.Parallel()
	w := newWorld(t).user("u").role("r", admin(), trustStatement(`{"Effect":"Allow","NotPrincipal":{"AWS":"`+arn("user/v")+`"},"Action":"sts:AssumeRole"`+
		condition("Bool", "aws:MultiFactorAuthPresent", "true")+`}`))
	step := w.judge()["user/u"].Paths[0].Steps[0]
	if len(step.Evidence) != 1 || step.Evidence[0].Note != "trusts everyone but "+arn("user/v") || !step.Conditional {
		t.Errorf("step %+v", step)
	}
}

func TestPathsOfAssuming(t *testing.T) {
	runPaths(t, map[string]pathCase{
		"administrator": {func(w *world) { w.user("u", admin()) }, "user/u", "administrator"},
		"administrator but for a few": {func(w *world) {
			w.user("u", admin(), cannot("aws-portal:* organizations:LeaveOrganization", "*"))
		}, "user/u", "administrator"},
		"nothing": {func(w *world) { w.user("u").role("r", admin(), byAccount()) }, "user/u", "none"},
		"power user": {func(w *world) {
			w.user("u", grant(`{"Effect":"Allow","NotAction":["iam:*","organizations:*","account:*","sts:*"],"Resource":"*"}`))
		}, "user/u", "none"},

		// Assuming roles.
		"assume": {func(w *world) {
			w.user("u", can("sts:AssumeRole", arn("role/r"))).role("r", admin(), byAccount())
		}, "user/u", "user/u -sts-assume-role-> role/r"},
		"assume by wildcard": {func(w *world) {
			w.user("u", can("sts:*", "arn:aws:iam::*:role/team-*")).role("team-a", admin(), byAccount())
		}, "user/u", "user/u -sts-assume-role-> role/team-a"},
		"assume in two steps": {func(w *world) {
			w.user("u", can("sts:AssumeRole", arn("role/a"))).role("a", byAccount(), can("sts:AssumeRole", arn("role/b"))).role("b", admin(), byAccount())
		}, "user/u", "user/u -sts-assume-role-> role/a -sts-assume-role-> role/b"},
		"assume the shorter way": {func(w *world) {
			w.user("u", can("sts:AssumeRole", "*")).role("a", byAccount(), can("sts:AssumeRole", "*")).role("b", admin(), byAccount())
		}, "user/u", "user/u -sts-assume-role-> role/b"},
		"another role":              {func(w *world) { w.user("u", can("sts:AssumeRole", arn("role/x"))).role("r", admin(), byAccount()) }, "user/u", "none"},
		"not trusted":               {func(w *world) { w.user("u", can("sts:AssumeRole", "*")).role("r", admin(), by("user/v")) }, "user/u", "none"},
		"without trust":             {func(w *world) { w.user("u", can("sts:AssumeRole", "*")).role("r", admin()) }, "user/u", "none"},
		"named, without permission": {func(w *world) { w.user("u").role("r", admin(), by("user/u")) }, "user/u", "user/u -sts-assume-role-> role/r"},
		"named, and denied": {func(w *world) {
			w.user("u", cannot("sts:AssumeRole", "*")).role("r", admin(), by("user/u"))
		}, "user/u", "none"},
		"named, and another role denied": {func(w *world) {
			w.user("u", cannot("sts:AssumeRole", arn("role/x"))).role("r", admin(), by("user/u"))
		}, "user/u", "user/u -sts-assume-role-> role/r"},
		"named by a session": {func(w *world) {
			w.role("a").role("r", admin(), trusts(`{"AWS":"arn:aws:sts::`+accountID+`:assumed-role/a/session"}`))
		}, "role/a", "role/a -sts-assume-role-> role/r"},
		"named with a boundary, as a user": {func(w *world) {
			w.user("u", bounded(allow("s3:*", "*"))).role("r", admin(), by("user/u"))
		}, "user/u", "user/u -sts-assume-role-> role/r"},
		"named with a boundary, as a role": {func(w *world) {
			w.role("a", bounded(allow("s3:*", "*"))).role("r", admin(), by("role/a"))
		}, "role/a", "none"},
		"anyone is trusted": {func(w *world) { w.user("u").role("r", admin(), trusts(`"*"`)) }, "user/u", "user/u -sts-assume-role-> role/r"},
		"anyone of the account by a condition": {func(w *world) {
			w.user("u").role("r", admin(), trusts(`{"AWS":"*"}`, condition("StringEquals", "aws:PrincipalAccount", accountID)))
		}, "user/u", "user/u -sts-assume-role-> role/r"},
		"anyone of another account": {func(w *world) {
			w.user("u").role("r", admin(), trusts(`{"AWS":"*"}`, condition("StringEquals", "aws:PrincipalAccount", "444455556666")))
		}, "user/u", "none"},
		"the account, for some ARNs": {func(w *world) {
			w.user("u", can("sts:AssumeRole", "*")).role("r", admin(), byAccount(condition("ArnLike", "aws:PrincipalArn", arn("user/u*"))))
		}, "user/u", "user/u -sts-assume-role-> role/r"},
		"the account, for other ARNs": {func(w *world) {
			w.user("u", can("sts:AssumeRole", "*")).role("r", admin(), byAccount(condition("ArnLike", "aws:PrincipalArn", arn("user/v*"))))
		}, "user/u", "none"},
		"the account, and anyone of some ARNs": {func(w *world) {
			w.user("u").user("v").role("r", admin(), byAccount(), trusts(`"*"`, condition("ArnLike", "aws:PrincipalArn", arn("user/u"))))
		}, "user/u", "user/u -sts-assume-role-> role/r"},
		"the account, and anyone of other ARNs": {func(w *world) {
			w.user("u").user("v").role("r", admin(), byAccount(), trusts(`"*"`, condition("ArnLike", "aws:PrincipalArn", arn("user/v"))))
		}, "user/u", "none"},
		"denied by the trust": {func(w *world) {
			w.user("u", can("sts:AssumeRole", "*")).role("r", admin(), byAccount(),
				trustStatement(`{"Effect":"Deny","Principal":{"AWS":"`+arn("user/u")+`"},"Action":"sts:AssumeRole"}`))
		}, "user/u", "none"},
		"spared by the trust": {func(w *world) {
			w.user("u", can("sts:AssumeRole", "*")).role("r", admin(), byAccount(),
				trustStatement(`{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"`+condition("ArnNotLike", "aws:PrincipalArn", arn("user/u"))+`}`))
		}, "user/u", "user/u -sts-assume-role-> role/r"},
		"not spared by the trust": {func(w *world) {
			w.user("u", can("sts:AssumeRole", "*")).role("r", admin(), byAccount(),
				trustStatement(`{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"`+condition("ArnNotLike", "aws:PrincipalArn", arn("user/v"))+`}`))
		}, "user/u", "none"},
		"denied by the trust, by its ARN": {func(w *world) {
			w.user("u", can("sts:AssumeRole", "*")).role("r", admin(), byAccount(), by("user/u"),
				trustStatement(`{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"`+condition("StringLike", "aws:PrincipalArn", "*:user/u")+`}`))
		}, "user/u", "none"},
		"denied by the trust, by its account": {func(w *world) {
			w.user("u").role("r", admin(), by("user/u"),
				trustStatement(`{"Effect":"Deny","Principal":{"AWS":"`+arn("root")+`"},"Action":"sts:AssumeRole"`+condition("StringEquals", "aws:PrincipalAccount", accountID)+`}`))
		}, "user/u", "none"},
		"denied by the trust, as a user but one": {func(w *world) {
			w.user("u", can("sts:AssumeRole", "*")).role("r", admin(), byAccount(), trustStatement(`{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole",
				"Condition":{"StringEquals":{"aws:PrincipalType":"User"},"ArnNotLike":{"aws:PrincipalArn":"`+arn("user/v")+`"}}}`))
		}, "user/u", "none"},
		"spared by the trust, as that one": {func(w *world) {
			w.user("v", can("sts:AssumeRole", "*")).role("r", admin(), byAccount(), trustStatement(`{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole",
				"Condition":{"StringEquals":{"aws:PrincipalType":"User"},"ArnNotLike":{"aws:PrincipalArn":"`+arn("user/v")+`"}}}`))
		}, "user/v", "user/v -sts-assume-role-> role/r"},
		"denied by a control, by its ARN": {func(w *world) {
			w.user("u", can("sts:AssumeRole", "*"), controlled(everything, deny("*", "*", condition("ArnNotLike", "aws:PrincipalArn", arn("role/*"))))).role("r", admin(), byAccount())
		}, "user/u", "none"},
		"an administrator denied by a control": {func(w *world) {
			w.user("u", admin(), controlled(everything, deny("iam:* sts:*", "*", condition("ArnNotLike", "aws:PrincipalArn", arn("role/*")))))
		}, "user/u", "none"},
		"an administrator spared by a control": {func(w *world) {
			w.user("u", admin(), controlled(everything, deny("iam:* sts:*", "*", condition("ArnNotLike", "aws:PrincipalArn", arn("user/*")))))
		}, "user/u", "administrator"},
		"changing one whom a control holds back": {func(w *world) {
			control := controlled(everything, deny("*", "*", condition("ArnLike", "aws:PrincipalArn", arn("user/v"))))
			w.user("u", can("iam:AttachUserPolicy iam:CreateAccessKey", arn("user/*")), cannot("iam:AttachUserPolicy", arn("user/u")), control).user("v", control)
		}, "user/u", "none"},
		"changing one whom a control holds back, by its account": {func(w *world) {
			control := controlled(everything, deny("*", "*", condition("StringNotEquals", "aws:PrincipalAccount", accountID)))
			w.user("u", can("iam:AttachUserPolicy iam:CreateAccessKey", arn("user/*")), cannot("iam:AttachUserPolicy", arn("user/u")), control).user("v", control)
		}, "user/u", "user/u -iam-attach-user-policy-access-key-> user/v"},
		"joining a group that is denied to somebody": {func(w *world) {
			w.group("g", everything+","+deny("*", "*", condition("ArnNotLike", "aws:PrincipalArn", arn("user/u")))).user("u", can("iam:AddUserToGroup", "*"))
		}, "user/u", "user/u -iam-add-user-to-group-> group/g"},
		"denied by NotPrincipal": {func(w *world) {
			w.user("u", can("sts:AssumeRole", "*")).role("r", admin(), byAccount(),
				trustStatement(`{"Effect":"Deny","NotPrincipal":{"AWS":"`+arn("user/v")+`"},"Action":"sts:AssumeRole"}`))
		}, "user/u", "none"},
		"run as, and everyone denied by the trust": {func(w *world) {
			w.user("u", can("lambda:UpdateFunctionCode", "*")).role("r", admin(), byService("lambda"),
				trustStatement(`{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"}`))
		}, "user/u", "none"},
		"run as, and the service denied by the trust": {func(w *world) {
			w.user("u", can("lambda:UpdateFunctionCode", "*")).role("r", admin(), byService("lambda"),
				trustStatement(`{"Effect":"Deny","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}`))
		}, "user/u", "none"},
		"run as, and another service denied by the trust": {func(w *world) {
			w.user("u", can("lambda:UpdateFunctionCode", "*")).role("r", admin(), byService("lambda"),
				trustStatement(`{"Effect":"Deny","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}`))
		}, "user/u", "user/u -lambda-update-function-code-> role/r"},
		"everyone but another": {func(w *world) {
			w.user("u").role("r", admin(), trustStatement(`{"Effect":"Allow","NotPrincipal":{"AWS":"`+arn("user/v")+`"},"Action":"sts:AssumeRole"}`))
		}, "user/u", "user/u -sts-assume-role-> role/r"},
		"everyone but the one, who is named too": {func(w *world) {
			w.user("u").role("r", admin(), by("user/u"), trustStatement(`{"Effect":"Allow","NotPrincipal":{"AWS":"`+arn("user/u")+`"},"Action":"sts:AssumeRole"}`))
		}, "user/u", "user/u -sts-assume-role-> role/r"},
		"everyone but the one, who is of the account": {func(w *world) {
			w.user("u", can("sts:AssumeRole", "*")).role("r", admin(), byAccount(), trustStatement(`{"Effect":"Allow","NotPrincipal":{"AWS":"`+arn("user/u")+`"},"Action":"sts:AssumeRole"}`))
		}, "user/u", "user/u -sts-assume-role-> role/r"},
		"everyone but the one, who may not, of the account": {func(w *world) {
			w.user("u").role("r", admin(), byAccount(), trustStatement(`{"Effect":"Allow","NotPrincipal":{"AWS":"`+arn("user/u")+`"},"Action":"sts:AssumeRole"}`))
		}, "user/u", "none"},
		"everyone but another, and the account": {func(w *world) {
			w.user("u").role("r", admin(), byAccount(), trustStatement(`{"Effect":"Allow","NotPrincipal":{"AWS":"`+arn("user/v")+`"},"Action":"sts:AssumeRole"}`))
		}, "user/u", "user/u -sts-assume-role-> role/r"},
		"everyone but the one, and everyone but another": {func(w *world) {
			w.user("u").role("r", admin(), trustStatement(`{"Effect":"Allow","NotPrincipal":{"AWS":"`+arn("user/u")+`"},"Action":"sts:AssumeRole"}`),
				trustStatement(`{"Effect":"Allow","NotPrincipal":{"AWS":"`+arn("user/v")+`"},"Action":"sts:AssumeRole"}`))
		}, "user/u", "user/u -sts-assume-role-> role/r"},
		"everyone but the one, and everyone of some ARNs": {func(w *world) {
			w.user("u").role("r", admin(), trustStatement(`{"Effect":"Allow","NotPrincipal":{"AWS":"`+arn("user/u")+`"},"Action":"sts:AssumeRole"}`),
				trusts(`"*"`, condition("ArnLike", "aws:PrincipalArn", arn("user/u*"))))
		}, "user/u", "user/u -sts-assume-role-> role/r"},
		"everyone but the one, and everyone of other ARNs": {func(w *world) {
			w.user("u").role("r", admin(), trustStatement(`{"Effect":"Allow","NotPrincipal":{"AWS":"`+arn("user/u")+`"},"Action":"sts:AssumeRole"}`),
				trusts(`"*"`, condition("ArnLike", "aws:PrincipalArn", arn("user/v*"))))
		}, "user/u", "none"},
		"everyone but another, of other ARNs": {func(w *world) {
			w.user("u").role("r", admin(), trustStatement(`{"Effect":"Allow","NotPrincipal":{"AWS":"`+arn("user/v")+`"},"Action":"sts:AssumeRole"`+condition("ArnNotLike", "aws:PrincipalArn", arn("user/u"))+`}`))
		}, "user/u", "none"},
		"the account, but some ARNs": {func(w *world) {
			w.user("u", can("sts:AssumeRole", "*")).role("r", admin(), byAccount(condition("ArnNotLike", "aws:PrincipalArn", arn("user/u"))))
		}, "user/u", "none"},
		"the account, for two conditions on the ARN": {func(w *world) {
			w.user("u", can("sts:AssumeRole", "*")).role("r", admin(), byAccount(`,"Condition":{"ArnLike":{"aws:PrincipalArn":"`+arn("user/v")+`"},"StringLike":{"aws:PrincipalArn":"`+arn("user/*")+`"}}`))
		}, "user/u", "none"},
		"named, but for others": {func(w *world) {
			w.user("u").role("r", admin(), by("user/u", condition("ArnLike", "aws:PrincipalArn", arn("user/v"))))
		}, "user/u", "none"},
		"everyone but the one": {func(w *world) {
			w.user("u").role("r", admin(), trustStatement(`{"Effect":"Allow","NotPrincipal":{"AWS":"`+arn("user/u")+`"},"Action":"sts:AssumeRole"}`))
		}, "user/u", "none"},
		"denied by its own policy": {func(w *world) {
			w.user("u", can("sts:AssumeRole", "*"), cannot("sts:AssumeRole", arn("role/r"))).role("r", admin(), byAccount())
		}, "user/u", "none"},
		"outside its boundary": {func(w *world) {
			w.user("u", can("sts:AssumeRole", "*"), bounded(allow("sts:AssumeRole", arn("role/x")))).role("r", admin(), byAccount())
		}, "user/u", "none"},
		"forbidden by a control": {func(w *world) {
			w.user("u", can("sts:AssumeRole", "*"), controlled(everything, strings.Replace(allow("sts:AssumeRole", "*"), "Allow", "Deny", 1))).role("r", admin(), byAccount())
		}, "user/u", "none"},
		"under a condition": {func(w *world) {
			w.user("u", can("sts:AssumeRole", "*", condition("Bool", "aws:MultiFactorAuthPresent", "true"))).role("r", admin(), byAccount())
		}, "user/u", "user/u -sts-assume-role-> role/r"},
		"service-linked": {func(w *world) {
			w.user("u", can("sts:AssumeRole iam:UpdateAssumeRolePolicy", "*")).role("aws-service-role/x.amazonaws.com/r", admin(), byAccount())
		}, "user/u", "none"},
	})
}
