package awssim_test

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/leastwise/leastwise/internal/awssim"
	"github.com/leastwise/leastwise/internal/awssim/world"
)

// listed returns the ARNs of all pages.
func listed(t *testing.T, client aws.Config, in iam.ListPoliciesInput) (arns []string, pages int) {
	t.Helper()
	list := iam.NewListPoliciesPaginator(iam.NewFromConfig(client), &in)
	for list.HasMorePages() {
		page, err := list.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range page.Policies {
			if aws.ToString(p.PolicyName) == "" || aws.ToString(p.DefaultVersionId) == "" || p.CreateDate == nil {
				t.Errorf("policy %s lacks something", aws.ToString(p.Arn))
			}
			arns = append(arns, aws.ToString(p.Arn))
		}
		pages++
	}
	return arns, pages
}

func TestListPoliciesHasThoseOfItsScope(t *testing.T) {
	t.Parallel()
	org, client := started(t, nil)
	client = assumed(t, org, client, member(t, org, 1))
	day := member(t, org, 1).Day(org.Now())
	var local, attached, ofAWS, used []string
	for p := range day.Policies() {
		local = append(local, p.ARN)
		if p.Attachments > 0 {
			attached = append(attached, p.ARN)
		}
	}
	for slot := range day.Slots(world.KindAWSPolicy) {
		if p, found := day.AWSPolicy(slot); found {
			ofAWS = append(ofAWS, p.ARN)
			if p.Attachments > 0 {
				used = append(used, p.ARN)
			}
		}
	}
	if len(local) == 0 || len(used) == 0 || len(used) == len(ofAWS) {
		t.Fatalf("%d customer managed, %d of %d of AWS's attached", len(local), len(used), len(ofAWS))
	}
	tests := map[string]struct {
		in   iam.ListPoliciesInput
		want []string
	}{
		"all":             {iam.ListPoliciesInput{}, slices.Concat(local, ofAWS)},
		"all, named":      {iam.ListPoliciesInput{Scope: types.PolicyScopeTypeAll}, slices.Concat(local, ofAWS)},
		"customers'":      {iam.ListPoliciesInput{Scope: types.PolicyScopeTypeLocal}, local},
		"AWS's":           {iam.ListPoliciesInput{Scope: types.PolicyScopeTypeAws}, ofAWS},
		"attached":        {iam.ListPoliciesInput{OnlyAttached: true}, slices.Concat(attached, used)},
		"AWS's, attached": {iam.ListPoliciesInput{Scope: types.PolicyScopeTypeAws, OnlyAttached: true}, used},
	}
	for name, tt := range tests {
		got, _ := listed(t, client, tt.in)
		paged := tt.in
		paged.MaxItems = aws.Int32(3)
		again, pages := listed(t, client, paged)
		if !slices.Equal(got, tt.want) || !slices.Equal(again, tt.want) {
			t.Errorf("%s: %d policies, and %d in pages; want %d", name, len(got), len(again), len(tt.want))
		}
		if pages < len(tt.want)/3 {
			t.Errorf("%s: %d pages", name, pages)
		}
	}
}

func TestListPoliciesRefusesWhatIAMRefuses(t *testing.T) {
	t.Parallel()
	_, client := started(t, nil)
	_, err := iam.NewFromConfig(client).ListPolicies(t.Context(), &iam.ListPoliciesInput{Scope: "Mine"})
	wantError(t, err, "ValidationError", 400)
	_, err = iam.NewFromConfig(client).ListPolicies(t.Context(), &iam.ListPoliciesInput{Marker: aws.String("elsewhere")})
	wantError(t, err, "ValidationError", 400)
	org, client := started(t, func(c *awssim.Config) { c.CollectorActions = []string{"iam:GetPolicy"} })
	_, err = iam.NewFromConfig(assumed(t, org, client, member(t, org, 1))).ListPolicies(t.Context(), &iam.ListPoliciesInput{})
	wantError(t, err, "AccessDenied", 403)
}
