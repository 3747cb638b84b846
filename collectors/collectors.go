// Package collectors schedules and runs collection passes: a Scheduler hands
// out one job per account and interval, a Worker takes a job, opens a run, lets
// a Source read the account, and closes the run.
//
// The contract between the three is this file. The package knows JetStream and
// the events of schemas/event; it knows no AWS. Where accounts come from and
// what they hold is for the packages below it:
//
//	collectors/aws     an organization, or one account, through AWS's APIs
//	collectors/export  an account's saved authorization details
//
// What the package promises of every run:
//
//   - A document is durable before any event that names it.
//   - The closing event is published after all other events are durable, and
//     counts them by kind. A run that lacks something says so: as a problem with
//     a state and a reason when it is a part, as failed when it is the whole.
//   - Every delivery of a job is a run of its own, so what an attempt that died
//     has published never counts for the next one.
//   - An account is never held in memory as a whole: events leave in batches
//     bounded by number, bytes and age.
package collectors

import (
	"context"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/leastwise/leastwise/schemas/event"
)

// Source reads accounts.
type Source interface {
	// Collect reads the account that run.Job() names and emits everything that
	// it sees into run, piece by piece.
	//
	// A part that cannot be had goes to run.Problem and does not end the pass.
	// An error says that the account as a whole cannot be read; the job is then
	// tried again, unless the error is marked Permanent. Its text becomes the
	// run's reason, so it is one sentence that says what to do.
	Collect(ctx context.Context, run *Run) error
}

// Account is an account to collect.
type Account struct {
	// ID is the 12-digit account id.
	ID string
	// Name is the account's name in its organization; empty when unknown.
	Name string
	// Partition is the AWS partition ("aws", "aws-cn", "aws-us-gov").
	Partition string
	// AssumeRole says whether a role in the account has to be assumed.
	AssumeRole bool
	// JoinedAt is when the account joined the organization; zero when unknown.
	JoinedAt time.Time
	// Organization is the account's, shared by all of them; nil when the account
	// is read by itself.
	Organization *Organization
	// Controls are the service control policies that limit the account.
	Controls Controls
}

// Accounts says which accounts there are to collect.
type Accounts interface {
	// List returns the accounts, each once. Its error is one sentence that says
	// what to do.
	List(ctx context.Context) ([]Account, error)
}

// Event is one of event.Account, User, Group, Role, Policy, Access and
// Credential, by value.
type Event interface {
	Validate() error
	EventID(event.Kind) string
}

// Publisher stores messages durably; bus.Publisher is one.
type Publisher interface {
	// Publish returns once the messages' stream has them all. It may send a
	// message twice; its Nats-Msg-Id makes that one.
	Publish(ctx context.Context, msgs ...*nats.Msg) error
}
