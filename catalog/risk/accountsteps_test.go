package risk_test

import (
	"fmt"
	"testing"

	"github.com/leastwise/leastwise/catalog/risk"
)

// pathCase is an account and the path of one of its principals.
type pathCase struct {
	build func(*world)
	of    string
	want  string
}

func runPaths(t *testing.T, tests map[string]pathCase) {
	t.Helper()
	t.Parallel()
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tt.build(w)
			if got := describePath(w.judge()[tt.of].Paths); got != tt.want {
				t.Errorf("path %s, want %s", got, tt.want)
			}
		})
	}
}

// keys is a credential report's row of a user with some access keys.
func (w *world) keys(user string, password bool, keys ...risk.AccessKey) *world {
	e := entity("user", user)
	w.credentials = append(w.credentials, risk.Credential{ID: e.ID, Name: e.Name, ARN: e.ARN, PasswordEnabled: password, Keys: keys})
	return w
}

func activeKey(slot int) risk.AccessKey {
	return risk.AccessKey{Slot: slot, Active: true, RotatedAt: daysAgo(10)}
}

func TestPathsOfCredentials(t *testing.T) {
	runPaths(t, map[string]pathCase{
		"access key": {func(w *world) { w.user("u", can("iam:CreateAccessKey", arn("user/*"))).user("boss", admin()) },
			"user/u", "user/u -iam-create-access-key-> user/boss"},
		"access key of itself": {func(w *world) { w.user("u", can("iam:CreateAccessKey", arn("user/u"))).user("boss", admin()) },
			"user/u", "none"},
		"access key by the user's own name": {func(w *world) {
			w.user("u", can("iam:CreateAccessKey", arn("user/${aws:username}"))).user("boss", admin())
		},
			"user/u", "none"},
		"access key of a role": {func(w *world) { w.user("u", can("iam:CreateAccessKey", "*")).role("boss", admin(), byAccount()) },
			"user/u", "none"},
		"access key, one there": {func(w *world) {
			w.user("u", can("iam:CreateAccessKey", "*")).user("boss", admin()).keys("boss", false, activeKey(1))
		}, "user/u", "user/u -iam-create-access-key-> user/boss"},
		"access key, both taken": {func(w *world) {
			w.user("u", can("iam:CreateAccessKey", "*")).user("boss", admin()).keys("boss", false, activeKey(1), activeKey(2))
		}, "user/u", "none"},
		"access key, both taken and one deleted": {func(w *world) {
			w.user("u", can("iam:CreateAccessKey iam:DeleteAccessKey", "*")).user("boss", admin()).keys("boss", false, activeKey(1), activeKey(2))
		}, "user/u", "user/u -iam-rotate-access-key-> user/boss"},
		"new password": {func(w *world) {
			w.user("u", can("iam:CreateLoginProfile", "*")).user("boss", admin()).keys("boss", false)
		},
			"user/u", "user/u -iam-create-login-profile-> user/boss"},
		"new password where there is one": {func(w *world) {
			w.user("u", can("iam:CreateLoginProfile", "*")).user("boss", admin()).keys("boss", true)
		},
			"user/u", "none"},
		"other password": {func(w *world) {
			w.user("u", can("iam:UpdateLoginProfile", "*")).user("boss", admin()).keys("boss", true)
		},
			"user/u", "user/u -iam-update-login-profile-> user/boss"},
		"other password where there is none": {func(w *world) {
			w.user("u", can("iam:UpdateLoginProfile", "*")).user("boss", admin()).keys("boss", false)
		},
			"user/u", "none"},
		"a role makes a key": {func(w *world) { w.role("r", can("iam:CreateAccessKey", "*")).user("boss", admin()) },
			"role/r", "role/r -iam-create-access-key-> user/boss"},
	})
}

