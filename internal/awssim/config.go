package awssim

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/leastwise/leastwise/internal/awssim/world"
)

// Config says what is simulated and how well-behaved it is.
type Config struct {
	// Config is the organization: its seed, size, start, partition and the collector's role.
	world.Config
	// JobPolls is how many times an access-advisor job is still IN_PROGRESS when asked for.
	JobPolls int
	// ReportPolls is how many times a credential report is still being made when asked for.
	ReportPolls int
	// ShortPages is the percentage of pages, from 0 to 100, that hold fewer items than
	// asked for although more follow. Some of them are empty.
	ShortPages int
	// SessionDuration is how long an assumed role's session lasts when the caller does not say.
	SessionDuration time.Duration
	// Limits are the token buckets; an action without one is never throttled.
	Limits []Limit
	// Faults are injected from the beginning. Inject adds others later.
	Faults []Fault
	// Clock is the time by which sessions expire and token buckets fill.
	Clock func() time.Time
}

// Limit is a token bucket, of which every account has its own.
type Limit struct {
	// Action is the action it limits, such as iam:GetPolicy; * and ? match as in policies,
	// and every matching action has a bucket of its own.
	Action string
	// PerSecond is how many calls a second it allows in the long run.
	PerSecond float64
	// Burst is how many calls it allows at once.
	Burst int
}

// DefaultConfig is the default organization, with asynchronous jobs, short
// pages, no throttling and no faults.
func DefaultConfig() Config {
	c := Config{
		Config:          world.DefaultConfig(),
		JobPolls:        1,
		ReportPolls:     1,
		ShortPages:      20,
		SessionDuration: time.Hour,
		Clock:           time.Now,
	}
	c.CollectorActions = ServedActions()
	return c
}

// ServedActions returns the actions that the simulation serves and that need a
// permission, in alphabetical order. AssumeRole is not among them: the
// collector's user may call it for the collector's roles in any case.
func ServedActions() []string {
	actions := slices.Sorted(maps.Keys(operations()))
	return slices.DeleteFunc(actions, func(a string) bool { return a == actionAssumeRole || a == actionGetCallerIdentity })
}

// Validate returns every fault of c, joined.
func (c Config) Validate() error {
	faults := []error{c.Config.Validate()}
	within := func(name string, value, lo, hi int) {
		if value < lo || value > hi {
			faults = append(faults, fmt.Errorf("%s is %d: must be between %d and %d", name, value, lo, hi))
		}
	}
	within("job polls", c.JobPolls, 0, 1000)
	within("report polls", c.ReportPolls, 0, 1000)
	within("short pages", c.ShortPages, 0, 100)
	if c.SessionDuration <= 0 {
		faults = append(faults, fmt.Errorf("session duration is %s: must be positive", c.SessionDuration))
	}
	for _, l := range c.Limits {
		if l.Action == "" || l.PerSecond <= 0 || l.Burst < 1 {
			faults = append(faults, fmt.Errorf("limit %+v: needs an action, a positive rate and a burst of at least 1", l))
		}
	}
	for _, f := range c.Faults {
		faults = append(faults, f.validate())
	}
	if c.Clock == nil {
		faults = append(faults, errors.New("clock is nil: use time.Now"))
	}
	return errors.Join(faults...)
}
