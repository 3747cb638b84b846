package world

// plan is one thing that was planted: a way to administrator, or what only looks
// like one.
type plan struct {
	name string
	in   []string // sorts of accounts
	// from is who begins where that is somebody outside the account, as the trust
	// policy of the first role names it; empty for the first step's principal.
	from        string
	steps       []planStep
	conditional bool
	blocked     string // by what; empty for a way that is one
}

// planStep leads from one of the account's entities to another, "role/<name>"
// for example. An empty to is the principal itself; one that begins with
// "neighbour:" or "follower:" is in the account before or after.
type planStep struct{ from, to, actions string }

func members() []string { return []string{sortStaging, sortDev, sortProd} }

// plans are all that is planted, and the ways that every organization has on
// purpose.
func plans() []plan {
	return append(append(standingPlans(), escalationPlans()...), decoyPlans()...)
}

// standingPlans are how the organization means to enter its accounts. Nobody in
// the sandbox is an administrator.
func standingPlans() []plan {
	return []plan{
		{
			name: "organization-access", in: members(), from: "arn:<partition>:iam::<management>:root",
			steps: []planStep{{"", "role/OrganizationAccountAccessRole", "sts:AssumeRole"}},
		},
		{
			name: "identity-center", in: append(members(), sortManagement), conditional: true,
			from:  "arn:<partition>:iam::<account>:saml-provider/AWSSSO_<instance>_DO_NOT_DELETE",
			steps: []planStep{{"", "role/AWSReservedSSO_AdministratorAccess_<permset>", "sts:AssumeRoleWithSAML sts:TagSession"}},
		},
	}
}

func escalationPlans() []plan {
	in := func(s string) []string { return []string{s} }
	function := planStep{"role/image-builder", "role/function-admin", "iam:PassRole lambda:CreateFunction lambda:InvokeFunction"}
	builder := func(from string) planStep { return planStep{from, "role/image-builder", "sts:AssumeRole"} }
	bridge := planStep{"role/pipeline-bridge", "neighbour:role/bridge-end", "sts:AssumeRole"}
	return []plan{
		{name: "group-policy-attaches", in: in(sortManagement), steps: []planStep{{"user/finops.lead", "", "iam:AttachUserPolicy"}}},
		{name: "enters-organization-role", in: in(sortManagement), steps: []planStep{{"role/org-inventory", "follower:role/OrganizationAccountAccessRole", "sts:AssumeRole"}}},
		{name: "passes-role-to-build", in: in(sortManagement), steps: []planStep{{"role/deploy-orchestrator", "role/build-admin", "iam:PassRole codebuild:CreateProject codebuild:StartBuild"}}},

		{name: "restores-old-version", in: in(sortStaging), steps: []planStep{{"user/ops.rotation", "", "iam:SetDefaultPolicyVersion"}}},
		{name: "passes-role-in-three-policies", in: in(sortStaging), steps: []planStep{function}},
		{name: "assumes-then-passes", in: in(sortStaging), steps: []planStep{builder("user/ci.runner"), function}},
		{name: "bot-assumes-then-passes", in: in(sortStaging), steps: []planStep{builder("role/ticket-bot"), function}},
		{name: "retrusts-assumes-passes", in: in(sortStaging), steps: []planStep{
			{"user/sam.intern", "role/ticket-bot", "iam:UpdateAssumeRolePolicy"}, builder("role/ticket-bot"), function,
		}},
		{name: "updates-function-some-days", in: in(sortStaging), steps: []planStep{{"role/function-maintainer", "role/function-admin", "lambda:UpdateFunctionCode"}}},
		{name: "entered-by-neighbour", in: in(sortStaging), from: "arn:<partition>:iam::<follower>:role/platform/pipeline-bridge", steps: []planStep{
			{"", "role/bridge-end", "sts:AssumeRole"},
		}},

		{name: "edits-own-policy", in: in(sortDev), steps: []planStep{{"user/release.bot", "", "iam:CreatePolicyVersion"}}},
		{name: "makes-key", in: in(sortDev), steps: []planStep{{"user/keys.desk", "user/emergency.admin", "iam:CreateAccessKey"}}},
		{name: "changes-password", in: in(sortDev), steps: []planStep{{"user/noor.servicedesk", "user/emergency.admin", "iam:UpdateLoginProfile"}}},
		{name: "breaks-glass", in: in(sortDev), conditional: true, steps: []planStep{{"user/yusuf.oncall", "role/break-glass-admin", "sts:AssumeRole"}}},
		{name: "joins-group", in: in(sortDev), steps: []planStep{{"user/mei.lead", "group/Administrators", "iam:AddUserToGroup"}}},
		{name: "passes-role-to-instance", in: in(sortDev), steps: []planStep{{"role/batch-launcher", "role/instance-admin", "iam:PassRole ec2:RunInstances"}}},
		{name: "commands-instance-some-days", in: in(sortDev), steps: []planStep{{"role/shell-support", "role/instance-admin", "ssm:SendCommand"}}},
		{name: "retrusts-while-it-lives", in: in(sortDev), steps: []planStep{{"role/break-glass-keeper", "role/break-glass-admin", "iam:UpdateAssumeRolePolicy"}}},
		{name: "crosses-accounts", in: in(sortDev), steps: []planStep{bridge}},
		{name: "assumes-then-crosses", in: in(sortDev), steps: []planStep{{"user/bridge.walker", "role/pipeline-bridge", "sts:AssumeRole"}, bridge}},
		{name: "writes-own-role", in: in(sortDev), steps: []planStep{{"role/preview-deployer", "", "iam:PutRolePolicy"}}},
		{name: "any-repository-writes-role", in: in(sortDev), conditional: true, from: "arn:<partition>:iam::<account>:oidc-provider/token.actions.githubusercontent.com", steps: []planStep{
			{"", "role/preview-deployer", "sts:AssumeRoleWithWebIdentity sts:TagSession"}, {"role/preview-deployer", "", "iam:PutRolePolicy"},
		}},
		{name: "attaches-to-own-role", in: in(sortDev), steps: []planStep{{"role/compliance-auditor", "", "iam:AttachRolePolicy"}}},
		{name: "vendor-attaches-to-role", in: in(sortDev), from: "<vendor>", steps: []planStep{
			{"", "role/compliance-auditor", "sts:AssumeRole"}, {"role/compliance-auditor", "", "iam:AttachRolePolicy"},
		}},

		{name: "puts-own-policy", in: in(sortProd), conditional: true, steps: []planStep{{"user/db.migrator", "", "iam:PutUserPolicy"}}},
		{name: "attaches-while-it-lives", in: in(sortProd), steps: []planStep{{"user/ivan.contractor", "", "iam:AttachUserPolicy"}}},
		{name: "power-user-updates-function", in: in(sortProd), steps: []planStep{{"role/feature-team", "role/function-admin", "lambda:UpdateFunctionCode"}}},
		{name: "corporate-power-user", in: in(sortProd), conditional: true, from: "arn:<partition>:iam::<account>:saml-provider/corporate-idp", steps: []planStep{
			{"", "role/feature-team", "sts:AssumeRoleWithSAML sts:TagSession"}, {"role/feature-team", "role/function-admin", "lambda:UpdateFunctionCode"},
		}},
		{name: "drops-boundary", in: in(sortProd), steps: []planStep{{"role/incident-responder", "", "iam:DeleteRolePermissionsBoundary"}}},
	}
}

