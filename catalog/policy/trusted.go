package policy

import (
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog/internal/glob"
)

// Trusted says what a principal of a trust policy is.
type Trusted uint8

const (
	// TrustedUnknown is something that IAM does not take.
	TrustedUnknown Trusted = iota
	// TrustedEveryone is "*", or an ARN with a wildcard for its account.
	TrustedEveryone
	// TrustedAccount is an account: whoever in it has the permission to take the
	// role may.
	TrustedAccount
	// TrustedRole is a role of an account.
	TrustedRole
	// TrustedUser is a user of an account.
	TrustedUser
	// TrustedSession is a session of a role, or a federated user.
	TrustedSession
	// TrustedDeleted is the unique id that IAM leaves in the place of a deleted
	// role or user.
	TrustedDeleted
	// TrustedService is an AWS service.
	TrustedService
	// TrustedOIDC is an OpenID Connect provider: one of an account, or one that is
	// the same for all, as Amazon Cognito.
	TrustedOIDC
	// TrustedSAML is a SAML provider of an account.
	TrustedSAML
	// TrustedCanonical is a canonical user of Amazon S3, which can take no role.
	TrustedCanonical
)

// String returns the kind as it is written in findings and tables.
func (t Trusted) String() string {
	switch t {
	case TrustedEveryone:
		return "everyone"
	case TrustedAccount:
		return "account"
	case TrustedRole:
		return "role"
	case TrustedUser:
		return "user"
	case TrustedSession:
		return "session"
	case TrustedDeleted:
		return "deleted"
	case TrustedService:
		return "service"
	case TrustedOIDC:
		return "oidc"
	case TrustedSAML:
		return "saml"
	case TrustedCanonical:
		return "canonical-user"
	default:
		return "unknown"
	}
}

// Trusted says what the principal is.
func (p Principal) Trusted() Trusted {
	switch {
	case anyone(p):
		return TrustedEveryone
	case p.Kind == PrincipalService:
		return TrustedService
	case p.Kind == PrincipalCanonicalUser:
		return TrustedCanonical
	case p.Kind == PrincipalFederated && strings.Contains(p.Value, ":saml-provider/"):
		return TrustedSAML
	case p.Kind == PrincipalFederated:
		return TrustedOIDC
	case p.Kind != PrincipalAWS:
		return TrustedUnknown
	case isUniqueID(p.Value):
		return TrustedDeleted
	case isAccount(p.Value):
		return TrustedAccount
	}
	return trustedARN(p.Value)
}

func trustedARN(arn string) Trusted {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" || !isAccount(parts[4]) {
		return TrustedUnknown
	}
	kind, _, _ := strings.Cut(parts[5], "/")
	switch parts[2] + ":" + kind {
	case "iam:root":
		return TrustedAccount
	case "iam:role":
		return TrustedRole
	case "iam:user":
		return TrustedUser
	case "sts:assumed-role", "sts:federated-user":
		return TrustedSession
	default:
		return TrustedUnknown
	}
}

// ServicePrincipal returns the name of a service principal as it is the same
// everywhere: in lower case, without the region that it may have and without the
// ".cn" of China's. "ec2.eu-west-1.amazonaws.com" is ec2.amazonaws.com.
func ServicePrincipal(name string) string {
	name = strings.TrimSuffix(strings.ToLower(name), ".cn")
	parts := strings.Split(name, ".")
	if len(parts) == 4 && parts[2] == "amazonaws" && strings.Count(parts[1], "-") >= 2 {
		return parts[0] + ".amazonaws.com"
	}
	return name
}

// TakesRole reports whether a statement of a trust policy is about taking the
// role, and not only about tagging the session or naming its source.
func (s *Statement) TakesRole() bool {
	return slices.ContainsFunc(takingActions(), s.names)
}

// AssumesRole reports whether a statement of a trust policy is about taking the role
// by sts:AssumeRole, as all do but those who come from identity providers.
func (s *Statement) AssumesRole() bool { return s.names(takingActions()[0]) }

// TakesRoleFrom reports whether a statement of a trust policy is about how those take
// the role who come from an identity provider.
func (s *Statement) TakesRoleFrom(provider string) bool {
	if (Principal{Kind: PrincipalFederated, Value: provider}).Trusted() == TrustedSAML {
		return s.names(takingActions()[1])
	}
	return s.names(takingActions()[2])
}

// takesFor is either of the two for a principal, which is an ARN, an account, "*" or
// an identity provider.
func (s *Statement) takesFor(principal string) bool {
	named := principal == "*" || isAccount(principal) || isUniqueID(principal) || strings.HasPrefix(principal, "arn:")
	if !named || strings.Contains(principal, "-provider/") {
		return s.TakesRoleFrom(principal)
	}
	return s.AssumesRole()
}

// takingActions are the actions that take a role, in lower case.
func takingActions() []string {
	return []string{"sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity"}
}

// names reports whether the statement is about an action of STS, in lower case.
func (s *Statement) names(action string) bool {
	fits := func(pattern string) bool {
		pattern = strings.ToLower(pattern)
		return glob.IsAll(pattern) || pattern == "*:*" || strings.HasPrefix(pattern, "sts:") && glob.Match(pattern, action)
	}
	return slices.ContainsFunc(s.Actions, fits) || s.NotActions != nil && !slices.ContainsFunc(s.NotActions, fits)
}
