package policy

import "strings"

// ConditionGrade says what the conditions of a statement look at: of several
// that must all hold, the one with the greatest number. It says nothing of how
// hard it is to meet them.
type ConditionGrade uint8

const (
	// Unconditional is a statement without conditions.
	Unconditional ConditionGrade = iota
	// ConditionWeak is conditions that requests meet without doing anything for
	// it: negated operators, ...IfExists, ForAllValues, and values that are
	// nothing but wildcards.
	ConditionWeak
	// ConditionOther is a key that none of the following has.
	ConditionOther
	// ConditionTags is a tag of the principal, the request or the resource.
	ConditionTags
	// ConditionSourceIP is the network that a request comes from.
	ConditionSourceIP
	// ConditionMFA is multi-factor authentication, or how long ago it was.
	ConditionMFA
	// ConditionPassedToService is the service that a role is passed to.
	ConditionPassedToService
	// ConditionExternalID is the ExternalId of a request to assume a role.
	ConditionExternalID
	// ConditionFederation is a claim of a web identity or of SAML.
	ConditionFederation
	// ConditionSourceArn is the resource, account or organization that a service
	// acts for.
	ConditionSourceArn
	// ConditionPrincipalOrg is the organization of the principal.
	ConditionPrincipalOrg
	// ConditionPrincipal is the principal itself, or its account.
	ConditionPrincipal
)

// String returns the grade as it is written in findings and tables.
func (g ConditionGrade) String() string {
	switch g {
	case Unconditional:
		return "none"
	case ConditionWeak:
		return "weak"
	case ConditionTags:
		return "tags"
	case ConditionSourceIP:
		return "source-ip"
	case ConditionMFA:
		return "mfa"
	case ConditionPassedToService:
		return "passed-to-service"
	case ConditionExternalID:
		return "external-id"
	case ConditionFederation:
		return "federation"
	case ConditionSourceArn:
		return "source-arn"
	case ConditionPrincipalOrg:
		return "principal-org"
	case ConditionPrincipal:
		return "principal"
	default:
		return "other"
	}
}

// Grade says what one condition of an Allow looks at, by its key and its
// operator. A condition that no grade fits is ConditionOther.
func (c Condition) Grade() ConditionGrade {
	if !c.pins() {
		return ConditionWeak
	}
	return c.about()
}

// about returns the grade of the key.
func (c Condition) about() ConditionGrade {
	key := strings.ToLower(c.Key)
	switch key {
	case "aws:sourceip", "aws:vpcsourceip", "aws:sourcevpc", "aws:sourcevpcarn", "aws:sourcevpce":
		return ConditionSourceIP
	case "aws:multifactorauthpresent", "aws:multifactorauthage":
		return ConditionMFA
	case "iam:passedtoservice":
		return ConditionPassedToService
	case "sts:externalid":
		return ConditionExternalID
	case "aws:sourcearn", "aws:sourceaccount", "aws:sourceowner", "aws:sourceorgid", "aws:sourceorgpaths":
		return ConditionSourceArn
	case "aws:principalorgid", "aws:principalorgpaths":
		return ConditionPrincipalOrg
	case "aws:principalarn", "aws:principalaccount", "aws:userid", "aws:username":
		return ConditionPrincipal
	case "aws:tagkeys":
		return ConditionTags
	}
	prefix, name, _ := strings.Cut(key, ":")
	switch {
	case strings.HasPrefix(name, "principaltag/"), strings.HasPrefix(name, "requesttag/"), strings.HasPrefix(name, "resourcetag/"):
		return ConditionTags
	case prefix == "saml", strings.HasSuffix(key, ":sub"), strings.HasSuffix(key, ":aud"), key == "aws:federatedprovider":
		return ConditionFederation
	default:
		return ConditionOther
	}
}

// Grade returns the grade of the statement's conditions: the greatest, because
// all must hold. Those of a Deny are never weak: what is weak in an Allow makes a
// Deny strong.
func (s *Statement) Grade() ConditionGrade {
	if s.Conditions == nil {
		return Unconditional
	}
	grade := ConditionWeak
	if len(s.Conditions) == 0 || s.Effect == Deny {
		grade = ConditionOther // of conditions that could not be read, too
	}
	for _, c := range s.Conditions {
		if s.Effect == Deny {
			grade = max(grade, c.about())
		} else {
			grade = max(grade, c.Grade())
		}
	}
	return grade
}
