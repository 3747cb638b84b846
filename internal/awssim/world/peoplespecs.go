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
		{weight: 5, name: "<app>-<component>-<env>-developers<serial>", path: "/teams/", lo: 400, hi: 1500, maybe: []string{"PowerUserAccess", "ReadOnlyAccess"}, inline: []string{"tag-based-access", "guardrail-deny"}, inlines: 2, customer: 2},
		{weight: 3, name: "<app>-<component>-<env>-operators<serial>", path: "/teams/", lo: 400, hi: 1500, maybe: []string{"ViewOnlyAccess"}, inline: []string{"ec2-operator"}, inlines: 1, customer: 2},
		{weight: 2, name: "<app>-<component>-<env>-billing<serial>", path: "/finance/", lo: 400, hi: 1500, aws: []string{"Billing"}, inline: []string{"billing-view"}, inlines: 1},
		{weight: 1, name: "<app>-<component>-<env>-auditors<serial>", path: "/", lo: 400, hi: 1500, aws: []string{"SecurityAudit", "IAMReadOnlyAccess"}},
		{weight: 1, name: "<app>-<component>-<env>-admins<serial>", path: "/", lo: 400, hi: 1500, customer: 1, inline: []string{"user-admin", "guardrail-deny"}, inlines: 2},
	}
}

// policySpec is a customer managed policy that comes and goes, by its template.
type policySpec struct {
	weight   int
	template string
}

// policySpecs are the templates of customer managed policies and how frequent they are.
func policySpecs() []policySpec {
	return []policySpec{
		{10, "s3-read"},
		{10, "s3-write"},
		{8, "dynamodb-table"},
		{5, "function-logs"},
		{8, "ci-deploy"},
		{2, "full-admin"},
		{2, "power-user"},
		{4, "guardrail-deny"},
		{3, "self-service-mfa"},
		{3, "office-network"},
		{4, "tag-based-access"},
		{4, "middle-wildcards"},
		{3, "unknown-actions"},
		{4, "odd-spelling"},
		{6, "kms-use"},
		{8, "secrets-read"},
		{6, "messaging"},
		{5, "ec2-operator"},
		{4, "database-connect"},
		{3, "user-admin"},
		{3, "assume-partner"},
		{4, "analytics"},
		{5, "image-pull"},
		{5, "metrics"},
		{3, "everything-but-buckets"},
		{2, "billing-view"},
		{4, "orchestrate"},
		{3, "pass-anything"},
	}
}

// boundarySpecs are the customer managed policies that serve as permissions
// boundaries only. They take the first slots of every account.
func boundarySpecs() []string { return []string{"boundary-developer", "boundary-workload"} }
