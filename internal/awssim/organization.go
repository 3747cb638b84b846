package awssim

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/leastwise/leastwise/internal/awssim/world"
)

// Organization is a simulated AWS organization. It is safe for concurrent use.
type Organization struct {
	cfg         Config
	world       *world.World
	operations  map[string]operation
	seal        sealer
	sessions    *sessions
	permissions permissions
	jobs        jobs
	reports     reports
	throttle    throttle
	faults      faults
	calls       calls
	requests    atomic.Uint64

	mu     sync.Mutex
	now    time.Time
	server *http.Server
	url    string
	served chan struct{}
}

// New returns the organization that cfg describes on its first day, or every
// fault of cfg, joined. It serves nothing until Start.
func New(cfg Config) (*Organization, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("create organization: %w", err)
	}
	w, err := world.New(cfg.Config)
	if err != nil {
		return nil, fmt.Errorf("create organization: %w", err)
	}
	o := &Organization{
		cfg: cfg, world: w, operations: operations(), now: cfg.Start,
		seal:     newSealer(cfg.Seed),
		jobs:     jobs{waiting: map[string]int{}},
		reports:  reports{byAccount: map[string]*report{}},
		throttle: throttle{limits: cfg.Limits, buckets: map[Call]*bucket{}},
		calls:    calls{counts: map[Call]int{}},
	}
	if o.permissions, err = newPermissions(); err != nil {
		return nil, fmt.Errorf("create organization: %w", err)
	}
	o.sessions = newSessions(o.seal, o.hubUser())
	for _, f := range cfg.Faults {
		o.faults.add(f)
	}
	return o, nil
}

// SetNow sets the organization's clock. What clients see follows its day; pages
// and jobs that were begun before go on with the day that they began on.
func (o *Organization) SetNow(t time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = t
}

// Now returns the time on the organization's clock.
func (o *Organization) Now() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.now
}

// World returns the organization as it truly is, for comparing with what was
// collected: World().Account(id), its Day(t), and the entities of that day.
func (o *Organization) World() *world.World { return o.world }

// Account returns the account with the given id.
func (o *Organization) Account(id string) (*world.Account, bool) { return o.world.Account(id) }

// Credentials returns the access key of a user in the management account who
// may call the CollectorActions there and assume the collector's role in every account.
func (o *Organization) Credentials() (accessKeyID, secretAccessKey string) {
	c := o.sessions.hub
	return c.accessKey, c.secret
}

// Environ returns the environment variables with which an AWS client uses the
// started organization, as NAME=value.
func (o *Organization) Environ() []string {
	key, secret := o.Credentials()
	return []string{
		"AWS_ENDPOINT_URL=" + o.URL(),
		"AWS_ACCESS_KEY_ID=" + key,
		"AWS_SECRET_ACCESS_KEY=" + secret,
		"AWS_REGION=" + o.world.Management().Region(),
	}
}

// hubUser returns the user whose credentials clients start from: the first of
// the management account.
func (o *Organization) hubUser() identity {
	account := o.world.Management()
	user, _ := account.Day(o.cfg.Start).User(0)
	return identity{
		account: account, ref: world.Ref{Kind: world.KindUser}, arn: user.ARN, id: user.ID, principal: user.ARN,
	}
}
