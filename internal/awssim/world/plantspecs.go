package world

// planting is what is planted into the accounts of one sort, beside the ordinary
// population: who can become administrator, who only seems to, and whom they
// become. Plans say which is which.
type planting struct {
	users, groups, roles []spec
	policies             []plantedSpec
}

// plantedSpec is a customer managed policy with a fixed name and history.
type plantedSpec struct {
	name, path, template string
	// versions is how many it has, of which the last is in force: the template's
	// revisions, one after the other.
	versions int
}

// The sorts of accounts: what env says, and the management account.
const (
	sortManagement = "management"
	sortStaging    = "staging"
	sortDev        = "dev"
	sortSandbox    = "sandbox"
	sortProd       = "prod"
)

// plantings are what each sort of account has.
func plantings() map[string]planting {
	return map[string]planting{
		sortManagement: managementPlanting(), sortStaging: stagingPlanting(), sortDev: devPlanting(),
		sortSandbox: sandboxPlanting(), sortProd: prodPlanting(),
	}
}

// robot is a user with a key, person one with a password.
func robot(name string, s spec) spec {
	s.name, s.path, s.keys, s.tagged = name, "/automation/", [2]int{100, 0}, 60
	return s
}

func person(name string, s spec) spec {
	s.name, s.path, s.password, s.mfa, s.tagged = name, "/people/", 100, 60, 60
	return s
}

// worker is a role that nobody in the organization can take, unless s says so.
func worker(name string, s spec) spec {
	s.name, s.tagged = name, 60
	if s.path == "" {
		s.path = "/platform/"
	}
	if s.trust == nil {
		s.trust = []string{"transfer"}
	}
	return s
}

// viewer is a role that may look at things.
func viewer(name, trust string) spec {
	return worker(name, spec{path: "/exchange/", trust: []string{trust}, aws: []string{"ViewOnlyAccess"}})
}

// powerful is a role that makes an administrator of who takes it.
func powerful(name, trust string) spec {
	return worker(name, spec{trust: []string{trust}, aws: []string{"AdministratorAccess"}})
}

func managementPlanting() planting {
	return planting{
		groups: []spec{{name: "FinanceOperators", path: "/", own: []string{"onboarding"}}},
		users:  []spec{person("finops.lead", spec{member: []string{"FinanceOperators"}}), robot("keys.self", spec{inline: []string{"own-keys"}})},
		roles: []spec{
			worker("org-inventory", spec{inline: []string{"enter-members"}}),
			powerful("build-admin", "codebuild"),
			worker("deploy-orchestrator", spec{inline: []string{"build-as-admin"}}),
		},
		policies: []plantedSpec{{"onboarding", "/platform/", "attach-to-people", 1}},
	}
}

func stagingPlanting() planting {
	return planting{
		groups: []spec{{name: "ReadersOfIdentities", path: "/", inline: []string{"no-identity-changes"}}},
		users: []spec{
			robot("ops.rotation", spec{own: []string{"rotation"}, inline: []string{"restore-version"}}),
			robot("ci.runner", spec{inline: []string{"assume-builder"}}),
			person("sam.intern", spec{inline: []string{"retrust-ticket-bot"}}),
			person("lena.helpdesk", spec{inline: []string{"attach-anything"}, member: []string{"ReadersOfIdentities"}}),
		},
		roles: []spec{
			powerful("function-admin", "lambda"),
			worker("image-builder", spec{trust: []string{"account"}, own: []string{"pass-function-admin", "create-functions"}, inline: []string{"invoke-functions"}}),
			worker("ticket-bot", spec{inline: []string{"assume-builder"}}),
			worker("function-maintainer", spec{inline: []string{"update-functions"}, turns: 5}),
			worker("fenced-builder", spec{own: []string{"fenced-edit"}, fence: "boundary-workload"}),
			worker("task-starter", spec{inline: []string{"pass-to-tasks"}}),
			powerful("bridge-end", "bridge-end"),
		},
		policies: []plantedSpec{
			{"rotation", "/platform/", "rotation", 2},
			{"pass-function-admin", "/platform/", "pass-function-admin", 1},
			{"create-functions", "/platform/", "create-functions", 1},
			{"fenced-edit", "/platform/", "edit-own-policy", 1},
		},
	}
}