// decoyPlans look like ways to administrator and are none.
func decoyPlans() []plan {
	in := func(s string) []string { return []string{s} }
	return []plan{
		{name: "own-keys-only", in: in(sortManagement), blocked: "a policy variable", steps: []planStep{{"user/keys.self", "", "iam:CreateAccessKey"}}},
		{name: "denied-by-group", in: in(sortStaging), blocked: "a Deny of a group", steps: []planStep{{"user/lena.helpdesk", "", "iam:AttachUserPolicy"}}},
		{name: "outside-boundary", in: in(sortStaging), blocked: "a permissions boundary", steps: []planStep{{"role/fenced-builder", "", "iam:CreatePolicyVersion"}}},
		{name: "passed-to-another-service", in: in(sortStaging), blocked: "a condition on iam:PassedToService", steps: []planStep{
			{"role/task-starter", "role/function-admin", "iam:PassRole lambda:CreateFunction lambda:InvokeFunction"},
		}},
		{name: "denied-resource", in: in(sortDev), blocked: "a Deny on the resource", steps: []planStep{{"role/vault-reader", "role/vault-admin", "sts:AssumeRole"}}},
		{name: "role-of-another-service", in: in(sortDev), blocked: "the role's trust policy", steps: []planStep{
			{"role/wrong-host", "role/instance-admin", "iam:PassRole lambda:CreateFunction lambda:InvokeFunction"},
		}},
		{name: "trusts-another", in: in(sortDev), blocked: "the role's trust policy", steps: []planStep{{"role/sealed-caller", "role/sealed-admin", "sts:AssumeRole"}}},
		{name: "denied-but-for-reading", in: in(sortDev), blocked: "a Deny with NotAction", steps: []planStep{{"user/olga.auditor", "", "iam:AttachUserPolicy"}}},
		{name: "not-on-allow-list", in: in(sortSandbox), blocked: "a service control policy's list of what is allowed", steps: []planStep{{"user/bjorn.tinker", "", "iam:AttachUserPolicy"}}},
		{name: "functions-not-on-allow-list", in: in(sortSandbox), blocked: "a service control policy's list of what is allowed", steps: []planStep{
			{"role/tinker-functions", "role/function-admin", "iam:PassRole lambda:CreateFunction lambda:InvokeFunction"},
		}},
		{name: "denied-by-control", in: in(sortProd), blocked: "a service control policy", steps: []planStep{
			{"role/reserved-editor", "role/AWSReservedSSO_AdministratorAccess_<permset>", "iam:UpdateAssumeRolePolicy"},
		}},
	}
}
