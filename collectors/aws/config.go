package aws

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/leastwise/leastwise/schemas/event"
)

// Config says which accounts to read, as whom, and how fast.
type Config struct {
	// Organization lists all ACTIVE accounts of the organization. Without it
	// there is the one account of the default credentials.
	Organization bool
	// Controls has the organization's service control policies read too.
	Controls bool
	// OrganizationRoleARN is a role to assume for listing accounts; empty to
	// list with the default credentials.
	OrganizationRoleARN string
	// RoleName is the role, with its path if it has one, that is assumed in
	// every account of an organization, the credentials' own included.
	RoleName string
	// ExternalID is what the roles' trust policies ask for; empty for nothing.
	ExternalID string
	// ExcludeAccounts are the ids of accounts to leave out.
	ExcludeAccounts []string
	// Granularity of the last-accessed reports: "service" or "action".
	Granularity string
	// AdvisorRate is the number of calls a second to an account's access
	// advisor, at most; Rate, to all other APIs of its IAM.
	AdvisorRate, Rate float64
	// ReportsAhead is how many last-accessed reports IAM may be making at once.
	ReportsAhead int
	// PollInterval is the first wait between two looks at a report in the
	// making; it grows eightfold.
	PollInterval time.Duration
	// ReportTimeout is how long to wait for one report.
	ReportTimeout time.Duration
	// PageSize is the number of entities in a page of authorization details, 1
	// to 1000. A page is in memory as a whole.
	PageSize int32
	// Attempts is how often one call is tried.
	Attempts int
	// MaxBackoff is the longest wait between two attempts.
	MaxBackoff time.Duration
}

// DefaultConfig returns settings that leave most of an account's API quota to
// its other users. IAM does not publish its quotas; access advisor's is known
// to be the tighter one.
func DefaultConfig() Config {
	return Config{
		Controls:      true,
		RoleName:      "leastwise-collector",
		Granularity:   "service",
		Rate:          10,
		AdvisorRate:   5,
		ReportsAhead:  20,
		PollInterval:  500 * time.Millisecond,
		ReportTimeout: 2 * time.Minute,
		PageSize:      200,
		Attempts:      9,
		MaxBackoff:    20 * time.Second,
	}
}

// AddFlags adds the flags that set c.
func (c *Config) AddFlags(fs *pflag.FlagSet) {
	fs.BoolVar(&c.Organization, "organization", c.Organization, "collect all ACTIVE accounts of the organization, not just that of the credentials")
	fs.BoolVar(&c.Controls, "service-control-policies", c.Controls, "read the organization's service control policies, without which effective permissions are not limited by them")
	c.AddAccountFlags(fs)
	fs.StringVar(&c.Granularity, "granularity", c.Granularity, "`level` of last-accessed reports: service or action")
	fs.Float64Var(&c.AdvisorRate, "access-advisor-rate", c.AdvisorRate, "access advisor `calls` a second and account")
}

// AddAccountFlags adds the flags that say how the accounts of an organization
// are entered, and how fast.
func (c *Config) AddAccountFlags(fs *pflag.FlagSet) {
	fs.StringVar(&c.OrganizationRoleARN, "organization-role-arn", c.OrganizationRoleARN, "`ARN` of a role to assume for listing the organization's accounts")
	fs.StringVar(&c.RoleName, "role-name", c.RoleName, "`name` of the role to assume in every account of the organization")
	fs.StringVar(&c.ExternalID, "external-id", c.ExternalID, "`id` that the roles' trust policies ask for")
	fs.StringSliceVar(&c.ExcludeAccounts, "exclude-accounts", c.ExcludeAccounts, "`ids` of accounts to leave out")
	fs.Float64Var(&c.Rate, "iam-rate", c.Rate, "IAM `calls` a second and account")
}

// Validate returns every fault of c, joined.
func (c Config) Validate() error {
	var errs []error
	fault := func(bad bool, format string, args ...any) {
		if bad {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	fault(c.OrganizationRoleARN != "" && !c.Organization, "--organization-role-arn: needs --organization")
	fault(c.OrganizationRoleARN != "" && !regexp.MustCompile(`^arn:[a-z-]+:iam::\d{12}:role/.+$`).MatchString(c.OrganizationRoleARN),
		"--organization-role-arn is %q: must be arn:<partition>:iam::<account>:role/<name>", c.OrganizationRoleARN)
	// The patterns are those of IAM's API reference for a role's path and name,
	// and of STS's for an external id.
	fault(strings.HasPrefix(c.RoleName, "arn:") || !regexp.MustCompile(`^([!-.0-~]+/)*[\w+=,.@-]{1,64}$`).MatchString(c.RoleName), "--role-name is %q: must be a role's name, not its ARN", c.RoleName)
	fault(len(c.ExternalID) == 1 || len(c.ExternalID) > 1224 || !regexp.MustCompile(`^[\w+=,.@:/-]*$`).MatchString(c.ExternalID),
		"--external-id: must be 2 to 1224 letters, digits and any of _+=,.@:/-")
	for _, id := range c.ExcludeAccounts {
		fault(!event.IsAccountID(id), "--exclude-accounts names %q: must be 12 digits", id)
	}
	fault(c.Granularity != "service" && c.Granularity != "action", "--granularity is %q: must be service or action", c.Granularity)
	fault(c.Rate <= 0, "--iam-rate is %g: must be positive", c.Rate)
	fault(c.AdvisorRate <= 0, "--access-advisor-rate is %g: must be positive", c.AdvisorRate)
	fault(c.ReportsAhead < 1, "reports ahead is %d: must be positive", c.ReportsAhead)
	fault(c.PollInterval <= 0 || c.ReportTimeout <= 0 || c.MaxBackoff <= 0, "poll interval, report timeout and longest backoff must be positive")
	fault(c.PageSize < 1 || c.PageSize > 1000, "page size is %d: must be between 1 and 1000", c.PageSize)
	fault(c.Attempts < 1, "attempts is %d: must be positive", c.Attempts)
	return errors.Join(errs...)
}

// granularity is the level of last-accessed reports as IAM names it.
func (c Config) granularity() string {
	if c.Granularity == "action" {
		return event.GranularityAction
	}
	return event.GranularityService
}

// roleARN is the ARN of the role to assume in an account.
func (c Config) roleARN(partition, account string) string {
	return fmt.Sprintf("arn:%s:iam::%s:role/%s", partition, account, strings.TrimPrefix(c.RoleName, "/"))
}
