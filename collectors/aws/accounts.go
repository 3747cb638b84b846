package aws

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/leastwise/leastwise/collectors"
	"github.com/leastwise/leastwise/schemas/event"
)

// Accounts lists the accounts to collect.
type Accounts struct {
	clients clients
	metrics *collectors.Metrics
}

// NewAccounts returns a lister that starts from the given AWS configuration.
func NewAccounts(cfg Config, base aws.Config, m *collectors.Metrics) *Accounts {
	return &Accounts{clients: clients{cfg, base}, metrics: m}
}

// List returns the organization's ACTIVE accounts, or the account of the default
// credentials, without those that are excluded.
func (a *Accounts) List(ctx context.Context) ([]collectors.Account, error) {
	// The organization has one quota of calls, which others use too.
	pace := &pacer{meter: a.metrics, other: newLimiter(a.clients.cfg.Rate)}
	cfg := a.clients.config(partitionOf(a.clients.cfg.OrganizationRoleARN), pace)
	list := own
	if a.clients.cfg.Organization {
		list = a.organization
	}
	accounts, err := list(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if len(accounts) == 0 {
		return nil, fmt.Errorf("list accounts: none is left to collect; check --exclude-accounts")
	}
	return accounts, nil
}

func (a *Accounts) excluded(account collectors.Account) bool {
	return slices.Contains(a.clients.cfg.ExcludeAccounts, account.ID)
}

// own returns the account of a configuration's credentials.
func own(ctx context.Context, cfg aws.Config) ([]collectors.Account, error) {
	who, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return nil, fmt.Errorf("find the credentials' account: %s; %s", reasonOf(err), checkReach)
	}
	return []collectors.Account{{ID: aws.ToString(who.Account), Partition: partitionOf(aws.ToString(who.Arn)), Controls: collectors.Controls{
		State: event.StateNotCollected, Reason: "an account that is read by itself does not know the service control policies of its organization: use --organization",
	}}}, nil
}

func (a *Accounts) organization(ctx context.Context, cfg aws.Config) ([]collectors.Account, error) {
	if role := a.clients.cfg.OrganizationRoleARN; role != "" {
		assumed, err := a.clients.assume(ctx, cfg, role, "organization")
		if err != nil {
			return nil, refused(role, err)
		}
		cfg = assumed
	}
	client := organizations.NewFromConfig(cfg)
	var accounts []collectors.Account
	org := &collectors.Organization{}
	pages := organizations.NewListAccountsPaginator(client, &organizations.ListAccountsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, unlisted(err)
		}
		for _, found := range page.Accounts {
			org.ID, org.Management = organizationOf(aws.ToString(found.Arn))
			org.Accounts = append(org.Accounts, aws.ToString(found.Id))
			if isActive(found) {
				accounts = append(accounts, collectors.Account{
					ID: aws.ToString(found.Id), Name: aws.ToString(found.Name), Partition: partitionOf(aws.ToString(found.Arn)),
					AssumeRole: true, JoinedAt: second(found.JoinedTimestamp),
				})
			}
		}
	}
	accounts = slices.DeleteFunc(accounts, a.excluded)
	if org.ID != "" {
		for i := range accounts {
			accounts[i].Organization = org
		}
	}
	return accounts, a.controls(ctx, client, accounts)
}

// checkReach is what to do when AWS did not answer, or not to these credentials.
const checkReach = "check the AWS credentials and AWS_ENDPOINT_URL"

// unlisted says what to do when the organization's accounts cannot be listed.
func unlisted(err error) error {
	f := classify(err)
	hint := "use credentials of the management account or of a delegated administrator, or --organization-role-arn"
	if f.code == "" {
		hint = checkReach
	}
	return fmt.Errorf("list accounts: %s; %s", f.reason, hint)
}

// organizationOf reads an account's ARN, which names its organization and the
// management account: arn:aws:organizations::<management>:account/<organization>/<account>.
func organizationOf(arn string) (organization, management string) {
	parts := strings.Split(arn, ":")
	if len(parts) != 6 {
		return "", ""
	}
	if path := strings.Split(parts[5], "/"); len(path) == 3 {
		organization = path[1]
	}
	return organization, parts[4]
}

// isActive goes by State, and by Status where a partition has no State yet: AWS
// replaced the one by the other in 2026.
func isActive(a types.Account) bool {
	if a.State != "" {
		return a.State == types.AccountStateActive
	}
	return a.Status == types.AccountStatusActive
}

// partitionOf is an ARN's partition; "aws" when there is no ARN.
func partitionOf(arn string) string {
	if parts := strings.SplitN(arn, ":", 3); len(parts) == 3 {
		return parts[1]
	}
	return "aws"
}

// refused says what to do about a role that may not be assumed. The error is
// permanent unless AWS could not be asked.
func refused(role string, err error) error {
	f := classify(err)
	sentence := fmt.Errorf("assume role %s: %s", role, f.reason)
	if f.permanent {
		sentence = collectors.Permanent(fmt.Errorf("%w; check that the role exists, that its trust policy names the collector's credentials, and that --external-id is the one it asks for", sentence))
	}
	return sentence
}
