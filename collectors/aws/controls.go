package aws

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/leastwise/leastwise/collectors"
	"github.com/leastwise/leastwise/schemas/event"
)

// controls fills in the service control policies that limit the accounts, or for
// all of them why they are not known. It returns an error only when ctx has ended.
func (a *Accounts) controls(ctx context.Context, client *organizations.Client, accounts []collectors.Account) error {
	outcome := collectors.Controls{State: event.StateNotCollected, Reason: "--service-control-policies is off"}
	t := &tree{client: client, attached: map[string][]collectors.Control{}, parents: map[string]string{}}
	if a.clients.cfg.Controls {
		outcome = collectors.Controls{State: event.StateOK}
		if err := t.read(ctx, accounts); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			f := classify(err)
			outcome = collectors.Controls{State: f.state, Reason: f.reason}
			if f.state == event.StateAccessDenied {
				outcome.Reason += "; check the permissions of the organization's role against deploy/aws/organization-role.yaml, or use --service-control-policies=false"
			}
		}
	}
	for i := range accounts {
		accounts[i].Controls = outcome
		if outcome.State == event.StateOK {
			accounts[i].Controls.Levels = t.levels(accounts[i])
		}
	}
	return nil
}

// tree is the organization as far as its service control policies go.
type tree struct {
	client *organizations.Client
	root   string // empty where no service control policies are in use
	// attached are the policies by what they are attached to, in the order in
	// which the organization lists them.
	attached map[string][]collectors.Control
	parents  map[string]string // of accounts and organizational units
}

// read reads the tree above the accounts. What it has read is whole, or it
// returns an error.
func (t *tree) read(ctx context.Context, accounts []collectors.Account) error {
	if err := t.readRoot(ctx); err != nil || t.root == "" {
		return err
	}
	pages := organizations.NewListPoliciesPaginator(t.client, &organizations.ListPoliciesInput{Filter: types.PolicyTypeServiceControlPolicy})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, p := range page.Policies {
			if err := t.readPolicy(ctx, p); err != nil {
				return err
			}
		}
	}
	for _, account := range accounts {
		if err := t.readParents(ctx, account); err != nil {
			return err
		}
	}
	return nil
}

// readRoot finds the root, of which an organization has one, unless service
// control policies are not enabled there.
func (t *tree) readRoot(ctx context.Context) error {
	pages := organizations.NewListRootsPaginator(t.client, &organizations.ListRootsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, root := range page.Roots {
			for _, kind := range root.PolicyTypes {
				if kind.Type == types.PolicyTypeServiceControlPolicy && kind.Status == types.PolicyTypeStatusEnabled {
					t.root = aws.ToString(root.Id)
				}
			}
		}
	}
	return nil
}

// readPolicy reads what a policy is attached to, and its document if it is
// attached to anything.
func (t *tree) readPolicy(ctx context.Context, p types.PolicySummary) error {
	var targets []string
	pages := organizations.NewListTargetsForPolicyPaginator(t.client, &organizations.ListTargetsForPolicyInput{PolicyId: p.Id})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, target := range page.Targets {
			targets = append(targets, aws.ToString(target.TargetId))
		}
	}
	if len(targets) == 0 {
		return nil
	}
	described, err := t.client.DescribePolicy(ctx, &organizations.DescribePolicyInput{PolicyId: p.Id})
	if err != nil {
		return err
	}
	control := collectors.Control{Name: aws.ToString(p.Name), ARN: aws.ToString(p.Arn), Document: []byte(aws.ToString(described.Policy.Content))}
	for _, target := range targets {
		t.attached[target] = append(t.attached[target], control)
	}
	return nil
}

// maxLevels is more than the levels that an organization can have: the root, five
// of organizational units, and the account (Organizations User Guide, "Quotas").
const maxLevels = 10

// readParents finds the way from an account to the root.
func (t *tree) readParents(ctx context.Context, account collectors.Account) error {
	if isManagement(account) {
		return nil
	}
	at := account.ID
	for range maxLevels {
		if len(t.attached[at]) == 0 {
			return fmt.Errorf("read service control policies: none is attached to %s, which AWS does not allow; the organization was changed while it was read", at)
		}
		if at == t.root {
			return nil
		}
		if t.parents[at] == "" {
			if err := t.readParent(ctx, at); err != nil {
				return err
			}
		}
		at = t.parents[at]
	}
	return fmt.Errorf("read service control policies: account %s is not below the organization's root", account.ID)
}

func (t *tree) readParent(ctx context.Context, child string) error {
	pages := organizations.NewListParentsPaginator(t.client, &organizations.ListParentsInput{ChildId: &child})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, parent := range page.Parents {
			t.parents[child] = aws.ToString(parent.Id)
		}
	}
	return nil
}

// levels returns the policies on the way from the root to an account. None limit
// the management account.
func (t *tree) levels(account collectors.Account) [][]collectors.Control {
	if t.root == "" || isManagement(account) {
		return nil
	}
	levels := [][]collectors.Control{t.attached[account.ID]}
	for at := t.parents[account.ID]; at != ""; at = t.parents[at] {
		levels = append([][]collectors.Control{t.attached[at]}, levels...)
	}
	return levels
}

func isManagement(a collectors.Account) bool {
	return a.Organization != nil && a.Organization.Management == a.ID
}
