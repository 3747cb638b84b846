package risk_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/leastwise/leastwise/catalog/risk"
)

func deny(actions, resource string, more ...string) string {
	return strings.Replace(allow(actions, resource, more...), `"Allow"`, `"Deny"`, 1)
}

// Whoever makes someone new an administrator is as good as one.
func TestPathsOverSomeoneNew(t *testing.T) {
	const attached = "user/u -iam-create-role+iam-attach-role-policy-> user/u"
	roles := arn("role/new-*")
	runPaths(t, map[string]pathCase{
		"a role, attached": {func(w *world) { w.user("u", can("iam:CreateRole iam:AttachRolePolicy", roles)) }, "user/u", attached},
		"a role, written": {func(w *world) { w.user("u", can("iam:CreateRole iam:PutRolePolicy", roles)) },
			"user/u", "user/u -iam-create-role+iam-put-role-policy-> user/u"},
		"a role, by a role": {func(w *world) { w.role("r", can("iam:CreateRole iam:AttachRolePolicy", roles)) },
			"role/r", "role/r -iam-create-role+iam-attach-role-policy-> role/r"},
		"a role, by two statements": {func(w *world) { w.user("u", can("iam:CreateRole", roles), can("iam:AttachRolePolicy", "*")) }, "user/u", attached},
		"a role, where patterns meet": {func(w *world) {
			w.user("u", can("iam:CreateRole", roles), can("iam:AttachRolePolicy", arn("role/*-app")))
		}, "user/u", attached},
		"a role, where no patterns do": {func(w *world) {
			w.user("u", can("iam:CreateRole", roles), can("iam:AttachRolePolicy", arn("role/old-*")))
		}, "user/u", "none"},
		"a role, where one of many patterns does": {func(w *world) {
			var many []string
			for i := range 60 {
				many = append(many, arn(fmt.Sprintf("role/a%02d-*", i)))
			}
			w.user("u", grant(`{"Effect":"Allow","Action":"iam:CreateRole","Resource":["`+strings.Join(append(many, roles), `","`)+`"]}`), can("iam:AttachRolePolicy", roles))
		}, "user/u", attached},
		"a role below a path":     {func(w *world) { w.user("u", can("iam:CreateRole iam:AttachRolePolicy", arn("role/team/*"))) }, "user/u", attached},
		"a role of three letters": {func(w *world) { w.user("u", can("iam:CreateRole iam:AttachRolePolicy", arn("role/???"))) }, "user/u", attached},
		"a role of one name":      {func(w *world) { w.user("u", can("iam:CreateRole iam:AttachRolePolicy", arn("role/app"))) }, "user/u", attached},
		"a role of a name that is used": {func(w *world) {
			w.user("u", can("iam:CreateRole iam:AttachRolePolicy", arn("role/app"))).role("team/App")
		}, "user/u", "none"},
		"a role of any account": {func(w *world) { w.user("u", can("iam:CreateRole iam:AttachRolePolicy", "arn:aws:iam::*:role/new-*")) }, "user/u", attached},
		"a role of another account": {func(w *world) {
			w.user("u", can("iam:CreateRole iam:AttachRolePolicy", "arn:aws:iam::444455556666:role/*"))
		}, "user/u", "none"},
		"a role that is not made":  {func(w *world) { w.user("u", can("iam:AttachRolePolicy", roles)) }, "user/u", "none"},
		"a role that is made only": {func(w *world) { w.user("u", can("iam:CreateRole iam:PassRole", "*")) }, "user/u", "none"},
		"a role that is denied": {func(w *world) {
			w.user("u", can("iam:CreateRole iam:AttachRolePolicy", roles), cannot("iam:AttachRolePolicy", arn("role/new*")))
		}, "user/u", "none"},
		"a role of which some are denied": {func(w *world) {
			w.user("u", can("iam:CreateRole iam:AttachRolePolicy", roles), cannot("iam:AttachRolePolicy", arn("role/new-admin*")))
		}, "user/u", attached},
		"a role of which all but some are denied": {func(w *world) {
			w.user("u", can("iam:CreateRole iam:AttachRolePolicy", "*"), grant(`{"Effect":"Deny","Action":"iam:*","NotResource":"`+roles+`"}`))
		}, "user/u", attached},
		"a role that it is denied to take": {func(w *world) {
			w.user("u", can("iam:CreateRole iam:AttachRolePolicy", roles), cannot("sts:AssumeRole", "*"))
		}, "user/u", "none"},
		"a role within the boundary": {func(w *world) {
			w.user("u", can("iam:*", "*"), bounded(allow("iam:CreateRole iam:AttachRolePolicy", roles)))
		}, "user/u", attached},
		"a role outside the boundary": {func(w *world) {
			w.user("u", can("iam:*", roles), bounded(allow("s3:*", "*")))
		}, "user/u", "none"},
		"a role under a control that leaves nobody much": {func(w *world) {
			w.user("u", can("iam:*", roles), controlled(allow("iam:*", "*")))
		}, "user/u", "none"},
		"a role under a control that leaves all": {func(w *world) {
			w.user("u", can("iam:CreateRole iam:AttachRolePolicy", roles), controlled(everything))
		}, "user/u", attached},
		"an administrator that is there comes first": {func(w *world) {
			w.user("u", can("iam:CreateRole iam:AttachRolePolicy", roles), can("sts:AssumeRole", "*")).role("boss", admin(), byAccount())
		}, "user/u", "user/u -sts-assume-role-> role/boss"},
		"a group that one can join": {func(w *world) {
			w.group("makers", allow("iam:CreateRole iam:AttachRolePolicy", roles)).user("u", can("iam:AddUserToGroup", "*"))
		}, "user/u", "user/u -iam-add-user-to-group-> group/makers -iam-create-role+iam-attach-role-policy-> group/makers"},

		"a user with a key": {func(w *world) {
			w.role("r", can("iam:CreateUser iam:AttachUserPolicy iam:CreateAccessKey", arn("user/new-*")))
		}, "role/r", "role/r -iam-create-user+iam-attach-user-policy-access-key-> role/r"},
		"a user with a password": {func(w *world) {
			w.role("r", can("iam:CreateUser iam:PutUserPolicy iam:CreateLoginProfile", arn("user/new-*")))
		}, "role/r", "role/r -iam-create-user+iam-create-login-profile+iam-put-user-policy-> role/r"},
		"a user without credentials": {func(w *world) { w.role("r", can("iam:CreateUser iam:PutUserPolicy", arn("user/new-*"))) }, "role/r", "none"},
		"a user with another's key": {func(w *world) {
			w.role("r", can("iam:CreateUser iam:PutUserPolicy", arn("user/new-*")), can("iam:CreateAccessKey", arn("user/old-*")))
		}, "role/r", "none"},
		"a group to join": {func(w *world) {
			w.user("u", can("iam:CreateGroup iam:PutGroupPolicy iam:AddUserToGroup", arn("group/new-*")))
		},
			"user/u", "user/u -iam-create-group+iam-add-user-to-group+iam-put-group-policy-> user/u"},
		"a group that a role cannot join": {func(w *world) {
			w.role("r", can("iam:CreateGroup iam:PutGroupPolicy iam:AddUserToGroup", arn("group/new-*")))
		}, "role/r", "none"},
		"a group within its own boundary": {func(w *world) {
			w.user("u", can("iam:*", arn("group/new-*")), bounded(allow("iam:*", "*")))
		}, "user/u", "none"},
	})
}

