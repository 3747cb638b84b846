package risk_test

import (
	"strings"
	"testing"
)

const everything = `{"Effect":"Allow","Action":"*","Resource":"*"}`

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
