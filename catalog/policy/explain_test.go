package policy_test

import (
	"fmt"
	"slices"
	"strings"
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

// neededAt lists where what needs an action was asked for, by statement.
func neededAt(explanations []policy.Explanation, action string) []string {
	var places []string
	for _, e := range explanations {
		for _, b := range e.Because {
			if line := e.SID + " " + b.Path; e.Action == action && b.NeededBy != "" && !slices.Contains(places, line) {
				places = append(places, line)
			}
		}
	}
	return places
}

// TestWhatIsNeededIsExplainedByEveryPlaceThatBringsIt asks in several places for
// actions that need the same.
func TestWhatIsNeededIsExplainedByEveryPlaceThatBringsIt(t *testing.T) {
	t.Parallel()
	writer := policy.NewWriter(loadFacts(t).Catalog)
	const ec2 = "arn:aws:ec2:us-east-1:123456789012:"
	tag := func(key, value string) string { return `{"StringEquals":{"` + key + `":"` + value + `"}}` }
	instance := func(id, conditions string) string {
		return `{"arn":"` + ec2 + `instance/` + id + `","conditions":` + conditions + `}`
	}
	tests := map[string]struct{ template, action, want string }{
		"in a statement": {
			`{"mode":"crud","write":["` + ec2 + `instance/i-1","` + ec2 + `volume/vol-1","` + ec2 + `volume/vol-2"]}`,
			"ec2:CreateTags", "Ec2WriteInstance write[0], Ec2WriteVolume write[1], Ec2WriteVolume write[2]",
		},
		"on every resource": {
			`{"mode":"crud","write":["` + ec2 + `instance/i-1","` + ec2 + `volume/vol-1","` + ec2 + `volume/vol-2"]}`,
			"iam:PassRole", "MultMultNone write[0], MultMultNone write[1], MultMultNone write[2]",
		},
		"under different conditions": {
			`{"mode":"crud","write":[` + instance("i-1", tag("aws:PrincipalTag/a", "x")) + `,` + instance("i-2", tag("ec2:ResourceTag/a", "y")) + `]}`,
			"ec2:CreateTags", "Ec2WriteInstance write[0].arn, Ec2WriteInstance2 write[1].arn",
		},
		"on every resource, under different conditions": {
			`{"mode":"crud","write":[` + instance("i-1", tag("ec2:ResourceTag/a", "x")) + `,` + instance("i-2", tag("ec2:ResourceTag/a", "y")) + `]}`,
			"iam:PassRole", "MultMultNone write[0].arn, MultMultNone write[1].arn",
		},
		"by what is on every resource": {
			`{"mode":"crud","wildcard-only":{"single-actions":["kms:CreateCustomKeyStore","kms:CreateCustom*"],"service-permissions-management":["kms"],"service-write":["kms"]}}`,
			"iam:CreateServiceLinkedRole", "MultMultNone wildcard-only.single-actions[0], MultMultNone wildcard-only.single-actions[1], MultMultNone wildcard-only.service-write[0]",
		},
		"by listed actions": {
			`{"mode":"actions","actions":["sagemaker:CreateFlowDefinition","sagemaker:CreateFlow*",{"action":"ecs:RunTask","conditions":` + tag("aws:ResourceTag/a", "x") + `}]}`,
			"iam:PassRole", "MultMultNone actions[0], MultMultNone actions[1], MultMultNone actions[2].action",
		},
		"the form of 2020": {
			`{"policy_with_crud_levels":[{"name":"a","write":["` + ec2 + `instance/i-1"]},{"name":"b","write":["` + ec2 + `volume/vol-1"]}]}`,
			"iam:PassRole", "MultMultNone policy_with_crud_levels[0].write[0], MultMultNone policy_with_crud_levels[1].write[0]",
		},
		"what is asked for more often than it is said": {
			`{"mode":"crud","write":["` + ec2 + `instance/i-1"` + strings.Repeat(`,"`+ec2+`instance/i-1"`, 20) + `,"` + ec2 + `volume/vol-1"]}`,
			"iam:PassRole", "MultMultNone write[0], MultMultNone write[21]",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := writer.Explain(mustTemplate(t, test.template))
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(neededAt(out.Explanations, test.action), ", "); got != test.want {
				t.Errorf("%s is needed at\n%s, want\n%s", test.action, got, test.want)
			}
		})
	}
}

// TestReasonsAreSixteenAtMost asks for one action by more places than that, also
// where minimizing joins the statements that it is in.
func TestReasonsAreSixteenAtMost(t *testing.T) {
	t.Parallel()
	writer := policy.NewWriter(loadFacts(t).Catalog)
	instances := make([]string, 20)
	for i := range instances {
		instances[i] = fmt.Sprintf("arn:aws:ec2:us-east-1:123456789012:instance/i-%d", i)
	}
	often := slices.Repeat([]string{"s3:ListAllMyBuckets"}, 20)
	tests := map[string]policy.Template{
		"iam:PassRole":        {Mode: "crud", Write: instances},
		"ec2:RunInstances":    {Mode: "crud", Write: instances},
		"s3:ListAllMyBuckets": {Mode: "crud", WildcardOnly: policy.WildcardOnly{SingleActions: often}, SkipResourceConstraints: often},
	}
	for action, template := range tests {
		out, err := writer.WriteWith(template, policy.Options{Explain: true, Minimize: new(int)})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range out.Explanations {
			paths := make(map[string]bool)
			for _, b := range e.Because {
				paths[b.Path] = true
			}
			if e.Action == action && (len(e.Because) != 16 || len(paths) != 16) {
				t.Errorf("%s has %d reasons at %d places", action, len(e.Because), len(paths))
			}
		}
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
