package policy_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leastwise/leastwise/catalog/policy"
)

// What an action needs is bound to a resource where there is one for it.
func TestActionsModeBindsWhatIsNeeded(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	tests := map[string]struct {
		actions []string
		want    []string
	}{
		"nowhere": {
			[]string{"kms:CreateCustomKeyStore"},
			[]string{"MultMultNone: cloudhsm:DescribeClusters ec2:DescribeVpcEndpointServices iam:CreateServiceLinkedRole kms:CreateCustomKeyStore on *"},
		},
		"to its own resource": {
			[]string{"sagemaker:CreateFlowDefinition"},
			[]string{
				"SagemakerWriteFlowdefinition: sagemaker:AddTags sagemaker:CreateFlowDefinition on" +
					" arn:${Partition}:sagemaker:${Region}:${Account}:flow-definition/${FlowDefinitionName}",
				"MultMultNone: iam:PassRole on *",
			},
		},
		"beside another one of its level": {
			[]string{"sagemaker:CreateFlowDefinition", "iam:DeleteServiceLinkedRole"},
			[]string{
				"IamWriteRole: iam:DeleteServiceLinkedRole iam:PassRole on arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}",
				"SagemakerWriteFlowdefinition: sagemaker:AddTags sagemaker:CreateFlowDefinition on" +
					" arn:${Partition}:sagemaker:${Region}:${Account}:flow-definition/${FlowDefinitionName}",
			},
		},
		"not beside one of another level": {
			[]string{"sagemaker:CreateFlowDefinition", "iam:GetRole"},
			[]string{
				"IamReadRole: iam:GetRole on arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}",
				"SagemakerWriteFlowdefinition: sagemaker:AddTags sagemaker:CreateFlowDefinition on" +
					" arn:${Partition}:sagemaker:${Region}:${Account}:flow-definition/${FlowDefinitionName}",
				"MultMultNone: iam:PassRole on *",
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := policy.Write(f.Catalog, policy.Template{Mode: policy.ModeActions, Actions: test.actions})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, statements(out.Policy)); diff != "" {
				t.Errorf("statements (-want +got):\n%s", diff)
			}
		})
	}
}

// A recovery point's ARN pattern begins with any service, and names nothing
// that another type of AWS Backup or another service owns.
func TestPatternsOfAnyServiceComeLast(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	for arn, want := range map[string]string{
		"arn:aws:backup:us-east-1:123456789012:backup-vault:v":   "BackupReadBackupvault",
		"arn:aws:backup:us-east-1:123456789012:recovery-point:p": "BackupReadRecoverypoint",
		"arn:aws:catalog:us-east-1:123456789012:portfolio/*":     "ServicecatalogReadPortfolio",
	} {
		out, err := policy.Write(f.Catalog, policy.Template{Mode: policy.ModeCRUD, Read: []string{arn}})
		if err != nil || len(out.Policy.Statement) != 1 || out.Policy.Statement[0].SID != want {
			t.Errorf("%s: %v, %v, want %s", arn, out, err, want)
		}
	}
	_, err := policy.Write(f.Catalog, policy.Template{Mode: policy.ModeCRUD, Read: []string{"arn:aws:dynamobd:us-east-1:123456789012:table:t"}})
	const want = `read[0]: the catalog has no service "dynamobd"; did you mean dynamodb?`
	if err == nil || err.Error() != want {
		t.Errorf("the error is %v, want %s", err, want)
	}
}