func TestPathsOfGrants(t *testing.T) {
	runPaths(t, map[string]pathCase{
		"attach to itself": {func(w *world) { w.user("u", can("iam:AttachUserPolicy", arn("user/u"))) },
			"user/u", "user/u -iam-attach-user-policy-> user/u"},
		"attach to itself by the own name": {func(w *world) { w.user("u", can("iam:AttachUserPolicy", arn("user/${aws:username}"))) },
			"user/u", "user/u -iam-attach-user-policy-> user/u"},
		"attach to another": {func(w *world) { w.user("u", can("iam:AttachUserPolicy", arn("user/v"))).user("v") },
			"user/u", "none"},
		"attach to another and make its key": {func(w *world) { w.user("u", can("iam:AttachUserPolicy iam:CreateAccessKey", arn("user/v"))).user("v") },
			"user/u", "user/u -iam-attach-user-policy-access-key-> user/v"},
		"write an inline policy for another and make its password": {func(w *world) {
			w.user("u", can("iam:PutUserPolicy iam:UpdateLoginProfile", arn("user/v"))).user("v")
		}, "user/u", "user/u -iam-update-login-profile+iam-put-user-policy-> user/v"},
		"a role attaches to itself": {func(w *world) { w.role("r", can("iam:AttachRolePolicy", "*")) },
			"role/r", "role/r -iam-attach-role-policy-> role/r"},
		"a role writes an inline policy for itself": {func(w *world) { w.role("r", can("iam:PutRolePolicy", arn("role/r"))) },
			"role/r", "role/r -iam-put-role-policy-> role/r"},
		"a role of IAM Identity Center cannot change itself": {func(w *world) {
			w.role("aws-reserved/sso.amazonaws.com/AWSReservedSSO_x", can("iam:PutRolePolicy", "*"))
		}, "role/AWSReservedSSO_x", "none"},
		"a role of IAM Identity Center cannot be changed": {func(w *world) {
			w.user("u", can("iam:UpdateAssumeRolePolicy", "*")).role("aws-reserved/sso.amazonaws.com/AWSReservedSSO_x", admin())
		}, "user/u", "none"},
		"a user attaches to a role that it assumes": {func(w *world) {
			w.user("u", can("iam:AttachRolePolicy sts:AssumeRole", "*")).role("r", byAccount())
		}, "user/u", "user/u -iam-attach-role-policy-assume-> role/r"},
		"a user attaches to a role that names it": {func(w *world) {
			w.user("u", can("iam:AttachRolePolicy", "*")).role("r", by("user/u"))
		}, "user/u", "user/u -iam-attach-role-policy-assume-> role/r"},
		"a user attaches to a role that it cannot assume": {func(w *world) {
			w.user("u", can("iam:AttachRolePolicy sts:AssumeRole", "*")).role("r", byService("ec2"))
		}, "user/u", "none"},
		"a user attaches to a role that it passes": {func(w *world) {
			w.user("u", can("iam:AttachRolePolicy iam:PassRole lambda:CreateFunction lambda:InvokeFunction", "*")).role("r", byService("lambda"))
		}, "user/u", "user/u -passrole-lambda-invoke+iam-attach-role-policy-> role/r"},
		"attach to its group": {func(w *world) {
			w.group("g", allow("s3:ListAllMyBuckets", "*")).user("u", in("g"), can("iam:AttachGroupPolicy", arn("group/g")))
		}, "user/u", "user/u -iam-attach-group-policy-> user/u"},
		"attach to another group": {func(w *world) {
			w.group("g", allow("s3:ListAllMyBuckets", "*")).user("u", can("iam:AttachGroupPolicy", arn("group/g")))
		}, "user/u", "none"},
		"write its group's inline policy, as the group grants": {func(w *world) {
			w.group("g", allow("iam:PutGroupPolicy", "*")).user("u", in("g"))
		}, "user/u", "user/u -iam-put-group-policy-> user/u"},
		"attach to another group and join it": {func(w *world) {
			w.group("g", allow("s3:ListAllMyBuckets", "*")).user("u", can("iam:AttachGroupPolicy iam:AddUserToGroup", arn("group/g")))
		}, "user/u", "user/u -iam-add-user-to-group+iam-attach-group-policy-> group/g"},
		"join the administrators": {func(w *world) {
			w.group("admins", everything).user("u", can("iam:AddUserToGroup", arn("group/admins")))
		},
			"user/u", "user/u -iam-add-user-to-group-> group/admins"},
		"join a group that can assume an administrator": {func(w *world) {
			w.group("g", allow("sts:AssumeRole", "*")).user("u", can("iam:AddUserToGroup", "*")).role("r", admin(), byAccount())
		}, "user/u", "user/u -iam-add-user-to-group-> group/g -sts-assume-role-> role/r"},
		"join a group that may make keys for its members": {func(w *world) {
			w.group("g", allow("iam:CreateAccessKey", arn("user/${aws:username}"))).user("u", can("iam:AddUserToGroup", "*")).user("boss", admin())
		}, "user/u", "none"},
		"join a group whose members may attach to themselves": {func(w *world) {
			w.group("g", allow("iam:AttachUserPolicy", arn("user/${aws:username}"))).user("u", can("iam:AddUserToGroup", "*"))
		}, "user/u", "user/u -iam-add-user-to-group-> group/g -iam-attach-user-policy-> group/g"},
		"a member may make its own keys": {func(w *world) {
			w.group("g", allow("iam:CreateAccessKey", arn("user/${aws:username}"))).user("u", in("g")).user("boss", admin())
		}, "user/u", "none"},
		"a member may attach to itself": {func(w *world) {
			w.group("g", allow("iam:PutUserPolicy", arn("user/${aws:username}"))).user("u", in("g"))
		}, "user/u", "user/u -iam-put-user-policy-> user/u"},
		"a role cannot join": {func(w *world) { w.group("admins", everything).role("r", can("iam:AddUserToGroup", "*")) },
			"role/r", "none"},
		"a new version of a policy that it carries": {func(w *world) {
			w.policy("p", allow("iam:CreatePolicyVersion", arn("policy/p"))).role("r", carries("p"))
		}, "role/r", "role/r -iam-create-policy-version-> role/r"},
		"a new version of a policy that another carries": {func(w *world) {
			w.policy("p", allow("s3:GetObject", "*")).role("r", can("iam:CreatePolicyVersion", "*")).role("s", carries("p"))
		}, "role/r", "none"},
		"a new version of a policy that another carries, whom it becomes": {func(w *world) {
			w.policy("p", allow("s3:GetObject", "*")).role("r", can("iam:CreatePolicyVersion sts:AssumeRole", "*")).role("s", carries("p"), byAccount())
		}, "role/r", "role/r -iam-create-policy-version-assume-> role/s"},
		"an earlier version that allows everything": {func(w *world) {
			w.policy("p", allow("iam:SetDefaultPolicyVersion", "*"), everything).role("r", carries("p"))
		}, "role/r", "role/r -iam-set-default-policy-version-> role/r"},
		"an earlier version that allows little": {func(w *world) {
			w.policy("p", allow("iam:SetDefaultPolicyVersion", "*"), allow("s3:*", "*")).role("r", carries("p"))
		}, "role/r", "none"},
		"change the trust": {func(w *world) {
			w.user("u", can("iam:UpdateAssumeRolePolicy", "*")).role("r", admin(), byService("ec2"))
		},
			"user/u", "user/u -iam-update-assume-role-policy-> role/r"},
		"change the trust, and be denied to assume": {func(w *world) {
			w.user("u", can("iam:UpdateAssumeRolePolicy", "*"), cannot("sts:AssumeRole", "*")).role("r", admin(), byService("ec2"))
		}, "user/u", "none"},
		"change trust and policy": {func(w *world) {
			w.user("u", can("iam:UpdateAssumeRolePolicy iam:PutRolePolicy", arn("role/r"))).role("r", byService("ec2"))
		}, "user/u", "user/u -iam-put-role-policy-trust-> role/r"},
	})
}

