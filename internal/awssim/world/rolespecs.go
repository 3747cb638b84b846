package world

// fixedRoles are the roles that every account has for good, the collector's first.
func fixedRoles(cfg Config) []spec {
	trust := "collector"
	if cfg.ExternalID == "" {
		trust = "management"
	}
	specs := []spec{
		{name: "<collector>", path: "/", trust: []string{trust}, inline: []string{"collector"}, inlines: 1, habit: habitDaily},
		{name: "OrganizationAccountAccessRole", path: "/", trust: []string{"management"}, aws: []string{"AdministratorAccess"}, habit: habitRare},
		{name: "break-glass-admin", path: "/", trust: []string{"people-with-mfa"}, aws: []string{"AdministratorAccess"}, habit: habitDormant, tagged: 100},
	}
	specs = append(specs, linkedRoles()...)
	return append(specs, identityCenterRoles()...)
}

// linkedRoles are the service-linked roles, which no account can edit.
func linkedRoles() []spec {
	linked := func(name, service, policy string, h habit) spec {
		return spec{
			name: "AWSServiceRoleFor" + name, path: "/aws-service-role/<service>/", service: service,
			trust: []string{"linked-service"}, aws: []string{policy}, habit: h,
		}
	}
	return []spec{
		linked("Support", "support.amazonaws.com", "AWSSupportServiceRolePolicy", habitDormant),
		linked("TrustedAdvisor", "trustedadvisor.amazonaws.com", "AWSTrustedAdvisorServiceRolePolicy", habitDaily),
		linked("Organizations", "organizations.amazonaws.com", "AWSOrganizationsServiceTrustPolicy", habitRare),
		linked("SSO", "sso.amazonaws.com", "AWSSSOServiceRolePolicy", habitRare),
		linked("CloudTrail", "cloudtrail.amazonaws.com", "CloudTrailServiceRolePolicy", habitDaily),
		linked("Config", "config.amazonaws.com", "AWSConfigServiceRolePolicy", habitDaily),
		linked("AutoScaling", "autoscaling.amazonaws.com", "AutoScalingServiceRolePolicy", habitDaily),
		linked("ECS", "ecs.amazonaws.com", "AmazonECSServiceRolePolicy", habitMixed),
		linked("RDS", "rds.amazonaws.com", "AmazonRDSServiceRolePolicy", habitMixed),
		linked("ElasticLoadBalancing", "elasticloadbalancing.amazonaws.com", "AWSElasticLoadBalancingServiceRolePolicy", habitMixed),
	}
}

// identityCenterRoles are the roles that IAM Identity Center makes for its permission sets.
func identityCenterRoles() []spec {
	reserved := func(set string, aws []string, inlines int) spec {
		return spec{
			name: "AWSReservedSSO_" + set + "_<permset>", path: "/aws-reserved/sso.amazonaws.com/<region>/",
			trust: []string{"identity-center"}, aws: aws, inline: []string{"sso-extra"}, inlines: inlines, habit: habitMixed,
		}
	}
	return []spec{
		reserved("AdministratorAccess", []string{"AdministratorAccess"}, 0),
		reserved("DataScientist", []string{"AmazonS3FullAccess", "AmazonDynamoDBFullAccess"}, 1),
		reserved("ViewOnlyAccess", []string{"ViewOnlyAccess", "Billing"}, 1),
	}
}