// A user that is made for it joins a group that there is.
func TestPathsOverNewMembers(t *testing.T) {
	const (
		joins = "iam:CreateUser iam:AddUserToGroup iam:CreateAccessKey"
		key   = " -iam-create-user+iam-add-user-to-group+iam-create-access-key-> group/g"
	)
	admins := func(w *world) *world { return w.group("g", everything) }
	runPaths(t, map[string]pathCase{
		"with a key": {func(w *world) { admins(w).role("r", can(joins, "*")) }, "role/r", "role/r" + key},
		"with a password": {func(w *world) {
			admins(w).role("r", can("iam:CreateUser iam:AddUserToGroup iam:CreateLoginProfile", "*"))
		}, "role/r", "role/r -iam-create-user+iam-add-user-to-group+iam-create-login-profile-> group/g"},
		"of names that meet": {func(w *world) {
			admins(w).role("r", can("iam:CreateUser", arn("user/new-*")), can("iam:CreateAccessKey", arn("user/*-bot")), can("iam:AddUserToGroup", arn("group/g")))
		}, "role/r", "role/r" + key},
		"of names that do not meet": {func(w *world) {
			admins(w).role("r", can("iam:CreateUser", arn("user/new-*")), can("iam:CreateAccessKey", arn("user/old-*")), can("iam:AddUserToGroup", "*"))
		}, "role/r", "none"},
		"of the one name that is used": {func(w *world) {
			admins(w).role("r", can(joins, arn("user/bot")), can("iam:AddUserToGroup", "*")).user("Bot")
		}, "role/r", "none"},
		"of another group": {func(w *world) {
			admins(w).role("r", can("iam:CreateUser iam:CreateAccessKey", "*"), can("iam:AddUserToGroup", arn("group/h")))
		}, "role/r", "none"},
		"of users alone": {func(w *world) { admins(w).role("r", can(joins, arn("user/*"))) }, "role/r", "none"},
		"that is denied": {func(w *world) {
			admins(w).role("r", can(joins, "*"), cannot("iam:CreateAccessKey", arn("user/*")))
		}, "role/r", "none"},
		"without a credential": {func(w *world) { admins(w).role("r", can("iam:CreateUser iam:AddUserToGroup", "*")) }, "role/r", "none"},
		"without a new user":   {func(w *world) { admins(w).role("r", can("iam:AddUserToGroup iam:CreateAccessKey", "*")) }, "role/r", "none"},
		"of a group that assumes an administrator": {func(w *world) {
			w.group("g", allow("sts:AssumeRole", "*")).role("r", can(joins, "*")).role("boss", admin(), byAccount())
		}, "role/r", "role/r" + key + " -sts-assume-role-> role/boss"},
		"of a group that it makes an administrator": {func(w *world) {
			w.group("g", allow("s3:*", "*")).role("r", can(joins+" iam:AttachGroupPolicy", "*"))
		}, "role/r", "role/r -iam-create-user+iam-add-user-to-group+iam-create-access-key+iam-attach-group-policy-> group/g"},
		"by a user that joins itself": {func(w *world) { admins(w).user("u", can(joins, "*")) }, "user/u", "user/u -iam-add-user-to-group-> group/g"},
		"by a user within its boundary": {func(w *world) {
			admins(w).user("u", can(joins, "*"), bounded(allow("iam:*", "*")))
		}, "user/u", "user/u" + key},
		"under a control that leaves nobody much": {func(w *world) {
			admins(w).role("r", can(joins, "*"), controlled(allow("iam:*", "*")))
		}, "role/r", "none"},
		"by a member of a group": {func(w *world) {
			admins(w).group("makers", allow(joins, "*")).role("r", can("iam:CreateAccessKey", "*")).user("v", in("makers"), bounded(allow("iam:*", "*")))
		}, "role/r", "role/r -iam-create-access-key-> user/v -iam-create-user+iam-add-user-to-group+iam-create-access-key-> group/g"},
	})
}