func devPlanting() planting {
	return planting{
		users: []spec{
			{name: "emergency.admin", path: "/people/admins/", aws: []string{"AdministratorAccess"}, password: 100, mfa: 100, habit: habitDormant, tagged: 60},
			robot("release.bot", spec{own: []string{"release"}}),
			robot("keys.desk", spec{inline: []string{"key-for-emergency"}}),
			person("noor.servicedesk", spec{inline: []string{"password-of-emergency"}}),
			person("yusuf.oncall", spec{inline: []string{"take-break-glass"}}),
			person("mei.lead", spec{inline: []string{"join-administrators"}}),
			robot("bridge.walker", spec{inline: []string{"take-bridge"}}),
			person("olga.auditor", spec{inline: []string{"identities-read-in-effect"}}),
		},
		roles: []spec{
			instances(),
			worker("batch-launcher", spec{inline: []string{"launch-as-admin"}}),
			worker("shell-support", spec{inline: []string{"send-commands"}, turns: 4}),
			worker("break-glass-keeper", spec{inline: []string{"retrust-break-glass"}, lo: 9, hi: 13}),
			worker("pipeline-bridge", spec{trust: []string{"account"}, inline: []string{"cross-bridge"}}),
			worker("preview-deployer", spec{trust: []string{"github-no-sub"}, inline: []string{"write-preview-role"}}),
			worker("compliance-auditor", spec{path: "/external/", trust: []string{"vendor-no-external-id"}, inline: []string{"attach-to-auditor"}}),
			vault(),
			worker("vault-reader", spec{inline: []string{"take-vault"}}),
			worker("wrong-host", spec{inline: []string{"pass-instance-to-lambda"}}),
			powerful("sealed-admin", "sealed"),
			worker("sealed-caller", spec{inline: []string{"take-sealed"}}),
		},
		policies: []plantedSpec{{"release", "/platform/", "release", 1}},
	}
}

// instances is an administrator's role that an instance profile has.
func instances() spec {
	s := powerful("instance-admin", "ec2")
	s.profile = true
	return s
}

// vault is an administrator's role that is denied to who seems to reach it.
func vault() spec {
	s := powerful("vault-admin", "account")
	s.path = "/vault/"
	return s
}

func sandboxPlanting() planting {
	return planting{
		users: []spec{person("bjorn.tinker", spec{inline: []string{"attach-anything"}})},
		roles: []spec{
			powerful("function-admin", "lambda"),
			worker("tinker-functions", spec{inline: []string{"functions-as-anyone"}}),
		},
	}
}

func prodPlanting() planting {
	return planting{
		users: []spec{
			robot("db.migrator", spec{inline: []string{"put-own-policy"}}),
			person("ivan.contractor", spec{own: []string{"onboarding"}, lo: 7, hi: 11}),
		},
		roles: []spec{
			powerful("function-admin", "lambda"),
			worker("feature-team", spec{trust: []string{"saml"}, aws: []string{"PowerUserAccess"}, inline: []string{"no-assuming"}}),
			worker("incident-responder", spec{aws: []string{"AdministratorAccess"}, fence: "responder-boundary"}),
			worker("reserved-editor", spec{inline: []string{"edit-reserved-roles"}}),
			// One role for each way to trust that is rarely seen.
			viewer("trusts-partition", "other-partition"), viewer("trusts-deleted", "deleted"), viewer("trusts-all-but-one", "all-but-one"),
			viewer("trusts-any-audience", "github-no-aud"), viewer("trusts-old-saml", "saml-no-aud"), viewer("trusts-organization", "anyone-in-organization"),
		},
		policies: []plantedSpec{
			{"onboarding", "/platform/", "attach-to-people", 1},
			{"responder-boundary", "/platform/", "responder-boundary", 1},
		},
	}
}
