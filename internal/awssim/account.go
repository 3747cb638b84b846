package awssim

func (c *call) listAccountAliases() (func(*xmlWriter), *apiError) {
	at, _, failure := c.paging()
	if failure != nil {
		return nil, failure
	}
	return func(x *xmlWriter) {
		x.open("AccountAliases")
		if alias := c.caller.account.Alias(); alias != "" {
			x.text("member", alias)
		}
		x.close("AccountAliases")
		c.finishPage(x, false, at)
	}, nil
}

// summaryEntry is one of the numbers of GetAccountSummary.
type summaryEntry struct {
	key   string
	value int
}

func (c *call) getAccountSummary() (func(*xmlWriter), *apiError) {
	entries := append(c.counts(), quotas()...)
	return func(x *xmlWriter) {
		x.element("SummaryMap", func() {
			for _, e := range entries {
				x.element("entry", func() {
					x.text("key", e.key)
					x.int("value", e.value)
				})
			}
		})
	}, nil
}

// counts are the numbers that follow the account's state.
func (c *call) counts() []summaryEntry {
	users, groups, roles, policies, versions, profiles := 0, 0, 0, 0, 0, 0
	for range c.day.Users() {
		users++
	}
	for range c.day.Groups() {
		groups++
	}
	for r := range c.day.Roles() {
		roles++
		if r.Profile != nil {
			profiles++
		}
	}
	for p := range c.day.Policies() {
		policies++
		versions += len(p.Versions)
	}
	devices, rootMFA, rootKeys := 0, 0, 0
	for credential := range c.day.Credentials() {
		switch {
		case credential.Root:
			rootMFA, rootKeys = toInt(credential.MFA), toInt(credential.Keys[0].Active)
			devices += rootMFA
		case credential.MFA:
			devices++
		}
	}
	return []summaryEntry{
		{"Users", users},
		{"Groups", groups},
		{"Roles", roles},
		{"Policies", policies},
		{"PolicyVersionsInUse", versions},
		{"InstanceProfiles", profiles},
		{"MFADevices", devices},
		{"MFADevicesInUse", devices},
		{"AccountMFAEnabled", rootMFA},
		{"AccountAccessKeysPresent", rootKeys},
		{"AccountSigningCertificatesPresent", 0},
		{"AccountPasswordPresent", 1},
		{"ServerCertificates", 0},
		{"Providers", 1},
	}
}

// quotas are IAM's default quotas (IAM User Guide, "IAM and STS quotas").
func quotas() []summaryEntry {
	return []summaryEntry{
		{"UsersQuota", 5000},
		{"GroupsQuota", 300},
		{"RolesQuota", 1000},
		{"PoliciesQuota", 1500},
		{"InstanceProfilesQuota", 1000},
		{"GroupsPerUserQuota", 10},
		{"AccessKeysPerUserQuota", 2},
		{"AttachedPoliciesPerUserQuota", 10},
		{"AttachedPoliciesPerGroupQuota", 10},
		{"AttachedPoliciesPerRoleQuota", 10},
		{"VersionsPerPolicyQuota", 5},
		{"PolicySizeQuota", 6144},
		{"AssumeRolePolicySizeQuota", 2048},
		{"UserPolicySizeQuota", 2048},
		{"GroupPolicySizeQuota", 5120},
		{"RolePolicySizeQuota", 10240},
		{"SigningCertificatesPerUserQuota", 2},
		{"ServerCertificatesQuota", 20},
		{"PolicyVersionsInUseQuota", 10000},
		{"GlobalEndpointTokenVersion", 1},
	}
}

func toInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
