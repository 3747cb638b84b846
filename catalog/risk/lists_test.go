package risk_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/catalog/risk"
)

func TestListsThatHold(t *testing.T) {
	t.Parallel()
	f := load(t)
	tests := map[string]struct {
		documents []string
		want      []string
	}{
		"any object":                          {[]string{allow("s3:GetObject", "*")}, []string{"data-objects", "exfiltration-objects"}},
		"everything in S3 is unconstrained":   {[]string{allow("s3:GetObject", "arn:aws:s3:::*")}, []string{"data-objects", "exfiltration-objects"}},
		"every object of every bucket":        {[]string{allow("s3:GetObject", "arn:aws:s3:::*/*")}, []string{"data-objects", "exfiltration-objects"}},
		"in any partition":                    {[]string{allow("s3:GetObject", "arn:aws-us-gov:s3:::*")}, []string{"data-objects", "exfiltration-objects"}},
		"the objects of a bucket":             {[]string{allow("s3:GetObject", "arn:aws:s3:::b/*")}, nil},
		"one object":                          {[]string{allow("s3:GetObject", "arn:aws:s3:::b/k")}, nil},
		"a condition is no excuse":            {[]string{allow("s3:GetObject", "*", condition("StringEquals", "s3:ExistingObjectTag/public", "yes"))}, []string{"data-objects", "exfiltration-objects"}},
		"all but a bucket":                    {[]string{`{"Effect":"Allow","Action":"s3:GetObject","NotResource":"arn:aws:s3:::b/*"}`}, []string{"data-objects", "exfiltration-objects"}},
		"denied outright":                     {[]string{allow("s3:GetObject", "*"), `{"Effect":"Deny","Action":"s3:Get*","Resource":"*"}`}, nil},
		"denied in a bucket":                  {[]string{allow("s3:GetObject", "*"), `{"Effect":"Deny","Action":"s3:Get*","Resource":"arn:aws:s3:::b/*"}`}, []string{"data-objects", "exfiltration-objects"}},
		"any secret":                          {[]string{allow("secretsmanager:GetSecretValue", "*")}, []string{"exfiltration-secrets"}},
		"one secret":                          {[]string{allow("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:a-AbCdEf")}, nil},
		"any user's keys":                     {[]string{allow("iam:CreateAccessKey", "arn:aws:iam::*:user/*")}, []string{"credentials-iam-user", "exposure-iam", "iam-create-access-key", "infrastructure-modification"}},
		"own keys":                            {[]string{allow("iam:CreateAccessKey", "arn:aws:iam::*:user/${aws:username}")}, []string{"iam-create-access-key"}},
		"a registry's token":                  {[]string{allow("ecr:GetAuthorizationToken", "*")}, []string{"credentials-registry"}},
		"open security groups":                {[]string{allow("ec2:AuthorizeSecurityGroupIngress", "*")}, []string{"infrastructure-modification", "network-security-groups"}},
		"open one security group":             {[]string{allow("ec2:AuthorizeSecurityGroupIngress", "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1")}, nil},
		"public addresses":                    {[]string{allow("ec2:AllocateAddress", "*")}, []string{"infrastructure-modification", "network-public-addresses"}},
		"a web firewall":                      {[]string{allow("waf:DeleteWebACL", "*")}, []string{"exposure-network", "infrastructure-modification", "network-firewalls-classic"}},
		"policy of any queue":                 {[]string{allow("sqs:AddPermission", "*")}, []string{"exposure-messaging", "infrastructure-modification"}},
		"policy of one queue":                 {[]string{allow("sqs:AddPermission", "arn:aws:sqs:eu-west-1:111122223333:q")}, nil},
		"grants of any key":                   {[]string{allow("kms:CreateGrant", "*")}, []string{"data-keys", "exposure-keys", "infrastructure-modification"}},
		"writing, any of it":                  {[]string{allow("dynamodb:DeleteTable", "*")}, []string{"infrastructure-modification"}},
		"writing to one table":                {[]string{allow("dynamodb:DeleteTable", "arn:aws:dynamodb:eu-west-1:111122223333:table/t")}, nil},
		"tagging, any of it":                  {[]string{allow("dynamodb:TagResource", "*")}, []string{"infrastructure-modification"}},
		"writing that cannot be bound":        {[]string{allow("autoscaling:PutAccountSetting cloudwatch:CreateAlert", "*")}, nil},
		"reading":                             {[]string{allow("dynamodb:DescribeTable ec2:DescribeInstances", "*")}, nil},
		"a service":                           {[]string{allow("sqs:*", "arn:aws:sqs:eu-west-1:111122223333:q")}, []string{"service-wildcard"}},
		"a service, action by action":         {[]string{allow("cloudwatch:A* cloudwatch:B* cloudwatch:C* cloudwatch:D* cloudwatch:E* cloudwatch:G* cloudwatch:I* cloudwatch:L* cloudwatch:P* cloudwatch:Q* cloudwatch:S* cloudwatch:T* cloudwatch:U*", "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:a")}, []string{"service-wildcard"}},
		"a service but one action":            {[]string{allow("sqs:*", "arn:aws:sqs:eu-west-1:111122223333:q"), `{"Effect":"Deny","Action":"sqs:DeleteQueue","Resource":"*"}`}, nil},
		"the only action of a service":        {[]string{allow("rds-db:connect", "arn:aws:rds-db:eu-west-1:111122223333:dbuser:db-1/app")}, nil},
		"what does not concern the resources": {[]string{allow("s3:ListAllMyBuckets dynamodb:DeleteTable", "arn:aws:s3:::a")}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.want == nil {
				test.want = []string{}
			}
			if diff := cmp.Diff(test.want, ids(f.judge(f.carry(t, test.documents...)))); diff != "" {
				t.Errorf("rules (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAdministrators(t *testing.T) {
	t.Parallel()
	f := load(t)
	tests := map[string]struct {
		documents []string
		admin     bool
	}{
		"everything":                {[]string{allow("*", "*")}, true},
		"everything, spelt out":     {[]string{allow("*:*", "*")}, true},
		"everything but nothing":    {[]string{`{"Effect":"Allow","NotAction":"none:None","Resource":"*"}`}, true},
		"under a condition":         {[]string{allow("*", "*", condition("Bool", "aws:MultiFactorAuthPresent", "true"))}, true},
		"without leaving":           {[]string{allow("*", "*"), `{"Effect":"Deny","Action":"organizations:*","Resource":"*"}`}, true},
		"in two documents":          {[]string{`{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`, allow("iam:*", "*")}, true},
		"without IAM":               {[]string{`{"Effect":"Allow","NotAction":["iam:*","organizations:*","account:*"],"Resource":"*"}`}, false},
		"IAM alone":                 {[]string{allow("iam:*", "*")}, false},
		"everything of one account": {[]string{allow("*", "arn:aws:s3:::a")}, false},
		"reading everything":        {[]string{allow("s3:Get* ec2:Describe* iam:Get* iam:List*", "*")}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			findings := f.judge(f.carry(t, test.documents...))
			admin := slices.Contains(ids(findings), "full-administrator")
			if admin != test.admin {
				t.Fatalf("administrator: %v, want %v; %v", admin, test.admin, ids(findings))
			}
			if !admin {
				return
			}
			if len(findings) != 1 {
				t.Errorf("an administrator has %v, want one finding that tells all", ids(findings))
			}
			if got := findings[0]; len(got.Includes) < 100 || got.Severity != risk.Critical || got.Scope != "everything" {
				t.Errorf("%d rules are told within, severity %s, scope %s", len(got.Includes), got.Severity, got.Scope)
			}
		})
	}
}

// tags returns the risk tags of a service that a principal has.
func tags(t *testing.T, f facts, service string, documents ...string) string {
	t.Helper()
	s, ok := f.LookupService(service)
	if !ok {
		t.Fatalf("no service %s", service)
	}
	m := f.engine.NewMatcher()
	m.Match(policy.NewEvaluator(f.Catalog).Evaluate(f.carry(t, documents...)))
	return m.ServiceTags(s.ID).String()
}

func TestTagsOfServices(t *testing.T) {
	t.Parallel()
	f := load(t)
	tests := map[string]struct {
		service   string
		documents []string
		want      string
	}{
		"nothing":                        {"s3", nil, ""},
		"harmless":                       {"s3", []string{allow("s3:ListBucket", "*")}, ""},
		"data":                           {"s3", []string{allow("s3:GetObject", "*")}, "data"},
		"data of one bucket":             {"s3", []string{allow("s3:GetObject", "arn:aws:s3:::b/*")}, ""},
		"credentials and escalation":     {"iam", []string{allow("iam:CreateAccessKey", "*")}, "privilege-escalation, credentials, resource-exposure, infrastructure-modification"},
		"one part of an escalation":      {"iam", []string{allow("iam:PassRole", oneRole)}, ""},
		"both parts, the service":        {"ec2", []string{allow("iam:PassRole", oneRole), allow("ec2:RunInstances", "*")}, "privilege-escalation, network-exposure, infrastructure-modification"},
		"both parts, IAM":                {"iam", []string{allow("iam:PassRole", oneRole), allow("ec2:RunInstances", "*")}, "privilege-escalation"},
		"a role for another service":     {"ec2", []string{allow("iam:PassRole", "*", noService), allow("ec2:RunInstances", "*")}, "network-exposure, infrastructure-modification"},
		"in a superset, not the minimum": {"dynamodb", []string{allow("iam:PassRole lambda:CreateFunction lambda:CreateEventSourceMapping dynamodb:CreateTable dynamodb:PutItem", "*")}, "infrastructure-modification"},
		"a whole service, bound":         {"sqs", []string{allow("sqs:*", "arn:aws:sqs:eu-west-1:111122223333:q")}, "service-wildcard"},
		"an administrator's service":     {"trustedadvisor", []string{allow("*", "*")}, "admin, infrastructure-modification, service-wildcard"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := tags(t, f, test.service, test.documents...); got != test.want {
				t.Errorf("%s has %q, want %q", test.service, got, test.want)
			}
		})
	}
}

// The tags of a principal's services are those of the categories of what is
// found, whatever the principal carries.
func TestTagsAgreeWithFindings(t *testing.T) {
	t.Parallel()
	f := load(t)
	for _, p := range readManaged(t) {
		a := policy.Attachment{Analysis: policy.Analyze(f.Catalog, p.parse(t))}
		effective := policy.NewEvaluator(f.Catalog).Evaluate(&policy.Policies{Attachments: []policy.Attachment{a}})
		m := f.engine.NewMatcher()
		m.Match(effective)
		var got, want risk.TagSet
		for s := range f.Services() {
			got |= m.ServiceTags(catalog.ServiceID(s))
		}
		findings, _ := m.Findings(role())
		for _, found := range findings {
			if tag, ok := found.Category.Tag(); ok {
				want = want.With(tag)
			}
			for _, id := range found.Includes {
				rule, _ := f.rules.Rule(id)
				if tag, ok := rule.Category.Tag(); ok {
					want = want.With(tag)
				}
			}
		}
		if got != want {
			t.Errorf("%s: tags %v, findings %v (%s)", p.Name, got, want, strings.Join(ids(findings), " "))
		}
	}
}
