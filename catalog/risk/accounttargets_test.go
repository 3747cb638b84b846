package risk_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/leastwise/leastwise/catalog/risk"
)

// Findings that need something to be there say what of the account it could be.
func TestTargets(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		build func(*world)
		of    string
		rule  string
		want  string // candidates, then the count
	}{
		"roles to assume": {func(w *world) {
			w.user("u", can("sts:AssumeRole", arn("role/a*"))).role("a1", byAccount()).role("a2", byAccount()).role("a3", byService("ec2")).role("b", byAccount())
		}, "user/u", "sts-assume-role", "role/a1 role/a2 = 2"},
		"roles that name the caller": {func(w *world) {
			w.user("u", can("sts:AssumeRole", arn("role/a*"))).role("a1", byAccount(), by("user/u")).role("a2", by("user/u")).role("a3", by("user/v"))
		}, "user/u", "sts-assume-role", "role/a1 role/a2 = 2"},
		"roles that let in some": {func(w *world) {
			w.user("u", can("sts:AssumeRole", "*")).role("a", byAccount(condition("ArnLike", "aws:PrincipalArn", arn("user/u")))).
				role("b", byAccount(condition("ArnLike", "aws:PrincipalArn", arn("user/v"))))
		}, "user/u", "sts-assume-role", "role/a = 1"},
		"no role to assume": {func(w *world) { w.user("u", can("sts:AssumeRole", "*")).role("a", byService("ec2")) }, "user/u", "sts-assume-role", " = 0"},
		"not itself":        {func(w *world) { w.role("r", can("sts:AssumeRole", "*"), byAccount()).role("a", byAccount()) }, "role/r", "sts-assume-role", "role/a = 1"},
		"roles to pass": {func(w *world) {
			w.user("u", can("iam:PassRole lambda:CreateFunction lambda:InvokeFunction", "*")).role("a", byService("lambda")).role("b", byService("ec2"), inProfile())
		}, "user/u", "passrole-lambda-invoke", "role/a = 1"},
		"users to make keys for": {func(w *world) {
			w.user("u", can("iam:CreateAccessKey", arn("user/*"))).user("v").user("w").keys("w", false, activeKey(1), activeKey(2))
		}, "user/u", "iam-create-access-key", "user/v = 1"},
		"users to attach to, itself among them": {func(w *world) { w.user("u", can("iam:AttachUserPolicy", "*")).user("v").role("r") },
			"user/u", "iam-attach-user-policy", "user/u user/v = 2"},
		"roles to write for": {func(w *world) { w.user("u", can("iam:PutRolePolicy", arn("role/a"))).role("a").role("b") }, "user/u", "iam-put-role-policy", "role/a = 1"},
		"groups to join": {func(w *world) {
			w.group("g", everything).group("h", everything).user("u", can("iam:AddUserToGroup", arn("group/g")))
		}, "user/u", "iam-add-user-to-group", "group/g = 1"},
		"policies to change": {func(w *world) {
			w.policy("p", everything).policy("q", everything).user("u", can("iam:CreatePolicyVersion", arn("policy/p")))
		}, "user/u", "iam-create-policy-version", "policy/p = 1"},
		"users with a boundary, itself among them": {func(w *world) {
			w.user("u", can("iam:DeleteUserPermissionsBoundary", "*"), bounded(everything)).user("v", bounded(everything))
		}, "user/u", "iam-delete-user-permissions-boundary", "user/u user/v = 2"},
		"policies to change, one its own": {func(w *world) {
			w.policy("p", allow("iam:CreatePolicyVersion", "*")).policy("q", everything).user("u", carries("p"))
		}, "user/u", "iam-create-policy-version", "policy/p policy/q = 2"},
		"groups to change, one its own": {func(w *world) {
			w.group("g", allow("iam:PutGroupPolicy", "*")).group("h", everything).user("u", in("g"))
		}, "user/u", "iam-put-group-policy", "group/g group/h = 2"},
		"policies with other versions, one its own": {func(w *world) {
			w.policy("p", allow("iam:SetDefaultPolicyVersion", "*"), everything).user("u", carries("p"))
		}, "user/u", "iam-set-default-policy-version", "policy/p = 1"},
		"policies with other versions": {func(w *world) {
			w.policy("p", everything).policy("q", everything, everything).user("u", can("iam:SetDefaultPolicyVersion", "*"))
		}, "user/u", "iam-set-default-policy-version", "policy/q = 1"},
		"users with a boundary": {func(w *world) {
			w.user("u", can("iam:DeleteUserPermissionsBoundary", "*")).user("v", bounded(everything))
		},
			"user/u", "iam-delete-user-permissions-boundary", "user/v = 1"},
		"roles of a group's members": {func(w *world) { w.group("g", allow("sts:AssumeRole", "*")).role("a", byAccount()) }, "group/g", "sts-assume-role", "role/a = 1"},
		"a function, of which the account says nothing": {func(w *world) { w.user("u", can("lambda:UpdateFunctionCode", "*")) },
			"user/u", "lambda-update-function-code", "unresolved"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tt.build(w)
			f := find(t, w.judge()[tt.of].Findings, tt.rule)
			if got := describeTarget(f.Target); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func describeTarget(target *risk.Target) string {
	if target == nil {
		return "none"
	}
	if !target.Resolved {
		return "unresolved"
	}
	var names []string
	for _, c := range target.Candidates {
		names = append(names, short(c))
	}
	return fmt.Sprintf("%s = %d", strings.Join(names, " "), target.Count)
}

func TestManyTargetsAreCounted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.user("u", can("sts:AssumeRole", "*"))
	for i := range 300 {
		w.role(fmt.Sprintf("r%03d", i), byAccount())
	}
	target := find(t, w.judge()["user/u"].Findings, "sts-assume-role").Target
	if target.Count != 300 || len(target.Candidates) != 10 || target.Candidates[0] != arn("role/r000") {
		t.Errorf("%d of %d, from %s", len(target.Candidates), target.Count, target.Candidates[0])
	}
}

func TestWithoutTargetsAFindingIsLessSevere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.user("u", can("iam:PassRole lambda:CreateFunction lambda:InvokeFunction", "*"))
	without := find(t, w.judge()["user/u"].Findings, "passrole-lambda-invoke").Severity
	w.role("r", byService("lambda"))
	if with := find(t, w.judge()["user/u"].Findings, "passrole-lambda-invoke").Severity; with <= without {
		t.Errorf("%s with a role, %s without", with, without)
	}
}
