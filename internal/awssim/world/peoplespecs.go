package world

// fixedUsers are the users that the management account has for good. The first
// collects: its access key is what a client starts from.
func fixedUsers() []spec {
	return []spec{
		{name: "leastwise", path: "/service/", inline: []string{"collector-hub"}, inlines: 1, habit: habitDaily, keys: [2]int{100, 0}},
	}
}

// userSpecs are the users that come and go.
func userSpecs() []spec {
	return []spec{
		{
			weight: 40, name: "<first>.<last><twin>", path: "/people/", lo: 250, hi: 1000, groups: 3, inline: []string{"self-service-mfa", "office-network"}, inlines: 1,
			maybe: []string{"ReadOnlyAccess", "Billing"}, customer: 1, bounded: 15, password: 95, mfa: 75, keys: [2]int{40, 10}, tagged: 90,
		},
		{
			weight: 8, name: "<first>.<last>+admin<twin>@example.com", path: "/people/admins/", lo: 250, hi: 900, groups: 2,
			maybe: []string{"AdministratorAccess"}, password: 100, mfa: 85, keys: [2]int{25, 5}, tagged: 60,
		},
		{
			weight: 30, name: "svc-<app>-<component>-<env><serial>", path: "/service/", lo: 200, hi: 900,
			inline: []string{"s3-write", "messaging", "metrics", "odd-spelling"}, inlines: 2, customer: 2, bounded: 20, keys: [2]int{95, 30}, tagged: 50,
		},
		{
			weight: 10, name: "<last>-<first>-contractor<twin>", path: "/external/", lo: 60, hi: 240, groups: 1,
			inline: []string{"office-network"}, inlines: 1, bounded: 60, password: 100, mfa: 55, keys: [2]int{15, 0}, tagged: 70,
		},
		{
			weight: 8, name: "ses-smtp-user.<stack>", path: "/", lo: 300, hi: 1200, inline: []string{"metrics"}, inlines: 1,
			habit: habitDaily, keys: [2]int{100, 0},
		},
		{
			weight: 4, name: "old_<app>_<component>_<env><serial>", path: "/", lo: 400, hi: 1200, customer: 1, maybe: []string{"AmazonS3FullAccess", "AdministratorAccess"},
			habit: habitDormant, password: 30, keys: [2]int{90, 40},
		},
	}
}

// fixedGroups are the groups that every account has for good.
func fixedGroups() []spec {
	return []spec{
		{name: "Administrators", path: "/", aws: []string{"AdministratorAccess"}},
		{name: "Everyone", path: "/", inline: []string{"self-service-mfa"}, inlines: 1},
	}
}

// groupSpecs are the groups that come and go.
func groupSpecs() []spec {
	return []spec{
		{weight: 5, name: "<app>-<component>-<env>-developers<serial>", path: "/teams/", lo: 400, hi: 1500, maybe: []string{"AmazonDynamoDBFullAccess", "ReadOnlyAccess"}, inline: []string{"tag-based-access", "guardrail-deny"}, inlines: 2, customer: 2},
		{weight: 3, name: "<app>-<component>-<env>-operators<serial>", path: "/teams/", lo: 400, hi: 1500, maybe: []string{"ViewOnlyAccess"}, inline: []string{"ec2-operator"}, inlines: 1, customer: 2},
		{weight: 2, name: "<app>-<component>-<env>-billing<serial>", path: "/finance/", lo: 400, hi: 1500, aws: []string{"Billing"}, inline: []string{"billing-view"}, inlines: 1},
		{weight: 1, name: "<app>-<component>-<env>-auditors<serial>", path: "/", lo: 400, hi: 1500, aws: []string{"SecurityAudit", "IAMReadOnlyAccess"}},
		{weight: 1, name: "<app>-<component>-<env>-admins<serial>", path: "/", lo: 400, hi: 1500, customer: 1, inline: []string{"user-support", "guardrail-deny"}, inlines: 2},
	}
}

// policySpec is a customer managed policy that comes and goes, by its template.
type policySpec struct {
	weight   int
	template string
	// shelved ones are attached to nobody: they would make administrators, or
	// lead to one, where no plan says so.
	shelved bool
}

// policySpecs are the templates of customer managed policies and how frequent they are.
func policySpecs() []policySpec {
	return []policySpec{
		{weight: 10, template: "s3-read"},
		{weight: 10, template: "s3-write"},
		{weight: 8, template: "dynamodb-table"},
		{weight: 5, template: "function-logs"},
		{weight: 8, template: "ci-deploy"},
		{weight: 2, template: "full-admin", shelved: true},
		{weight: 2, template: "power-user", shelved: true},
		{weight: 4, template: "guardrail-deny"},
		{weight: 3, template: "self-service-mfa"},
		{weight: 3, template: "office-network"},
		{weight: 4, template: "tag-based-access"},
		{weight: 4, template: "middle-wildcards"},
		{weight: 3, template: "unknown-actions"},
		{weight: 4, template: "odd-spelling"},
		{weight: 6, template: "kms-use"},
		{weight: 8, template: "secrets-read"},
		{weight: 6, template: "messaging"},
		{weight: 5, template: "ec2-operator"},
		{weight: 4, template: "database-connect"},
		{weight: 3, template: "user-admin", shelved: true},
		{weight: 3, template: "assume-partner"},
		{weight: 4, template: "analytics"},
		{weight: 5, template: "image-pull"},
		{weight: 5, template: "metrics"},
		{weight: 3, template: "everything-but-buckets"},
		{weight: 2, template: "billing-view"},
		{weight: 4, template: "orchestrate"},
		{weight: 3, template: "pass-anything", shelved: true},
		{weight: 3, template: "pass-own"},
		{weight: 3, template: "organization-data"},
		{weight: 3, template: "event-publisher"},
		{weight: 3, template: "mfa-operations"},
		{weight: 2, template: "user-support"},
	}
}

// boundarySpecs are the customer managed policies that serve as permissions
// boundaries only. They take the first slots of every account.
func boundarySpecs() []string {
	return []string{"boundary-developer", "boundary-workload", "boundary-everything-but-identity", "boundary-own-account", "boundary-observer"}
}
