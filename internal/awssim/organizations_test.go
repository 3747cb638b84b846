package awssim_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/leastwise/leastwise/internal/awssim"
)

func TestListAccountsIsWholeAtAnyPageSize(t *testing.T) {
	t.Parallel()
	org, client := started(t, func(c *awssim.Config) { c.Accounts, c.Suspended, c.ShortPages = 50, 2, 50 })
	var want []string
	for a := range org.World().Accounts(0) {
		want = append(want, a.ID())
	}
	for _, size := range []int32{0, 1, 3, 7, 20} {
		in := &organizations.ListAccountsInput{}
		if size > 0 {
			in.MaxResults = aws.Int32(size)
		}
		var got []string
		short := 0
		pages := organizations.NewListAccountsPaginator(organizations.NewFromConfig(client), in)
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if size > 0 && len(page.Accounts) > int(size) {
				t.Errorf("page of %d has %d accounts", size, len(page.Accounts))
			}
			if page.NextToken != nil && len(page.Accounts) < int(size) {
				short++
			}
			for _, a := range page.Accounts {
				got = append(got, *a.Id)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("page size %d: got %v, want %v", size, got, want)
		}
		if size == 3 && short == 0 {
			t.Error("no page was short")
		}
	}
}

func TestAccountsAreDescribed(t *testing.T) {
	t.Parallel()
	org, client := started(t, func(c *awssim.Config) { c.ShortPages = 0 })
	out, err := organizations.NewFromConfig(client).ListAccounts(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	suspended := 0
	for i, got := range out.Accounts {
		want := member(t, org, i)
		if *got.Name != want.Name() || *got.Email != want.Email() || *got.Arn != want.ARN() || !got.JoinedTimestamp.Equal(want.Joined()) {
			t.Errorf("account %d is %s %s %s %s", i, *got.Name, *got.Email, *got.Arn, got.JoinedTimestamp)
		}
		if got.State == orgtypes.AccountStateSuspended && string(got.Status) == "SUSPENDED" {
			suspended++
		}
	}
	if len(out.Accounts) != 6 || suspended != 1 {
		t.Errorf("%d accounts, %d of them suspended; want 6 and 1", len(out.Accounts), suspended)
	}
	description, err := organizations.NewFromConfig(client).DescribeOrganization(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := description.Organization; *got.Id != org.World().OrganizationID() || *got.MasterAccountId != org.World().Management().ID() {
		t.Errorf("organization is %s of %s", *got.Id, *got.MasterAccountId)
	}
}

func TestOrganizationsRefusesWhatAWSRefuses(t *testing.T) {
	t.Parallel()
	org, client := started(t, nil)
	inside := organizations.NewFromConfig(assumed(t, org, client, member(t, org, 1)))
	_, err := inside.ListAccounts(t.Context(), nil)
	wantError(t, err, "AccessDeniedException", http.StatusBadRequest)
	api := organizations.NewFromConfig(client)
	_, err = api.ListAccounts(t.Context(), &organizations.ListAccountsInput{MaxResults: aws.Int32(21)})
	wantError(t, err, "InvalidInputException", http.StatusBadRequest)
	_, err = api.ListAccounts(t.Context(), &organizations.ListAccountsInput{NextToken: aws.String("nonsense")})
	wantError(t, err, "InvalidInputException", http.StatusBadRequest)
	_, err = api.ListCreateAccountStatus(t.Context(), nil)
	wantError(t, err, "UnknownOperationException", http.StatusBadRequest)
}
