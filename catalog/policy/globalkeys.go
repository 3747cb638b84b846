package policy

import (
	"errors"
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog"
)

// globalKeys are the condition keys that requests to all services can have, with
// the types of their values (IAM User Guide, "AWS global condition context keys"),
// but for aws:ResourceTag, aws:RequestTag and aws:TagKeys, which the catalog has
// for the actions that know them. Those with the prefix of a service are properties of
// a role session there: lambda:SourceFunctionArn is in each request that a function
// makes, to whichever service. So are the keys of federated sessions that are those of
// sts:AssumeRole, too (the same, "Other cross-service condition keys", and "IAM and AWS
// STS condition context keys"); what else a provider says, saml:iss for example, is for
// who takes the role.
const globalKeys = `accounts.google.com:aud String
accounts.google.com:sub String
aws:AssumedRoot Bool
aws:CalledVia ArrayOfString
aws:CalledViaAWSMCP String
aws:CalledViaFirst String
aws:CalledViaLast String
aws:ChatbotSourceArn ARN
aws:CurrentTime Date
aws:Ec2InstanceSourcePrivateIPv4 IPAddress
aws:Ec2InstanceSourceVpc String
aws:EpochTime Date
aws:FederatedProvider String
aws:IsMcpServiceAction Bool
aws:MultiFactorAuthAge Numeric
aws:MultiFactorAuthPresent Bool
aws:PrincipalAccount String
aws:PrincipalArn ARN
aws:PrincipalIsAWSService Bool
aws:PrincipalOrgID String
aws:PrincipalOrgPaths ArrayOfString
aws:PrincipalServiceName String
aws:PrincipalServiceNamesList ArrayOfString
aws:PrincipalTag/${TagKey} String
aws:PrincipalType String
aws:RequestedRegion String
aws:ResourceAccount String
aws:ResourceOrgID String
aws:ResourceOrgPaths ArrayOfString
aws:SecureTransport Bool
aws:SignInSessionArn ARN
aws:SourceAccount String
aws:SourceArn ARN
aws:SourceIdentity String
aws:SourceIp IPAddress
aws:SourceOrgID String
aws:SourceOrgPaths ArrayOfString
aws:SourceVpc String
aws:SourceVpcArn ARN
aws:SourceVpce String
aws:TokenIssueTime Date
aws:UserAgent String
aws:ViaAWSMCPService Bool
aws:ViaAWSService Bool
aws:VpcSourceIp IPAddress
aws:VpceAccount String
aws:VpceOrgID String
aws:VpceOrgPaths ArrayOfString
aws:referer String
aws:userid String
aws:username String
codebuild:BuildArn ARN
codebuild:ProjectArn ARN
cognito-identity.amazonaws.com:amr ArrayOfString
cognito-identity.amazonaws.com:aud String
cognito-identity.amazonaws.com:sub String
ec2:RoleDelivery Numeric
ec2:SourceInstanceArn ARN
glue:CredentialIssuingService String
glue:RoleAssumedBy String
graph.facebook.com:app_id String
graph.facebook.com:id String
identitystore:UserId String
lambda:SourceFunctionArn ARN
saml:namequalifier String
saml:sub String
saml:sub_type String
ssm:SourceInstanceArn ARN
www.amazon.com:app_id String
www.amazon.com:user_id String`

// GlobalKeyError is about a condition key that was looked for in the catalog and is one
// that requests to all services can have.
type GlobalKeyError struct{ Key string }

// Error says why the catalog does not have the key.
func (e *GlobalKeyError) Error() string {
	return e.Key + " is a condition key that requests to all services can have; the catalog has those of single services"
}

// ExplainUnknown returns the error of a query of the catalog; in the place of one about
// a condition key that is global a *GlobalKeyError, and one about a key that is near to
// global ones with those.
func ExplainUnknown(err error) error {
	unknown, ok := errors.AsType[*catalog.UnknownError](err)
	if !ok || unknown.Kind != catalog.KindConditionKey {
		return err
	}
	if IsGlobalKey(unknown.Name) {
		return &GlobalKeyError{unknown.Name}
	}
	if near := nearestGlobalKeys(unknown.Name); near != nil {
		explained := *unknown
		explained.Nearest = slices.Concat(near, unknown.Nearest)
		return &explained
	}
	return err
}

// IsGlobalKey reports whether a condition key, in any case, is one that requests to
// all services can have. Where a service lists it, it is not for that service alone.
func IsGlobalKey(key string) bool {
	_, ok := globalKey(key)
	return ok
}

// globalKey returns the type of a key that all requests can have, in any case.
func globalKey(key string) (valueType string, ok bool) {
	for line := range strings.Lines(globalKeys) {
		name, valueType, _ := strings.Cut(strings.TrimSpace(line), " ")
		prefix, isTag := strings.CutSuffix(name, "${TagKey}")
		if strings.EqualFold(name, key) || isTag && len(key) > len(prefix) && strings.EqualFold(key[:len(prefix)], prefix) {
			return valueType, true
		}
	}
	return "", false
}

// nearestGlobalKeys returns the global keys that are s but for one slip, which is
// before the slash.
func nearestGlobalKeys(s string) []string {
	var near []string
	s, _, _ = strings.Cut(strings.ToLower(s), "/")
	for line := range strings.Lines(globalKeys) {
		name, _, _ := strings.Cut(line, " ")
		if oneSlip(s, strings.ToLower(strings.TrimSuffix(name, "/${TagKey}"))) {
			near = append(near, name)
		}
	}
	return near
}
