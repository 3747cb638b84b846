package policy

import (
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog/internal/glob"
)

// narrowsCaller reports whether a condition keeps "everyone" from meaning
// everyone: it must be one that a request of a stranger cannot fulfil. The keys
// are those which AWS itself lets make a policy non-public (Amazon S3 User Guide,
// "The meaning of public") as far as they exist for sts:AssumeRole, and the
// newer keys for organizations (IAM User Guide, "AWS global condition context keys"):
//
//	aws:PrincipalAccount      the caller's account
//	aws:PrincipalArn          the caller
//	aws:PrincipalOrgID        the caller's organization
//	aws:PrincipalOrgPaths     the caller's place in it
//	aws:userid                the caller's unique id
//	aws:FederatedProvider     the provider that vouches for the caller
//	aws:SourceAccount         the account that a service acts for
//	aws:SourceArn             the resource that a service acts for
//	aws:SourceOrgID           the organization that a service acts for
//	aws:SourceOrgPaths        its place in it
//	aws:SourceOwner           the account that a service acts for, older name
//	aws:SourceIp              the caller's network
//	aws:SourceVpc             the caller's VPC
//	aws:SourceVpcArn          the caller's VPC
//	aws:SourceVpce            the caller's VPC endpoint
//
// sts:ExternalId is not among them, because AWS does not treat it as a secret;
// nor are tags, session names and MFA, which a stranger chooses for himself.
func narrowsCaller(c Condition) bool {
	switch strings.ToLower(c.Key) {
	case "aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths",
		"aws:userid", "aws:federatedprovider",
		"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner",
		"aws:sourceip", "aws:sourcevpc", "aws:sourcevpcarn", "aws:sourcevpce":
		return demands(c)
	default:
		return false
	}
}

func demandsExternalID(c Condition) bool {
	return strings.EqualFold(c.Key, "sts:ExternalId") && demands(c)
}

// pinsAccount reports whether a condition lets in callers of one account only.
func pinsAccount(c Condition, account string) bool {
	switch strings.ToLower(c.Key) {
	case "aws:principalaccount", "aws:principalarn", "aws:sourceaccount", "aws:sourcearn", "aws:sourceowner":
	default:
		return false
	}
	other := func(value string) bool { return accountIn(value) != account }
	return account != "" && demands(c) && !slices.ContainsFunc(c.Values, other)
}

// demands reports whether a condition fails for a request that lacks its key or
// has another value than the listed ones. Negated operators do not, nor does
// ...IfExists (a missing key passes) nor ForAllValues (so does an empty one).
func demands(c Condition) bool {
	operator := strings.ToLower(c.Operator)
	operator = strings.TrimPrefix(operator, "foranyvalue:")
	switch operator {
	case "stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "ipaddress":
	default:
		return false
	}
	return len(c.Values) > 0 && !slices.ContainsFunc(c.Values, admitsStrangers)
}

// admitsStrangers reports whether a condition's value is so wide that anyone
// can meet it: nothing but wildcards, an ARN of any account, every address, or
// a policy variable other than those that describe the resource's own side.
func admitsStrangers(value string) bool {
	switch {
	case strings.Trim(value, "*?") == "":
		return true
	case glob.HasWildcard(arnAccount(value)):
		return true
	case strings.HasSuffix(value, "/0"):
		return true
	default:
		return strings.Contains(value, "${") && !strings.Contains(strings.ToLower(value), "${aws:resource")
	}
}
