package world

import (
	"errors"
	"fmt"
	"regexp"
	"time"
)

// Config says how large a world is and what it starts from.
type Config struct {
	// Seed decides everything that is random.
	Seed uint64
	// Accounts is the number of ACTIVE accounts, the management account included; 1 to 10,000.
	Accounts int
	// Suspended is the number of SUSPENDED accounts that the organization lists besides.
	Suspended int
	// Start is the beginning of day 0, in UTC.
	Start time.Time
	// Partition is aws, aws-us-gov or aws-cn.
	Partition string
	// RoleName names the role that a collector may assume in every account.
	RoleName string
	// ExternalID is what that role's trust policy demands; empty demands none.
	ExternalID string
	// CollectorActions are the actions that the role, and the user that collects from the
	// management account, may call, such as iam:GetPolicy.
	CollectorActions []string
	// Plants has ways to administrator planted, and what only looks like one: see
	// World.Plants. Accounts that are too small for the ordinary population's fixed
	// part go without.
	Plants bool
	// Users is the mean number of users per account on day 0. Accounts vary between 0.6 and
	// 1.5 times the means; a single account has exactly the mean, give or take the vacancies.
	Users int
	// Groups is the mean number of groups per account on day 0.
	Groups int
	// Roles is the mean number of roles per account on day 0, service-linked ones included.
	Roles int
	// Policies is the mean number of customer managed policies per account on day 0.
	Policies int
}

// DefaultConfig is an organization of five small accounts that starts on 1 June 2026.
func DefaultConfig() Config {
	return Config{
		Seed:       1,
		Accounts:   5,
		Suspended:  1,
		Start:      time.Date(2026, time.June, 1, 0, 0, 0, 0, time.UTC),
		Partition:  "aws",
		RoleName:   "leastwise-collector",
		ExternalID: "leastwise-demo",
		Plants:     true,
		Users:      8,
		Groups:     3,
		Roles:      35,
		Policies:   15,
	}
}

const (
	maxAccounts = 10_000
	maxEntities = 10_000_000
)

// Validate returns every fault of c, joined.
func (c Config) Validate() error {
	var faults []error
	within := func(name string, value, lo, hi int) {
		if value < lo || value > hi {
			faults = append(faults, fmt.Errorf("%s is %d: must be between %d and %d", name, value, lo, hi))
		}
	}
	matches := func(name, value, pattern string) {
		if !regexp.MustCompile(pattern).MatchString(value) {
			faults = append(faults, fmt.Errorf("%s %q: must match %s", name, value, pattern))
		}
	}
	within("accounts", c.Accounts, 1, maxAccounts)
	within("suspended", c.Suspended, 0, maxAccounts)
	within("users", c.Users, 0, maxEntities)
	within("groups", c.Groups, 0, maxEntities)
	within("roles", c.Roles, 1, maxEntities)
	within("policies", c.Policies, 0, maxEntities)
	matches("partition", c.Partition, `^(aws|aws-us-gov|aws-cn)$`)
	// The limits of the IAM API reference for RoleName and of STS for ExternalId.
	matches("role name", c.RoleName, `^[\w+=,.@-]{1,64}$`)
	matches("external id", c.ExternalID, `^([\w+=,.@:/-]{2,})?$`)
	within("length of the external id", len(c.ExternalID), 0, 1224)
	for _, action := range c.CollectorActions {
		matches("collector action", action, `^[a-z0-9-]+:[A-Za-z*?]+$`)
	}
	if c.Start.IsZero() {
		faults = append(faults, errors.New("start is zero: must be the time of day 0"))
	}
	return errors.Join(faults...)
}
