package aws

// The actions that the package calls, as policies name them.
const (
	actionAssumeRole        = "sts:AssumeRole"
	actionGetCallerIdentity = "sts:GetCallerIdentity"
	actionListAccounts      = "organizations:ListAccounts"
	actionListRoots         = "organizations:ListRoots"
	actionListParents       = "organizations:ListParents"
	actionListPolicies      = "organizations:ListPolicies"
	actionListTargets       = "organizations:ListTargetsForPolicy"
	actionDescribePolicy    = "organizations:DescribePolicy"
	actionDetails           = "iam:GetAccountAuthorizationDetails"
	actionGetPolicy         = "iam:GetPolicy"
	actionGetPolicyVersion  = "iam:GetPolicyVersion"
	actionListManaged       = "iam:ListPolicies"
	actionAliases           = "iam:ListAccountAliases"
	actionSummary           = "iam:GetAccountSummary"
	actionGenerateAccess    = "iam:GenerateServiceLastAccessedDetails"
	actionGetAccess         = "iam:GetServiceLastAccessedDetails"
	actionGenerateReport    = "iam:GenerateCredentialReport"
	actionGetReport         = "iam:GetCredentialReport"
)

// Actions returns what the collector's role in an account has to allow, on all
// resources. Beside these, the collector's own credentials need sts:AssumeRole
// on the roles; sts:GetCallerIdentity needs no permission.
func Actions() []string {
	return []string{
		actionGenerateReport, actionGenerateAccess, actionDetails, actionSummary, actionGetReport,
		actionGetPolicy, actionGetPolicyVersion, actionGetAccess, actionAliases,
	}
}

// OrganizationActions returns what has to be allowed in the management account,
// or a delegated administrator's, to list the organization's accounts and to read
// its service control policies.
func OrganizationActions() []string {
	return []string{actionDescribePolicy, actionListAccounts, actionListParents, actionListPolicies, actionListRoots, actionListTargets}
}
