package awssim_test

import (
	"bytes"
	"maps"
	"net/http"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/leastwise/leastwise/internal/awssim"
	"github.com/leastwise/leastwise/internal/awssim/world"
)

// controlTargets reads the targets of a policy, some at a time.
func controlTargets(t *testing.T, api *organizations.Client, policy string, size int32) (ids []string, pages int) {
	t.Helper()
	p := organizations.NewListTargetsForPolicyPaginator(api, &organizations.ListTargetsForPolicyInput{PolicyId: &policy, MaxResults: &size})
	for p.HasMorePages() {
		page, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		pages++
		for _, target := range page.Targets {
			ids = append(ids, *target.TargetId)
		}
	}
	return ids, pages
}

func TestServiceControlPoliciesAreServedAsTheWorldHasThem(t *testing.T) {
	t.Parallel()
	org, client := started(t, func(c *awssim.Config) { c.Accounts, c.ShortPages = 30, 40 })
	api := organizations.NewFromConfig(client)
	for n := range 3 {
		day := n * 9
		org.SetNow(org.World().Management().Day(org.Now()).On(day).Begins())
		want := slices.Collect(org.World().Controls(day))
		var got []orgtypes.PolicySummary
		pages := organizations.NewListPoliciesPaginator(api, &organizations.ListPoliciesInput{Filter: orgtypes.PolicyTypeServiceControlPolicy, MaxResults: aws.Int32(2)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, page.Policies...)
		}
		if len(got) != len(want) {
			t.Fatalf("%d policies, want %d", len(got), len(want))
		}
		for i, p := range got {
			if *p.Id != want[i].ID || *p.Arn != want[i].ARN || *p.Name != want[i].Name || p.AwsManaged != want[i].AWSManaged {
				t.Errorf("policy %d is %s %s %s, want %+v", i, *p.Id, *p.Arn, *p.Name, want[i])
			}
			described, err := api.DescribePolicy(t.Context(), &organizations.DescribePolicyInput{PolicyId: p.Id})
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal([]byte(*described.Policy.Content), want[i].Document) {
				t.Errorf("%s has the content %s", *p.Name, *described.Policy.Content)
			}
			targets, _ := controlTargets(t, api, *p.Id, 7)
			if !slices.Equal(targets, slices.Collect(org.World().Targets(*p.Id, day))) {
				t.Errorf("%s has the targets %v", *p.Name, targets)
			}
		}
	}
}

func TestParentsLeadFromEveryAccountToTheRoot(t *testing.T) {
	t.Parallel()
	org, client := started(t, func(c *awssim.Config) { c.Accounts = 20 })
	api := organizations.NewFromConfig(client)
	roots, err := api.ListRoots(t.Context(), nil)
	if err != nil || len(roots.Roots) != 1 || len(roots.Roots[0].PolicyTypes) != 1 {
		t.Fatalf("roots %+v, %v", roots, err)
	}
	depths := map[int]int{}
	for a := range org.World().Accounts(0) {
		child, depth := a.ID(), 0
		for child != *roots.Roots[0].Id {
			out, err := api.ListParents(t.Context(), &organizations.ListParentsInput{ChildId: &child})
			if err != nil || len(out.Parents) != 1 {
				t.Fatalf("parents of %s: %+v, %v", child, out, err)
			}
			child, depth = *out.Parents[0].Id, depth+1
			if isRoot := out.Parents[0].Type == orgtypes.ParentTypeRoot; isRoot != (child == *roots.Roots[0].Id) {
				t.Errorf("%s is of type %s", child, out.Parents[0].Type)
			}
		}
		depths[depth]++
	}
	if !slices.Equal(slices.Sorted(maps.Keys(depths)), []int{1, 2, 3}) {
		t.Errorf("accounts by their depth: %v, want some at the root, in units and in units of units", depths)
	}
}