func TestPathsOfLimits(t *testing.T) {
	noIAM := cannot("iam:*", "*")
	runPaths(t, map[string]pathCase{
		"a boundary holds back an administrator": {func(w *world) { w.user("u", admin(), bounded(allow("s3:*", "*"))) },
			"user/u", "none"},
		"a boundary of everything": {func(w *world) { w.user("u", admin(), bounded(everything)) },
			"user/u", "administrator"},
		"a boundary that lets grant and no more": {func(w *world) {
			w.user("u", can("iam:AttachUserPolicy", "*"), bounded(allow("iam:AttachUserPolicy s3:*", "*")))
		}, "user/u", "none"},
		"a boundary that it can delete": {func(w *world) {
			w.user("u", admin(), bounded(allow("iam:DeleteUserPermissionsBoundary", "*")))
		}, "user/u", "user/u -iam-delete-user-permissions-boundary-> user/u"},
		"a boundary that it can delete to grant": {func(w *world) {
			w.role("r", can("iam:PutRolePolicy iam:DeleteRolePermissionsBoundary", "*"), bounded(allow("iam:DeleteRolePermissionsBoundary", "*")))
		}, "role/r", "role/r -iam-delete-role-permissions-boundary-> role/r -iam-put-role-policy-> role/r"},
		"another's boundary, which holds it back": {func(w *world) {
			w.user("u", can("iam:DeleteRolePermissionsBoundary sts:AssumeRole", "*")).role("r", admin(), byAccount(), bounded(allow("s3:*", "*")))
		}, "user/u", "user/u -iam-delete-role-permissions-boundary-assume-> role/r"},
		"another's boundary, without which it is no administrator either": {func(w *world) {
			w.user("u", can("iam:DeleteRolePermissionsBoundary sts:AssumeRole", "*")).role("r", byAccount(), bounded(allow("s3:*", "*")))
		}, "user/u", "none"},
		"a control that leaves no administrators": {func(w *world) {
			w.user("u", can("iam:AttachUserPolicy", "*"), controlled(allow("iam:* s3:*", "*")))
		}, "user/u", "none"},
		"a control that leaves all but a few": {func(w *world) {
			w.user("u", can("iam:AttachUserPolicy", "*"), controlled(everything, `{"Effect":"Deny","Action":"organizations:*","Resource":"*"}`))
		}, "user/u", "user/u -iam-attach-user-policy-> user/u"},
		"a control of the root and one of the account": {func(w *world) {
			w.user("u", can("iam:AttachUserPolicy", "*"), controlled(everything), controlled(`{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`))
		}, "user/u", "none"},
		"an administrator without IAM": {func(w *world) { w.user("u", admin(), noIAM) },
			"user/u", "none"},
		"an administrator without IAM, by a role": {func(w *world) { w.user("u", admin(), noIAM).role("r", admin(), byAccount()) },
			"user/u", "user/u -sts-assume-role-> role/r"},
	})
}