// roleSpecs are the roles that come and go.
func roleSpecs() []spec {
	return []spec{
		{
			weight: 22, name: "<app>-<component>-ExecutionRole-<stack>", path: "/", lo: 150, hi: 600,
			trust: []string{"lambda", "lambda", "lambda-edge"}, aws: []string{"AWSLambdaBasicExecutionRole"}, maybe: []string{"AWSLambdaVPCAccessExecutionRole"},
			inline: []string{"function-logs", "dynamodb-table", "messaging", "odd-spelling", "pass-own", "event-publisher"}, inlines: 2, customer: 1, tagged: 80,
		},
		{
			weight: 18, name: "app-<app>-<component>-<env><serial>", path: "/app/", lo: 200, hi: 700,
			trust: []string{"ecs-tasks", "eks"}, maybe: []string{"AmazonECSTaskExecutionRolePolicy"},
			inline: []string{"s3-write", "secrets-read", "kms-use", "image-pull", "database-connect"}, inlines: 2, customer: 3, bounded: 35, tagged: 95,
		},
		{
			weight: 10, name: "ec2-<app>-<component>-<env><serial>", path: "/ec2/", lo: 200, hi: 700,
			trust: []string{"ec2"}, aws: []string{"AmazonSSMManagedInstanceCore"}, maybe: []string{"CloudWatchAgentServerPolicy", "AmazonS3ReadOnlyAccess"},
			inline: []string{"metrics", "s3-read"}, inlines: 1, customer: 2, profile: true, tagged: 85,
		},
		{
			weight: 12, name: "ci-<app>-<component>-<env><serial>", path: "/ci/", lo: 120, hi: 400,
			trust: []string{"github", "github", "github", "github-no-sub"}, maybe: []string{"ReadOnlyAccess", "AmazonS3FullAccess"},
			inline: []string{"ci-deploy", "image-pull"}, inlines: 2, customer: 1, bounded: 20, tagged: 70,
		},
		{
			weight: 8, name: "<app>-<component>-<env>-pipeline<serial>", path: "/service-role/", lo: 180, hi: 600,
			trust: []string{"pipeline"}, maybe: []string{"AWSGlueServiceRole", "AmazonDynamoDBFullAccess"},
			inline: []string{"orchestrate", "analytics"}, inlines: 1, customer: 1, tagged: 60,
		},
		{
			weight: 6, name: "<app>-vendor-integration-<stack>", path: "/vendor/", lo: 200, hi: 800,
			trust: []string{"vendor", "vendor", "vendor-no-external-id"}, maybe: []string{"SecurityAudit"},
			inline: []string{"vendor-read"}, inlines: 1, habit: habitDaily, tagged: 30,
		},
		{
			weight: 6, name: "<app>-<component>-<env>-partner<serial>", path: "/", lo: 200, hi: 800,
			trust: []string{"partner", "partner", "anyone-in-organization"}, inline: []string{"assume-partner", "s3-read"}, inlines: 2, customer: 1, tagged: 50,
		},
		{
			weight: 6, name: "team-<app>-<component>-<env><serial>", path: "/people/", lo: 200, hi: 800,
			trust: []string{"saml", "people-with-mfa"}, maybe: []string{"ReadOnlyAccess", "AmazonS3FullAccess", "SecurityAudit", "IAMReadOnlyAccess"},
			inline: []string{"tag-based-access", "ec2-operator", "middle-wildcards", "mfa-operations"}, inlines: 1, customer: 2, bounded: 40, tagged: 90,
		},
		{
			weight: 4, name: "legacy-<app>-<component>-<env><serial>", path: "/", lo: 300, hi: 900,
			trust: []string{"ec2", "management"}, maybe: []string{"AmazonS3FullAccess", "AmazonDynamoDBFullAccess"},
			inline: []string{"unknown-actions", "everything-but-buckets"}, inlines: 1, customer: 1, habit: habitDormant, tagged: 10,
		},
		{
			weight: 1, name: "poc-<app>-<component>-<env><serial>", path: "/", lo: 60, hi: 200,
			trust: []string{"anyone"}, inline: []string{"s3-read", "vendor-read"}, inlines: 1, habit: habitRare,
		},
		{
			weight: 4, name: "exchange-<app>-<component>-<env><serial>", path: "/exchange/", lo: 150, hi: 500,
			trust:  []string{"other-partition", "deleted", "all-but-one", "github-no-aud"},
			inline: []string{"s3-read", "organization-data"}, inlines: 2, tagged: 40,
		},
	}
}