func TestStepsOverNewMembers(t *testing.T) {
	t.Parallel()
	w := newWorld(t).group("g", everything).role("r", can("iam:CreateUser iam:CreateAccessKey", arn("user/new-*")), can("iam:AddUserToGroup", arn("group/g")))
	step := w.judge()["role/r"].Paths[0].Steps[0]
	if step.To != arn("group/g") || step.Conditional || step.Note != "the user is made first" || len(step.Evidence) != 2 ||
		!slices.Equal(step.Actions, []string{"iam:AddUserToGroup", "iam:CreateAccessKey", "iam:CreateUser"}) {
		t.Errorf("step %+v", step)
	}
}

func TestStepsOverSomeoneNew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.user("u", can("iam:CreateRole", arn("role/new-*"), condition("StringEquals", "iam:PermissionsBoundary", arn("policy/b"))), can("iam:AttachRolePolicy", arn("role/*")))
	w.user("v", can("iam:CreateRole", arn("role/new-*")), can("iam:AttachRolePolicy", arn("role/*")))
	all := w.judge()
	step := all["user/v"].Paths[0].Steps[0]
	if step.From != step.To || step.Conditional || step.Note != "the role is made first" || !slices.Equal(step.Actions, []string{"iam:AttachRolePolicy", "iam:CreateRole"}) || len(step.Evidence) != 2 {
		t.Errorf("step %+v", step)
	}
	if !all["user/u"].Paths[0].Conditional {
		t.Error("a boundary that is asked for is no condition")
	}
}

// What can be made is as good as what is there.
func TestFindingsOfSomeoneNew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.user("u", can("iam:CreateRole iam:AttachRolePolicy", arn("role/new-*")))
	w.user("v", can("iam:AttachRolePolicy", arn("role/new-*")))
	w.group("g", allow("iam:CreateUser iam:AttachUserPolicy iam:CreateAccessKey", arn("user/new-*")))
	w.role("r", can("iam:CreateUser iam:CreateAccessKey", arn("user/new-*")), can("iam:AddUserToGroup", "*"))
	all := w.judge()
	if f := find(t, all["role/r"].Findings, "iam-add-user-to-group"); f.Target == nil || !slices.Equal(f.Target.Candidates, []string{arn("group/g")}) || len(f.Lowered) > 0 {
		t.Errorf("lowered by %v, target %+v", f.Lowered, f.Target)
	}
	tests := []struct {
		of, rule string
		severity risk.Severity
	}{
		{"user/u", "iam-attach-role-policy", risk.Critical},
		{"user/v", "iam-attach-role-policy", risk.Low},
		{"group/g", "iam-attach-user-policy", risk.Critical},
		{"group/g", "iam-create-access-key", risk.High},
		{"role/r", "iam-create-access-key", risk.High},
	}
	for _, test := range tests {
		f := find(t, all[test.of].Findings, test.rule)
		if lowered := slices.Contains(f.Lowered, risk.WhenNoTarget); f.Severity != test.severity || lowered != (test.severity == risk.Low) || (f.Target != nil) != lowered {
			t.Errorf("%s of %s: %s, lowered by %v, target %+v", test.rule, test.of, f.Severity, f.Lowered, f.Target)
		}
	}
}