func TestTargetsPageAndAreDescribed(t *testing.T) {
	t.Parallel()
	org, client := started(t, func(c *awssim.Config) { c.Accounts, c.ShortPages = 50, 0 })
	api := organizations.NewFromConfig(client)
	ids, pages := controlTargets(t, api, "p-FullAWSAccess", 20)
	if len(ids) != 57 || pages != 3 {
		t.Errorf("%d targets on %d pages, want 51 accounts and 6 units on 3", len(ids), pages)
	}
	out, err := api.ListTargetsForPolicy(t.Context(), &organizations.ListTargetsForPolicyInput{PolicyId: aws.String("p-FullAWSAccess")})
	if err != nil {
		t.Fatal(err)
	}
	types := map[orgtypes.TargetType]int{}
	for _, target := range out.Targets {
		types[target.Type]++
		if target.Arn == nil || *target.Name == "" {
			t.Errorf("target %s has neither ARN nor name", *target.TargetId)
		}
	}
	if want := (map[orgtypes.TargetType]int{"ROOT": 1, "ORGANIZATIONAL_UNIT": 5, "ACCOUNT": 14}); !maps.Equal(types, want) {
		t.Errorf("targets %v, want %v", types, want)
	}
	// A token is of the list that it came from.
	other := &organizations.ListTargetsForPolicyInput{PolicyId: aws.String(first(org.World().Controls(0), 1).ID), NextToken: out.NextToken}
	_, err = api.ListTargetsForPolicy(t.Context(), other)
	wantError(t, err, "InvalidInputException", http.StatusBadRequest)
}

// first returns the n-th of the policies.
func first(all func(func(world.Control) bool), n int) (found world.Control) {
	for c := range all {
		if n == 0 {
			return c
		}
		n--
	}
	return found
}

func TestWhatIsNotInTheOrganizationIsNotFound(t *testing.T) {
	t.Parallel()
	org, client := started(t, nil)
	api := organizations.NewFromConfig(client)
	_, err := api.DescribePolicy(t.Context(), &organizations.DescribePolicyInput{PolicyId: aws.String("p-12345678")})
	wantError(t, err, "PolicyNotFoundException", http.StatusBadRequest)
	_, err = api.ListTargetsForPolicy(t.Context(), &organizations.ListTargetsForPolicyInput{PolicyId: aws.String("p-12345678")})
	wantError(t, err, "PolicyNotFoundException", http.StatusBadRequest)
	for _, id := range []string{"111122223333", org.World().Root().ID} {
		_, err = api.ListParents(t.Context(), &organizations.ListParentsInput{ChildId: &id})
		wantError(t, err, "ChildNotFoundException", http.StatusBadRequest)
	}
	tags, err := api.ListPolicies(t.Context(), &organizations.ListPoliciesInput{Filter: orgtypes.PolicyTypeTagPolicy})
	if err != nil || len(tags.Policies) != 0 {
		t.Errorf("tag policies: %+v, %v", tags, err)
	}
}

// What a service control policy does not allow, nobody in the account may do,
// whatever the role's own policies say.
func TestServiceControlPoliciesLimitCallers(t *testing.T) {
	t.Parallel()
	org, client := started(t, nil)
	for i, allowed := range []bool{0: true, 1: true, 3: false} {
		if i == 2 {
			continue
		}
		api := organizations.NewFromConfig(assumed(t, org, client, member(t, org, i)))
		_, err := api.DescribeOrganization(t.Context(), nil)
		if (err == nil) != allowed {
			t.Errorf("account %d, %s: %v", i, member(t, org, i).Name(), err)
		}
	}
}

func TestListsOfTheOrganizationAreThrottledAndDenied(t *testing.T) {
	t.Parallel()
	org, client := started(t, func(c *awssim.Config) {
		c.Limits = []awssim.Limit{{Action: "organizations:ListTargetsForPolicy", PerSecond: 0.001, Burst: 1}}
		c.Faults = []awssim.Fault{{Action: "organizations:DescribePolicy", Kind: awssim.FaultAccessDenied}}
	})
	api := organizations.NewFromConfig(client)
	in := &organizations.ListTargetsForPolicyInput{PolicyId: aws.String("p-FullAWSAccess")}
	if _, err := api.ListTargetsForPolicy(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	_, err := api.ListTargetsForPolicy(t.Context(), in)
	wantError(t, err, "TooManyRequestsException", http.StatusTooManyRequests)
	_, err = api.DescribePolicy(t.Context(), &organizations.DescribePolicyInput{PolicyId: aws.String("p-FullAWSAccess")})
	wantError(t, err, "AccessDeniedException", http.StatusBadRequest)
	inside := organizations.NewFromConfig(assumed(t, org, client, member(t, org, 1)))
	_, err = inside.ListPolicies(t.Context(), &organizations.ListPoliciesInput{Filter: orgtypes.PolicyTypeServiceControlPolicy})
	wantError(t, err, "AccessDeniedException", http.StatusBadRequest)
}
