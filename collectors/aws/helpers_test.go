package aws_test

import (
	"context"
	"slices"
	"testing"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"

	"github.com/leastwise/leastwise/collectors"
	"github.com/leastwise/leastwise/collectors/aws"
	"github.com/leastwise/leastwise/collectors/internal/natstest"
	"github.com/leastwise/leastwise/internal/awssim"
	"github.com/leastwise/leastwise/internal/awssim/awssimtest"
	"github.com/leastwise/leastwise/internal/bus"
	"github.com/leastwise/leastwise/schemas/event"
)

// fixture is a simulated organization, a NATS, and the configuration of a
// collector between them.
type fixture struct {
	org  *awssim.Organization
	base awssdk.Config
	js   jetstream.JetStream
	cfg  aws.Config
}

// start returns a small organization and a collector without patience.
func start(t testing.TB, change func(*awssim.Config)) *fixture {
	t.Helper()
	cfg := awssim.DefaultConfig()
	cfg.Accounts = 2
	if change != nil {
		change(&cfg)
	}
	org, base := awssimtest.Start(t, cfg)
	f := &fixture{org: org, base: base, js: natstest.Start(t), cfg: aws.DefaultConfig()}
	f.cfg.Organization = true
	f.cfg.ExternalID = cfg.ExternalID
	f.cfg.Rate, f.cfg.AdvisorRate = 100_000, 100_000
	f.cfg.PollInterval = time.Millisecond
	f.cfg.MaxBackoff = 5 * time.Millisecond
	return f
}

// account is the n-th active account; 0 is the management account.
func (f *fixture) account(n int) string {
	for a := range f.org.World().Accounts(n) {
		return a.ID()
	}
	return ""
}

func (f *fixture) list(t testing.TB) []collectors.Account {
	t.Helper()
	accounts, err := aws.NewAccounts(f.cfg, f.base, collectors.NewMetrics(nil)).List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return accounts
}

func (f *fixture) job(t testing.TB, id string) event.Job {
	t.Helper()
	accounts := f.list(t)
	i := slices.IndexFunc(accounts, func(a collectors.Account) bool { return a.ID == id })
	if i < 0 {
		t.Fatalf("account %s is not listed", id)
	}
	job, err := f.scheduler().Job(t.Context(), accounts[i], f.org.Now())
	if err != nil {
		t.Fatal(err)
	}
	return job
}

func (f *fixture) scheduler() *collectors.Scheduler {
	return collectors.NewScheduler(collectors.DefaultSchedulerConfig(), collectors.SchedulerDependencies{
		JetStream: f.js, Accounts: aws.NewAccounts(f.cfg, f.base, collectors.NewMetrics(nil)), Metrics: collectors.NewMetrics(nil), Log: zap.NewNop(),
	})
}

func (f *fixture) emitter() *collectors.Emitter {
	return collectors.NewEmitter(collectors.Dependencies{
		JetStream: f.js, Publisher: bus.NewPublisher(f.js, zap.NewNop()), Metrics: collectors.NewMetrics(nil), Log: zap.NewNop(), Now: f.org.Now,
	})
}

// collect makes one run over an account and returns what became of it, and the
// cause when it failed.
func (f *fixture) collect(t testing.TB, id string) (collectors.Summary, error) {
	t.Helper()
	return f.collectJob(t, t.Context(), f.job(t, id))
}

func (f *fixture) collectJob(t testing.TB, ctx context.Context, job event.Job) (collectors.Summary, error) {
	t.Helper()
	run, err := f.emitter().Open(t.Context(), collectors.Pass{Job: job, Attempt: 1, Source: event.SourceAWS})
	if err != nil {
		t.Fatal(err)
	}
	cause := aws.NewSource(f.cfg, f.base).Collect(ctx, run)
	s, err := run.Close(ctx, cause)
	if err != nil {
		t.Fatal(err)
	}
	return s, cause
}

// inject adds a fault to the organization.
func (f *fixture) inject(t testing.TB, fault awssim.Fault) {
	t.Helper()
	if err := f.org.Inject(fault); err != nil {
		t.Fatal(err)
	}
}

// calls are the calls to an action in an account so far.
func (f *fixture) calls(account, action string) int {
	return f.org.Calls()[awssim.Call{Account: account, Action: action}]
}
