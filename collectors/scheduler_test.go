package collectors_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/leastwise/leastwise/collectors"
	"github.com/leastwise/leastwise/collectors/internal/natstest"
	"github.com/leastwise/leastwise/schemas/event"
	"github.com/leastwise/leastwise/schemas/stream"
)

// accountsFunc is an Accounts.
type accountsFunc func(ctx context.Context) ([]collectors.Account, error)

func (f accountsFunc) List(ctx context.Context) ([]collectors.Account, error) { return f(ctx) }

func accounts(n int) accountsFunc {
	return func(context.Context) ([]collectors.Account, error) {
		var list []collectors.Account
		for i := range n {
			list = append(list, collectors.Account{ID: fmt.Sprintf("%012d", i+1), Name: "a", Partition: "aws-cn", AssumeRole: true, JoinedAt: at})
		}
		return list, nil
	}
}

func newScheduler(js jetstream.JetStream, cfg collectors.SchedulerConfig, a collectors.Accounts, now time.Time) *collectors.Scheduler {
	return collectors.NewScheduler(cfg, collectors.SchedulerDependencies{
		JetStream: js, Accounts: a, Metrics: collectors.NewMetrics(nil), Log: zap.NewNop(), Now: func() time.Time { return now },
	})
}

func schedule(t *testing.T, s *collectors.Scheduler, at time.Time) collectors.Round {
	t.Helper()
	round, err := s.Schedule(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	return round
}

func TestSchedulersAtOnceScheduleOnce(t *testing.T) {
	t.Parallel()
	js := natstest.Start(t)
	cfg := collectors.DefaultSchedulerConfig()
	one, two := newScheduler(js, cfg, accounts(3), at), newScheduler(js, cfg, accounts(3), at)
	if got := schedule(t, one, at); got != (collectors.Round{Published: 3}) {
		t.Errorf("first: %+v", got)
	}
	if got := schedule(t, two, at); got != (collectors.Round{Known: 3}) {
		t.Errorf("second: %+v", got)
	}
	jobs := natstest.Stored(t, js, stream.Jobs)
	if len(jobs) != 3 {
		t.Fatalf("%d jobs", len(jobs))
	}
	var job event.Job
	if err := json.Unmarshal(jobs[0].Data, &job); err != nil {
		t.Fatal(err)
	}
	want := event.Job{ID: "20260601T000000Z-000000000001", Account: "000000000001", Name: "a", Partition: "aws-cn", AssumeRole: true, At: at, JoinedAt: at}
	if !reflect.DeepEqual(job, want) || jobs[0].Header.Get(jetstream.MsgIDHeader) != job.ID {
		t.Errorf("%+v", job)
	}
}

func TestAccountWithAJobGetsNoSecond(t *testing.T) {
	t.Parallel()
	js := natstest.Start(t)
	s := newScheduler(js, collectors.DefaultSchedulerConfig(), accounts(2), at)
	schedule(t, s, at)
	if got := schedule(t, s, at.Add(24*time.Hour)); got != (collectors.Round{Pending: 2}) {
		t.Errorf("%+v", got)
	}
	if jobs := natstest.Stored(t, js, stream.Jobs); len(jobs) != 2 {
		t.Errorf("%d jobs", len(jobs))
	}
}

// JOBS forgets the ids of jobs that are done when its server starts again, and here
// has never seen them.
func TestIntervalThatWasCollectedIsNotCollectedAgain(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		end  func(*testing.T, *collectors.Run)
		at   time.Time // of the job of the run
		late time.Duration
		want string
	}{
		"complete":      {func(t *testing.T, r *collectors.Run) { closed(t, r, nil) }, at, 0, "known"},
		"observed late": {func(t *testing.T, r *collectors.Run) { closed(t, r, nil) }, at, 13 * time.Hour, "known"},
		"partial": {func(t *testing.T, r *collectors.Run) {
			r.Problem("ListUsers", event.StateThrottled, "slow")
			closed(t, r, nil)
		}, at, 0, "known"},
		"failed":            {func(t *testing.T, r *collectors.Run) { closed(t, r, errors.New("denied")) }, at, 0, "published"},
		"never closed":      {func(*testing.T, *collectors.Run) {}, at, 0, "published"},
		"of the day before": {func(t *testing.T, r *collectors.Run) { closed(t, r, nil) }, at.Add(-24 * time.Hour), 24 * time.Hour, "published"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			js := natstest.Start(t)
			j := event.NewJob(account, tc.at)
			j.Partition, j.At = "aws", tc.at.Add(tc.late)
			run, err := newEmitter(js).Open(t.Context(), collectors.Pass{Job: j, Attempt: 1, Source: event.SourceAWS})
			if err != nil {
				t.Fatal(err)
			}
			tc.end(t, run)
			reg := prometheus.NewRegistry()
			s := collectors.NewScheduler(collectors.DefaultSchedulerConfig(), collectors.SchedulerDependencies{
				JetStream: js, Metrics: collectors.NewMetrics(reg), Log: zap.NewNop(),
				Accounts: accountsFunc(func(context.Context) ([]collectors.Account, error) {
					return []collectors.Account{{ID: account, Partition: "aws"}}, nil
				}),
				Now: func() time.Time { return at.Add(time.Hour) },
			})
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- s.Run(ctx) }()
			result := ""
			for result == "" {
				time.Sleep(5 * time.Millisecond)
				for name := range gathered(t, reg) {
					if of, ok := strings.CutPrefix(name, "leastwise_schedule_jobs_total "); ok {
						result = of
					}
				}
			}
			cancel()
			if err := <-ended; err != nil || result != tc.want {
				t.Errorf("%s, want %s: %v", result, tc.want, err)
			}
		})
	}
}

