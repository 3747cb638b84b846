package policy_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leastwise/leastwise/catalog/policy"
)

// statements lists a policy's statements as "Sid: actions on resources".
func statements(p policy.Policy) []string {
	var lines []string
	for _, s := range p.Statement {
		lines = append(lines, s.SID+": "+strings.Join(s.Action, " ")+" on "+strings.Join(s.Resource, " "))
	}
	return lines
}

// Each difference that the package comment lists, by its own small case.
func TestWriteDiffersFromPolicySentry(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	tests := map[string]struct {
		template policy.Template
		want     []string
		notes    []string // path and code
	}{
		"a job is no object": {
			policy.Template{Mode: "crud", List: []string{"arn:aws:s3:us-east-1:123456789012:job/id"}}, nil,
			[]string{"list[0] no-action"},
		},
		"a job is no object, wherever it is": {
			policy.Template{Mode: "crud", Write: []string{"arn:aws:s3:*:*:job/*"}, ExcludeActions: []string{"s3:UpdateJobPriority"}},
			[]string{"S3WriteJob: s3:UpdateJobStatus on arn:aws:s3:*:*:job/*"}, nil,
		},
		"a variable is one name": {
			policy.Template{Mode: "crud", List: []string{"arn:aws:s3:::${aws:PrincipalTag/team}"}, ExcludeActions: []string{"s3:ListBucketV*", "s3:ListBucketM*"}},
			[]string{"S3ListBucket: s3:ListBucket s3:ListTagsForResource on arn:aws:s3:::${aws:PrincipalTag/team}"}, nil,
		},
		"an ARN without an account is a public one": {
			policy.Template{Mode: "crud", Write: []string{"arn:aws:ssm:us-east-1::document/AWS-RunShellScript"}, ExcludeActions: []string{"ssm:*Document*", "ssm:*Association*", "ssm:Start*"}},
			[]string{"SsmWriteDocument: ssm:PutCalendar ssm:SendCommand on arn:aws:ssm:us-east-1::document/AWS-RunShellScript"},
			[]string{"write[0] no-account"},
		},
		"an alias is no function": {
			policy.Template{Mode: "crud", PermissionsManagement: []string{"arn:aws:lambda:us-east-1:123456789012:function:name:alias"}}, nil,
			[]string{"permissions-management[0] no-action"},
		},
		"two patterns are two resources": {
			policy.Template{Mode: "actions", Actions: []string{"lex:ListBotAnalyzerRecommendations"}},
			[]string{
				"LexListBot: lex:ListBotAnalyzerRecommendations on" +
					" arn:${Partition}:lex:${Region}:${Account}:bot/${BotId} arn:${Partition}:lex:${Region}:${Account}:bot:${BotName}",
			}, nil,
		},
		"a wildcard stands for each action on its types": {
			policy.Template{Mode: "actions", Actions: []string{"ecr:*LifecyclePolicyPreview"}},
			[]string{
				"EcrReadRepository: ecr:GetLifecyclePolicyPreview on arn:${Partition}:ecr:${Region}:${Account}:repository/${RepositoryName}",
				"EcrWriteRepository: ecr:StartLifecyclePolicyPreview on arn:${Partition}:ecr:${Region}:${Account}:repository/${RepositoryName}",
			}, nil,
		},
		"what an allowed action needs": {
			policy.Template{Mode: "crud", Write: []string{"arn:aws:cleanrooms:us-east-1:123456789012:membership/m"}, ExcludeActions: []string{
				"cleanrooms:[A-Z]*", "cleanrooms:C*", "cleanrooms:D*", "cleanrooms:P*", "cleanrooms:U*", "cleanrooms:StartProtectedQuery",
			}},
			[]string{
				"CleanroomsWriteMembership: cleanrooms:StartAnalysisLogExport cleanrooms:StartProtectedJob on arn:aws:cleanrooms:us-east-1:123456789012:membership/m",
				"MultMultNone: cleanrooms:GetCollaborationAnalysisTemplate cleanrooms:GetSchema on *",
			},
			[]string{"exclude-actions[0] unknown-action"},
		},
		"a Deny leaves out what it needs": {
			policy.Template{Mode: "actions", Effect: "Deny", Actions: []string{"cloudformation:DescribeStacks", "kms:CreateCustomKeyStore"}},
			[]string{
				"CloudformationListStack: cloudformation:DescribeStacks on arn:${Partition}:cloudformation:${Region}:${Account}:stack/${StackName}/${Id}",
				"MultMultNone: kms:CreateCustomKeyStore on *",
			}, nil,
		},
		"an excluded action needs nothing": {
			policy.Template{
				Mode: "crud", WildcardOnly: policy.WildcardOnly{SingleActions: []string{"kms:CreateCustomKeyStore", "kms:DescribeCustomKeyStores"}},
				ExcludeActions: []string{"kms:Create*"},
			},
			[]string{"MultMultNone: kms:DescribeCustomKeyStores on *"},
			[]string{"wildcard-only.single-actions[0] excluded"},
		},
		"another service's ARN": {
			policy.Template{Mode: "crud", Tagging: []string{"arn:aws:route53-recovery-control::123456789012:controlpanel/p"}},
			[]string{
				"Route53recoverycontrolconfigTaggingControlpanel: route53-recovery-control-config:TagResource" +
					" route53-recovery-control-config:UntagResource on arn:aws:route53-recovery-control::123456789012:controlpanel/p",
			}, nil,
		},
		"a type of another service": {
			policy.Template{Mode: "actions", Actions: []string{"sts:AssumeRole"}},
			[]string{"StsWriteRole: sts:AssumeRole on arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}"}, nil,
		},
		"what is needed goes to no resource of an action that was not asked for": {
			policy.Template{Mode: "actions", Actions: []string{"sagemaker:CreateFlowDefinition", "sagemaker:UpdateAction"}},
			[]string{
				"SagemakerWriteFlowdefinition: sagemaker:AddTags sagemaker:CreateFlowDefinition on" +
					" arn:${Partition}:sagemaker:${Region}:${Account}:flow-definition/${FlowDefinitionName}",
				"SagemakerWriteAction: sagemaker:UpdateAction on arn:${Partition}:sagemaker:${Region}:${Account}:action/${ActionName}",
				"MultMultNone: iam:PassRole on *",
			}, nil,
		},
		"types with one pattern are all named": {
			policy.Template{Mode: "crud", List: []string{"arn:aws:iot:us-east-1:123456789012:thinggroup/g"}},
			[]string{"IotListThinggroup: iot:ListSecurityProfilesForTarget iot:ListThingsInThingGroup on arn:aws:iot:us-east-1:123456789012:thinggroup/g"}, nil,
		},
		"skipped patterns are spelled out": {
			policy.Template{Mode: "crud", SkipResourceConstraints: []string{"ecr:*LifecyclePolicyPreview"}},
			[]string{"SkipResourceConstraints: ecr:GetLifecyclePolicyPreview ecr:StartLifecyclePolicyPreview on *"}, nil,
		},
		"another service's resource type": {
			policy.Template{Mode: "crud", Write: []string{"arn:aws:iam::123456789012:root"}}, nil, []string{"write[0] unknown-resource"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := policy.Write(f.Catalog, test.template)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, statements(out.Policy)); diff != "" {
				t.Errorf("statements (-want +got):\n%s", diff)
			}
			var notes []string
			for _, note := range out.Notes {
				notes = append(notes, note.Path+" "+note.Code)
			}
			if !slices.Equal(notes, test.notes) {
				t.Errorf("notes %v, want %v", out.Notes, test.notes)
			}
		})
	}
}
