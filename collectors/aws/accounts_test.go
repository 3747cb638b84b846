package aws_test

import (
	"slices"
	"strings"
	"testing"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/leastwise/leastwise/collectors"
	"github.com/leastwise/leastwise/collectors/aws"
	"github.com/leastwise/leastwise/internal/awssim"
	"github.com/leastwise/leastwise/schemas/event"
)

func TestOrganizationsActiveAccountsAreListed(t *testing.T) {
	t.Parallel()
	f := start(t, func(c *awssim.Config) { c.Accounts, c.Suspended, c.ShortPages = 45, 3, 60 })
	f.cfg.ExcludeAccounts = []string{f.account(7), f.account(44)}
	var want []collectors.Account
	for a := range f.org.World().Accounts(0) {
		if !a.Suspended() && !slices.Contains(f.cfg.ExcludeAccounts, a.ID()) {
			want = append(want, collectors.Account{ID: a.ID(), Name: a.Name(), Partition: "aws", AssumeRole: true, JoinedAt: a.Joined()})
		}
	}
	got := f.list(t)
	for i := range got {
		if org := got[i].Organization; org == nil || len(org.Accounts) != 48 || org.Management != f.account(0) || org.ID != f.org.World().OrganizationID() {
			t.Errorf("%s is of the organization %+v", got[i].ID, org)
		}
		got[i].Organization, got[i].Controls = nil, collectors.Controls{}
	}
	if diff := cmp.Diff(want, got); diff != "" || len(got) != 43 {
		t.Errorf("%d accounts: %s", len(got), diff)
	}
}

func TestOrganizationIsListedThroughARole(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	f.cfg.OrganizationRoleARN = "arn:aws:iam::" + f.account(0) + ":role/leastwise-collector"
	if got := f.list(t); len(got) != 2 || f.calls(f.account(0), "sts:AssumeRole") != 1 {
		t.Errorf("%v, %v", got, f.org.Calls())
	}
}

func TestAccountOfTheCredentialsIsListed(t *testing.T) {
	t.Parallel()
	f := start(t, func(c *awssim.Config) { c.Partition = "aws-cn" })
	f.cfg.Organization = false
	got := f.list(t)
	if len(got) != 1 || got[0].Controls.State != event.StateNotCollected || !strings.Contains(got[0].Controls.Reason, "--organization") {
		t.Fatalf("%+v", got)
	}
	got[0].Controls = collectors.Controls{}
	if diff := cmp.Diff([]collectors.Account{{ID: f.account(0), Partition: "aws-cn"}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestAccountsThatCannotBeListedSayWhatToDo(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change func(*fixture)
		want   []string
	}{
		"everything excluded": {func(f *fixture) { f.cfg.ExcludeAccounts = []string{f.account(0), f.account(1)} }, []string{"--exclude-accounts"}},
		"no permission": {func(f *fixture) {
			f.inject(t, awssim.Fault{Action: "organizations:ListAccounts", Kind: awssim.FaultAccessDenied})
		}, []string{"organizations:ListAccounts", "AccessDeniedException", "--organization-role-arn"}},
		"role refused": {func(f *fixture) {
			f.cfg.OrganizationRoleARN = "arn:aws:iam::" + f.account(0) + ":role/none"
		}, []string{"assume role arn:aws:iam::", "role/none", "AccessDenied", "trust policy", "--external-id"}},
		"nobody there":          {unreachable, []string{"reach 127.0.0.1:1", "connection refused", "AWS_ENDPOINT_URL"}},
		"nobody there, alone":   {func(f *fixture) { unreachable(f); f.cfg.Organization = false }, []string{"find the credentials' account", "reach 127.0.0.1:1", "AWS_ENDPOINT_URL"}},
		"no credentials at all": {func(f *fixture) { f.base.Credentials = awssdk.AnonymousCredentials{}; f.cfg.Organization = false }, []string{"find the credentials' account", "MissingAuthenticationToken"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := start(t, nil)
			tc.change(f)
			_, err := aws.NewAccounts(f.cfg, f.base, collectors.NewMetrics(nil)).List(t.Context())
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range tc.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("%q is more than a line", err)
			}
		})
	}
}

// unreachable points the clients at a port where nobody listens.
func unreachable(f *fixture) { f.base.BaseEndpoint = awssdk.String("http://127.0.0.1:1") }

// TestEndpointsAndCredentialsComeFromTheEnvironment cannot be parallel.
func TestEndpointsAndCredentialsComeFromTheEnvironment(t *testing.T) {
	f := start(t, nil)
	for _, pair := range f.org.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		t.Setenv(name, value)
	}
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
	for _, service := range []string{"IAM", "STS", "ORGANIZATIONS"} {
		t.Setenv("AWS_ENDPOINT_URL_"+service, f.org.URL())
	}
	base, err := aws.LoadConfig(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	f.base = base
	complete(t, f, f.account(1))
	f.cfg.Organization = false
	complete(t, f, f.account(0))
}

func TestConfigNamesEveryFault(t *testing.T) {
	t.Parallel()
	if err := aws.DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
	for name, tc := range map[string]struct {
		change func(*aws.Config)
		faults int
	}{
		"organization role without organization": {func(c *aws.Config) { c.OrganizationRoleARN = "arn:aws:iam::123456789012:role/x" }, 1},
		"organization role that is no ARN":       {func(c *aws.Config) { c.Organization, c.OrganizationRoleARN = true, "x" }, 1},
		"role name that is an ARN":               {func(c *aws.Config) { c.RoleName = "arn:aws:iam::123456789012:role/x" }, 1},
		"role name with a path":                  {func(c *aws.Config) { c.RoleName = "security/leastwise" }, 0},
		"external id with a space":               {func(c *aws.Config) { c.ExternalID = "a b" }, 1},
		"excluded account that is none":          {func(c *aws.Config) { c.ExcludeAccounts = []string{"1", "x"} }, 2},
		"everything":                             {func(c *aws.Config) { *c = aws.Config{} }, 8},
	} {
		cfg := aws.DefaultConfig()
		tc.change(&cfg)
		n := 0
		if joined, ok := cfg.Validate().(interface{ Unwrap() []error }); ok {
			n = len(joined.Unwrap())
		}
		if n != tc.faults {
			t.Errorf("%s: %d faults: %v", name, n, cfg.Validate())
		}
	}
}