// Asking for a stream is a request; an organization has thousands of accounts.
func TestARoundOpensRawOnce(t *testing.T) {
	t.Parallel()
	js := natstest.Start(t)
	opened, err := js.Conn().SubscribeSync("$JS.API.STREAM.INFO." + stream.Raw)
	if err != nil {
		t.Fatal(err)
	}
	reg := prometheus.NewRegistry()
	s := collectors.NewScheduler(collectors.DefaultSchedulerConfig(), collectors.SchedulerDependencies{
		JetStream: js, Accounts: accounts(5), Metrics: collectors.NewMetrics(reg), Log: zap.NewNop(),
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	for gathered(t, reg)["leastwise_schedule_jobs_total published"] < 5 {
		time.Sleep(5 * time.Millisecond)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if err := js.Conn().Flush(); err != nil {
		t.Fatal(err)
	}
	if n, _, err := opened.Pending(); n != 1 || err != nil {
		t.Errorf("RAW was opened %d times: %v", n, err)
	}
}

func TestOnceSchedulesNow(t *testing.T) {
	t.Parallel()
	js := natstest.Start(t)
	now := at.Add(5*time.Hour + 7*time.Second)
	cfg := collectors.DefaultSchedulerConfig()
	cfg.Once = true
	if err := newScheduler(js, cfg, accounts(1), now).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if jobs := natstest.Stored(t, js, stream.Jobs); len(jobs) != 1 || !strings.Contains(string(jobs[0].Data), "2026-06-01T05:00:07Z") {
		t.Errorf("%d jobs: %s", len(jobs), jobs[0].Data)
	}
}

func TestSchedulerRunsUntilStopped(t *testing.T) {
	t.Parallel()
	js := natstest.Start(t)
	ctx, cancel := context.WithCancel(t.Context())
	listed := func(ctx context.Context) ([]collectors.Account, error) {
		defer cancel()
		return accounts(1)(ctx)
	}
	if err := newScheduler(js, collectors.DefaultSchedulerConfig(), accountsFunc(listed), at.Add(time.Hour)).Run(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestSchedulerGoesOnFromIntervalToIntervalAndAfterFailures(t *testing.T) {
	t.Parallel()
	js := natstest.Start(t)
	ctx, cancel := context.WithCancel(t.Context())
	rounds := 0
	listed := func(ctx context.Context) ([]collectors.Account, error) {
		switch rounds++; rounds {
		case 2, 3:
			return nil, errors.New("list accounts: throttled")
		case 6:
			cancel()
		}
		return accounts(1)(ctx)
	}
	s := collectors.NewScheduler(collectors.SchedulerConfig{Interval: 20 * time.Millisecond}, collectors.SchedulerDependencies{
		JetStream: js, Accounts: accountsFunc(listed), Metrics: collectors.NewMetrics(nil), Log: zap.NewNop(),
	})
	if err := s.Run(ctx); err != nil || rounds < 6 {
		t.Errorf("%d rounds: %v", rounds, err)
	}
}

func TestFirstRoundsFailureEndsTheScheduler(t *testing.T) {
	t.Parallel()
	denied := errors.New("list accounts: denied")
	failing := accountsFunc(func(context.Context) ([]collectors.Account, error) { return nil, denied })
	invalid := accountsFunc(func(context.Context) ([]collectors.Account, error) { return []collectors.Account{{ID: "1"}}, nil })
	for name, tc := range map[string]struct {
		accounts collectors.Accounts
		without  string
		want     string
	}{
		"accounts cannot be listed": {failing, "", "list accounts: denied"},
		"account is not valid":      {invalid, "", "not a 12-digit account id"},
		"streams do not exist":      {accounts(1), stream.Jobs, "leastwise migrate"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			js := natstest.Start(t)
			if tc.without != "" {
				if err := js.DeleteStream(t.Context(), tc.without); err != nil {
					t.Fatal(err)
				}
			}
			err := newScheduler(js, collectors.DefaultSchedulerConfig(), tc.accounts, at).Run(t.Context())
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestScheduleIntervalIsChecked(t *testing.T) {
	t.Parallel()
	if err := collectors.DefaultSchedulerConfig().Validate(); err != nil {
		t.Error(err)
	}
	if err := (collectors.SchedulerConfig{Interval: time.Second}).Validate(); err == nil {
		t.Error("an interval of a second passed")
	}
}

func TestMetricsCountJobsByResult(t *testing.T) {
	t.Parallel()
	js := natstest.Start(t)
	reg := prometheus.NewRegistry()
	s := collectors.NewScheduler(collectors.DefaultSchedulerConfig(), collectors.SchedulerDependencies{
		JetStream: js, Accounts: accounts(2), Metrics: collectors.NewMetrics(reg), Log: zap.NewNop(),
	})
	schedule(t, s, at)
	schedule(t, s, at)
	if got := gathered(t, reg); got["leastwise_schedule_jobs_total published"] != 2 || got["leastwise_schedule_jobs_total known"] != 2 {
		t.Errorf("%v", got)
	}
}
