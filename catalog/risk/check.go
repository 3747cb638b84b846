package risk

import "slices"

// The checks: what a rule can look for that is no list of actions. Those of
// trust and of hygiene have the names of the embedded rules.
const (
	// CheckAdministrator is a share of all actions on every resource, and one of
	// the rule's actions among them.
	CheckAdministrator = "administrator"
	// CheckServiceWildcard is every action of a service.
	CheckServiceWildcard = "service-wildcard"

	CheckTrustPublic         = "trust-public"
	CheckTrustNotPrincipal   = "trust-not-principal"
	CheckTrustForeignAccount = "trust-foreign-account"
	CheckTrustKnownAccount   = "trust-known-account"
	CheckTrustNoExternalID   = "trust-no-external-id"
	CheckTrustOIDCNoSubject  = "trust-oidc-no-subject"
	CheckTrustOIDCNoAudience = "trust-oidc-no-audience"
	CheckTrustSAML           = "trust-saml"
	CheckTrustSAMLNoAudience = "trust-saml-no-audience"
	CheckTrustDeleted        = "trust-deleted-principal"
	CheckTrustService        = "trust-service"
	CheckTrustConfusedDeputy = "trust-service-confused-deputy"
	CheckUnusedRole          = "unused-role"
	CheckUnusedUser          = "unused-user"
	CheckUnusedAccessKey     = "unused-access-key"
	CheckUnusedPassword      = "unused-password"
	CheckUnusedGroup         = "unused-group"
	CheckUnusedPolicy        = "unused-policy"
	CheckUnattachedPolicy    = "unattached-policy"
	CheckUserWithoutMFA      = "user-without-mfa"
	CheckRootWithoutMFA      = "root-without-mfa"
	CheckRootAccessKey       = "root-access-key"
	CheckRootUsed            = "root-used"
	CheckOldAccessKey        = "old-access-key"
	CheckSeveralAccessKeys   = "several-access-keys"
	CheckKeysWithoutMFA      = "keys-without-mfa"
	CheckInlinePolicy        = "inline-policy"
	CheckEqualPolicies       = "equal-policies"
	CheckPolicyVersion       = "policy-version"
	CheckUnusedServices      = "unused-services"
)

// checks returns the checks that a rule of a category can name.
func checks(c Category) []string {
	switch c {
	case CategoryFullAdministrator:
		return []string{CheckAdministrator}
	case CategoryServiceWildcard:
		return []string{CheckServiceWildcard}
	case CategoryTrust:
		return []string{
			CheckTrustPublic, CheckTrustNotPrincipal, CheckTrustForeignAccount, CheckTrustKnownAccount, CheckTrustNoExternalID,
			CheckTrustOIDCNoSubject, CheckTrustOIDCNoAudience, CheckTrustSAML, CheckTrustSAMLNoAudience, CheckTrustDeleted,
			CheckTrustService, CheckTrustConfusedDeputy,
		}
	case CategoryHygiene:
		return []string{
			CheckUnusedRole, CheckUnusedUser, CheckUnusedAccessKey, CheckUnusedPassword, CheckUnusedGroup, CheckUnusedPolicy,
			CheckUnattachedPolicy, CheckUserWithoutMFA, CheckRootWithoutMFA, CheckRootAccessKey, CheckRootUsed, CheckOldAccessKey,
			CheckSeveralAccessKeys, CheckKeysWithoutMFA, CheckInlinePolicy, CheckEqualPolicies, CheckPolicyVersion,
		}
	case CategoryUnusedPermission:
		return []string{CheckUnusedServices}
	default:
		return nil
	}
}

// Checking returns the rules that name a check, in their order.
func (r *Rules) Checking(check string) []*Rule {
	var found []*Rule
	for i := range r.list {
		if r.list[i].Check == check {
			found = append(found, &r.list[i])
		}
	}
	return found
}

// hasCheck reports whether a rule of a category can name a check.
func hasCheck(c Category, check string) bool { return slices.Contains(checks(c), check) }
