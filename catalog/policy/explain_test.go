package policy_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/leastwise/leastwise/catalog/policy"
)

// explained lists explanations as "Sid action: path value → reason".
func explained(explanations []policy.Explanation) []string {
	var lines []string
	for _, e := range explanations {
		for _, b := range e.Because {
			lines = append(lines, fmt.Sprintf("%s %s: %s %s: %s", e.SID, e.Action, b.Path, b.Value, b.Reason))
		}
	}
	return lines
}

func TestExplainSaysWhy(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	writer := policy.NewWriter(f.Catalog)
	tests := map[string]struct {
		template string
		want     []string
	}{
		"levels, and what is needed": {
			`{"mode":"crud","list":["","arn:aws:ecr:us-east-1:123456789012:repository/a","arn:aws:ecr:us-east-1:123456789012:repository/b"],
			  "wildcard-only":{"single-actions":["kms:CreateCustomKeyStore"],"service-permissions-management":["kms"]},
			  "skip-resource-constraints":["sqs:Send*"],"sts":{"assume-role":["arn:aws:iam::123456789012:role/r"]}}`,
			[]string{
				"EcrListRepository ecr:DescribeImages: list[1] arn:aws:ecr:us-east-1:123456789012:repository/a: it is a List action on the resource type repository, which the ARN names",
				"EcrListRepository ecr:DescribeImages: list[2] arn:aws:ecr:us-east-1:123456789012:repository/b: it is a List action on the resource type repository, which the ARN names",
				"EcrListRepository ecr:ListImages: list[1] arn:aws:ecr:us-east-1:123456789012:repository/a: it is a List action on the resource type repository, which the ARN names",
				"EcrListRepository ecr:ListImages: list[2] arn:aws:ecr:us-east-1:123456789012:repository/b: it is a List action on the resource type repository, which the ARN names",
				"MultMultNone cloudhsm:DescribeClusters: wildcard-only.single-actions[0] : kms:CreateCustomKeyStore needs it",
				"MultMultNone ec2:DescribeVpcEndpointServices: wildcard-only.single-actions[0] : kms:CreateCustomKeyStore needs it",
				"MultMultNone iam:CreateServiceLinkedRole: wildcard-only.single-actions[0] : kms:CreateCustomKeyStore needs it",
				"MultMultNone kms:CreateCustomKeyStore: wildcard-only.single-actions[0] kms:CreateCustomKeyStore: it can be bound to no resource",
				"SkipResourceConstraints sqs:SendMessage: skip-resource-constraints[0] sqs:Send*: it skips resource constraints",
				"AssumeRole sts:AssumeRole: sts.assume-role[0] arn:aws:iam::123456789012:role/r: it is how the role is assumed",
			},
		},
		"what the same resource is needed for": {
			`{"mode":"crud","write":["arn:aws:sagemaker:us-east-1:123456789012:human-loop/l","arn:aws:sagemaker:us-east-1:123456789012:flow-definition/f"]}`,
			[]string{
				"SagemakerWriteHumanloop sagemaker:DeleteHumanLoop: write[0] arn:aws:sagemaker:us-east-1:123456789012:human-loop/l: it is a Write action on the resource type human-loop, which the ARN names",
				"SagemakerWriteHumanloop sagemaker:StopHumanLoop: write[0] arn:aws:sagemaker:us-east-1:123456789012:human-loop/l: it is a Write action on the resource type human-loop, which the ARN names",
				"SagemakerWriteFlowdefinition sagemaker:AddTags: write[1] : sagemaker:CreateFlowDefinition needs it",
				"SagemakerWriteFlowdefinition sagemaker:CreateFlowDefinition: write[1] arn:aws:sagemaker:us-east-1:123456789012:flow-definition/f: it is a Write action on the resource type flow-definition, which the ARN names",
				"SagemakerWriteFlowdefinition sagemaker:DeleteFlowDefinition: write[1] arn:aws:sagemaker:us-east-1:123456789012:flow-definition/f: it is a Write action on the resource type flow-definition, which the ARN names",
				"SagemakerWriteFlowdefinition sagemaker:StartHumanLoop: write[1] arn:aws:sagemaker:us-east-1:123456789012:flow-definition/f: it is a Write action on the resource type flow-definition, which the ARN names",
				"MultMultNone iam:PassRole: write[1] : sagemaker:CreateFlowDefinition needs it",
			},
		},
		"listed actions": {
			`{"mode":"actions","actions":["sqs:Send*","sqs:SendMessage","sns:ListSubscriptions",{"action":"sagemaker:CreateFlowDefinition","conditions":{"Bool":{"aws:SecureTransport":true}}}]}`,
			[]string{
				"SqsWriteQueue sqs:SendMessage: actions[0] sqs:Send*: it is listed, and can be bound to the resource type queue",
				"SqsWriteQueue sqs:SendMessage: actions[1] sqs:SendMessage: it is listed, and can be bound to the resource type queue",
				"SagemakerWriteFlowdefinition sagemaker:AddTags: actions[3].action : sagemaker:CreateFlowDefinition needs it",
				"SagemakerWriteFlowdefinition sagemaker:CreateFlowDefinition: actions[3].action sagemaker:CreateFlowDefinition: it is listed, and can be bound to the resource type flow-definition",
				"MultMultNone sns:ListSubscriptions: actions[2] sns:ListSubscriptions: it is listed, and can be bound to no resource",
				"MultMultNone2 iam:PassRole: actions[3].action : sagemaker:CreateFlowDefinition needs it",
			},
		},
		"the form of 2020": {
			`{"policy_with_actions":[{"name":"a","actions":["sqs:SendMessage"]}]}`,
			[]string{"SqsWriteQueue sqs:SendMessage: policy_with_actions[0].actions[0] sqs:SendMessage: it is listed, and can be bound to the resource type queue"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := writer.Explain(mustTemplate(t, test.template))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, explained(out.Explanations)); diff != "" {
				t.Errorf("explanations (-want +got):\n%s", diff)
			}
		})
	}
}

// Every action of every statement has a reason, and asking for reasons does not
// change the policy.
func TestExplainExplainsEveryAction(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	writer := policy.NewWriter(f.Catalog)
	rapid.Check(t, func(t *rapid.T) {
		template := policy.Template{
			Mode: "crud", Read: f.drawARNs(t, "read"), Write: f.drawARNs(t, "write"),
			WildcardOnly:            policy.WildcardOnly{ServiceWrite: []string{"ec2", "kms"}, SingleActions: []string{"iam:*"}},
			SkipResourceConstraints: []string{"s3:Put*"}, ExcludeActions: []string{"iam:PassRole"},
		}
		if rapid.Bool().Draw(t, "actions") {
			template = policy.Template{Mode: "actions", Actions: []string{"ec2:Run*", "ecs:*", "sagemaker:Create*"}}
		}
		plain, err := writer.Write(template)
		if err != nil {
			t.Fatal(err)
		}
		out, err := writer.Explain(template)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(plain.Policy, out.Policy); diff != "" {
			t.Fatalf("policy (-plain +explained):\n%s", diff)
		}
		i := 0
		for _, s := range out.Policy.Statement {
			for _, action := range s.Action {
				e := out.Explanations[i]
				if i++; e.SID != s.SID || e.Action != action || len(e.Because) == 0 {
					t.Fatalf("explanation %+v of %s in %s", e, action, s.SID)
				}
				for _, b := range e.Because {
					if b.Path == "" || b.Reason == "" || (b.Value == "") == (b.NeededBy == "") {
						t.Fatalf("reason %+v of %s in %s", b, action, s.SID)
					}
				}
			}
		}
	})
}