func TestPathsOfRunning(t *testing.T) {
	const create = "lambda:CreateFunction lambda:InvokeFunction"
	runPaths(t, map[string]pathCase{
		"pass to a function": {func(w *world) { w.user("u", can("iam:PassRole "+create, "*")).role("r", admin(), byService("lambda")) },
			"user/u", "user/u -passrole-lambda-invoke-> role/r"},
		"pass to a function, a role of EC2": {func(w *world) {
			w.user("u", can("iam:PassRole "+create, "*")).role("r", admin(), byService("ec2"), inProfile())
		}, "user/u", "none"},
		"pass without running": {func(w *world) {
			w.user("u", can("iam:PassRole lambda:CreateFunction", "*")).role("r", admin(), byService("lambda"))
		},
			"user/u", "none"},
		"run without passing": {func(w *world) { w.user("u", can(create, "*")).role("r", admin(), byService("lambda")) },
			"user/u", "none"},
		"pass another role": {func(w *world) {
			w.user("u", can("iam:PassRole", arn("role/other")), can(create, "*")).role("r", admin(), byService("lambda"))
		}, "user/u", "none"},
		"pass to this service only": {func(w *world) {
			w.user("u", can("iam:PassRole", "*", condition("StringEquals", "iam:PassedToService", "lambda.amazonaws.com")), can(create, "*")).
				role("r", admin(), byService("lambda"))
		}, "user/u", "user/u -passrole-lambda-invoke-> role/r"},
		"pass to another service only": {func(w *world) {
			w.user("u", can("iam:PassRole", "*", condition("StringEquals", "iam:PassedToService", "ec2.amazonaws.com")), can(create, "*")).
				role("r", admin(), byService("lambda"))
		}, "user/u", "none"},
		"pass this role to another service, and others to this": {func(w *world) {
			w.user("u", can(create, "*"),
				can("iam:PassRole", arn("role/r"), condition("StringEquals", "iam:PassedToService", "ec2.amazonaws.com")),
				can("iam:PassRole", arn("role/s"), condition("StringEquals", "iam:PassedToService", "lambda.amazonaws.com")),
			).role("r", admin(), byService("lambda")).role("s", byService("lambda"))
		}, "user/u", "none"},
		"pass to an instance": {func(w *world) {
			w.user("u", can("iam:PassRole ec2:RunInstances", "*")).role("r", admin(), byService("ec2"), inProfile())
		},
			"user/u", "user/u -passrole-ec2-run-instances-> role/r"},
		"pass to an instance a role without a profile": {func(w *world) {
			w.user("u", can("iam:PassRole ec2:RunInstances", "*")).role("r", admin(), byService("ec2"))
		},
			"user/u", "none"},
		"pass to a stack": {func(w *world) {
			w.user("u", can("iam:PassRole cloudformation:CreateStack", "*")).role("r", admin(), byService("cloudformation"))
		}, "user/u", "user/u -passrole-cloudformation-create-stack-> role/r"},
		"pass to a regional service principal": {func(w *world) {
			w.user("u", can("iam:PassRole states:CreateStateMachine states:StartExecution", "*")).role("r", admin(), byService("states.eu-central-1"))
		}, "user/u", "user/u -passrole-stepfunctions-create-> role/r"},
		"pass to an identity pool": {func(w *world) {
			w.user("u", can("iam:PassRole cognito-identity:SetIdentityPoolRoles", "*")).role("r", admin(), trusts(`{"Federated":"cognito-identity.amazonaws.com"}`))
		}, "user/u", "user/u -passrole-cognito-identity-pool-> role/r"},
		"replace code": {func(w *world) {
			w.user("u", can("lambda:UpdateFunctionCode", "*")).role("r", admin(), byService("lambda"))
		},
			"user/u", "user/u -lambda-update-function-code-> role/r"},
		"replace code where nothing runs as an administrator": {func(w *world) {
			w.user("u", can("lambda:UpdateFunctionCode", "*")).role("r", admin(), byService("ec2"), inProfile())
		}, "user/u", "none"},
		"command": {func(w *world) {
			w.user("u", can("ssm:SendCommand", "*")).role("r", admin(), byService("ec2"), inProfile())
		},
			"user/u", "user/u -ssm-send-command-> role/r"},
		"session": {func(w *world) {
			w.user("u", can("ssm:StartSession", "*")).role("r", admin(), byService("ec2"), inProfile())
		},
			"user/u", "user/u -ssm-start-session-> role/r"},
		"session, no instance profile": {func(w *world) { w.user("u", can("ssm:StartSession", "*")).role("r", admin(), byService("ec2")) },
			"user/u", "none"},
		"build": {func(w *world) {
			w.user("u", can("codebuild:StartBuild", "*")).role("r", admin(), byService("codebuild"))
		},
			"user/u", "user/u -codebuild-start-build-> role/r"},
		"passing is preferred to what must be there": {func(w *world) {
			w.user("u", can("iam:PassRole lambda:UpdateFunctionCode "+create, "*")).role("r", admin(), byService("lambda"))
		}, "user/u", "user/u -passrole-lambda-invoke-> role/r"},
	})
}

// A chain as long as the account is found, and no step of it is left out.
func TestLongChain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 30 {
		w.role(fmt.Sprintf("r%02d", i), can("sts:AssumeRole", arn(fmt.Sprintf("role/r%02d", i+1))), byAccount())
	}
	w.role("r30", admin(), byAccount())
	if p := w.judge()["role/r00"].Paths[0]; p.Length() != 30 || p.To != arn("role/r30") {
		t.Errorf("%d steps to %s", p.Length(), p.To)
	}
}
