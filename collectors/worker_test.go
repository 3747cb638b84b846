package collectors_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"github.com/leastwise/leastwise/collectors"
	"github.com/leastwise/leastwise/collectors/internal/natstest"
	"github.com/leastwise/leastwise/internal/bus"
	"github.com/leastwise/leastwise/schemas/event"
	"github.com/leastwise/leastwise/schemas/stream"
)

func newWorker(js jetstream.JetStream, cfg collectors.WorkerConfig, source collectors.Source) *collectors.Worker {
	return collectors.NewWorker(cfg, collectors.WorkerDependencies{JetStream: js, Emitter: newEmitter(js), Source: source, Log: zap.NewNop()})
}

// runUntil runs the workers until done says so.
func runUntil(t *testing.T, done func() bool, workers ...*collectors.Worker) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var g errgroup.Group
	for _, w := range workers {
		g.Go(func() error { return w.Run(ctx) })
	}
	g.Go(func() error {
		defer cancel()
		for deadline := time.Now().Add(time.Minute); !done(); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				return errors.New("gave up waiting")
			}
		}
		return nil
	})
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
}

func publishJob(t *testing.T, js jetstream.JetStream, account string, data []byte) {
	t.Helper()
	if _, err := js.Publish(t.Context(), stream.JobSubject(account), data); err != nil {
		t.Fatal(err)
	}
}

func publishJobs(t *testing.T, js jetstream.JetStream, accounts ...string) {
	t.Helper()
	for _, a := range accounts {
		data, err := json.Marshal(job(a))
		if err != nil {
			t.Fatal(err)
		}
		publishJob(t, js, a, data)
	}
}

// jobsLeft is a condition that JOBS holds n jobs.
func jobsLeft(t *testing.T, js jetstream.JetStream, n uint64) func() bool {
	s, err := js.Stream(t.Context(), stream.Jobs)
	if err != nil {
		t.Fatal(err)
	}
	return func() bool {
		info, err := s.Info(t.Context())
		return err == nil && info.State.Msgs == n
	}
}

func TestWorkerTriesPassingFailuresAgainAsNewRuns(t *testing.T) {
	t.Parallel()
	passing := errors.New("read account: unreachable")
	for name, tc := range map[string]struct {
		cause func(attempt int) error
		want  []event.RunStatus
	}{
		"success":                {func(int) error { return nil }, []event.RunStatus{event.RunComplete}},
		"passing failure":        {func(n int) error { return map[bool]error{true: passing}[n < 2] }, []event.RunStatus{event.RunFailed, event.RunComplete}},
		"failure that stays":     {func(int) error { return passing }, []event.RunStatus{event.RunFailed, event.RunFailed, event.RunFailed}},
		"failure without remedy": {func(int) error { return collectors.Permanent(errors.New("assume role: denied")) }, []event.RunStatus{event.RunFailed}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			js := natstest.Start(t)
			attempt := 0
			w := newWorker(js, collectors.DefaultWorkerConfig(), sourceFunc(func(ctx context.Context, run *collectors.Run) error {
				attempt++
				if _, err := run.Emit(ctx, role(run, attempt, "")); err != nil {
					return err
				}
				return tc.cause(attempt)
			}))
			publishJobs(t, js, account)
			runUntil(t, jobsLeft(t, js, 0), w)

			ids := map[string]bool{}
			var got []event.RunStatus
			for _, r := range natstest.Read(t, js).Runs {
				if ids[r.Run] = true; r.Phase == event.PhaseClosed {
					got = append(got, r.Status)
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(tc.want) || len(ids) != len(tc.want) {
				t.Errorf("runs ended %v, want %v; ids %v", got, tc.want, ids)
			}
		})
	}
}

func TestWorkerTriesAgainWhatItCouldNotPublishAtTheEnd(t *testing.T) {
	t.Parallel()
	js := natstest.Start(t)
	inner := bus.NewPublisher(js, zap.NewNop())
	refusals := 1
	e := emitterWith(js, publisherFunc(func(ctx context.Context, msgs ...*nats.Msg) error {
		if kind, _ := stream.KindOf(msgs[0].Subject); kind == event.KindRole && refusals > 0 {
			refusals--
			return errors.New("publish: refused")
		}
		return inner.Publish(ctx, msgs...)
	}))
	w := collectors.NewWorker(collectors.DefaultWorkerConfig(), collectors.WorkerDependencies{
		JetStream: js, Emitter: e, Log: zap.NewNop(),
		Source: sourceFunc(func(ctx context.Context, run *collectors.Run) error {
			_, err := run.Emit(ctx, role(run, 1, ""))
			return err
		}),
	})
	publishJobs(t, js, account)
	runUntil(t, jobsLeft(t, js, 0), w)
	var got []event.RunStatus
	for _, r := range natstest.Read(t, js).Runs {
		if r.Phase == event.PhaseClosed {
			got = append(got, r.Status)
		}
	}
	if want := []event.RunStatus{event.RunFailed, event.RunComplete}; !slices.Equal(got, want) {
		t.Errorf("runs ended %v, want %v", got, want)
	}
}

func TestMalformedJobGoesToTheDeadLettersAndTheNextIsDone(t *testing.T) {
	t.Parallel()
	js := natstest.Start(t)
	w := newWorker(js, collectors.DefaultWorkerConfig(), sourceFunc(func(context.Context, *collectors.Run) error { return nil }))
	publishJob(t, js, "1", []byte("{"))
	publishJob(t, js, "2", []byte(`{"account":"12"}`))
	publishJobs(t, js, account)
	runUntil(t, jobsLeft(t, js, 0), w)
	dead := natstest.Stored(t, js, stream.Dead)
	if len(dead) != 2 || len(natstest.Read(t, js).Runs) != 2 {
		t.Fatalf("%d dead letters, %d run events", len(dead), len(natstest.Read(t, js).Runs))
	}
	for _, m := range dead {
		if m.Header.Get(stream.HeaderDeadReason) == "" || m.Header.Get(stream.HeaderDeadStage) != "collect" {
			t.Errorf("%v", m.Header)
		}
	}
}

func TestWorkersShareJobsAndOneFailureStopsNoOther(t *testing.T) {
	t.Parallel()
	js := natstest.Start(t)
	var accounts []string
	for i := range 8 {
		accounts = append(accounts, fmt.Sprintf("%012d", i+1))
	}
	// Both workers must be inside a job at once before either goes on.
	var both sync.WaitGroup
	both.Add(2)
	source := func() collectors.Source {
		var first sync.Once
		return sourceFunc(func(_ context.Context, run *collectors.Run) error {
			first.Do(func() { both.Done(); both.Wait() })
			if run.Job().Account == accounts[3] {
				return collectors.Permanent(errors.New("denied"))
			}
			return nil
		})
	}
	cfg := collectors.DefaultWorkerConfig()
	cfg.Concurrency = 1
	publishJobs(t, js, accounts...)
	runUntil(t, jobsLeft(t, js, 0), newWorker(js, cfg, source()), newWorker(js, cfg, source()))

	status := map[string]event.RunStatus{}
	runs := natstest.Read(t, js).Runs
	for _, r := range runs {
		status[r.Account] = r.Status
	}
	if len(runs) != 16 || len(status) != 8 {
		t.Fatalf("%d run events of %d accounts", len(runs), len(status))
	}
	for a, s := range status {
		if want := map[bool]event.RunStatus{true: event.RunFailed, false: event.RunComplete}[a == accounts[3]]; s != want {
			t.Errorf("%s is %s", a, s)
		}
	}
}

func TestStoppedWorkerGivesItsJobBack(t *testing.T) {
	t.Parallel()
	js := natstest.Start(t)
	publishJobs(t, js, account)
	inside := make(chan struct{})
	cfg := collectors.DefaultWorkerConfig()
	cfg.Concurrency = 1 // so that the job is not given back to the same process
	stopped := newWorker(js, cfg, sourceFunc(func(ctx context.Context, _ *collectors.Run) error {
		close(inside)
		<-ctx.Done()
		return ctx.Err()
	}))
	runUntil(t, func() bool {
		select {
		case <-inside:
			return true
		default:
			return false
		}
	}, stopped)
	other := newWorker(js, collectors.DefaultWorkerConfig(), sourceFunc(func(context.Context, *collectors.Run) error { return nil }))
	runUntil(t, jobsLeft(t, js, 0), other)

	var got []event.RunStatus
	for _, r := range natstest.Read(t, js).Runs {
		got = append(got, r.Status)
	}
	want := []event.RunStatus{event.RunRunning, event.RunFailed, event.RunRunning, event.RunComplete}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v", got)
	}
}

func TestLateJobIsObservedWhenItIsRead(t *testing.T) {
	t.Parallel()
	now := at.Add(72 * time.Hour)
	for name, tc := range map[string]struct {
		after time.Duration
		want  time.Time
	}{
		"too late":       {12 * time.Hour, now},
		"late enough":    {72 * time.Hour, at},
		"never too late": {0, at},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			js := natstest.Start(t)
			e := emitterAt(js, func() time.Time { return now })
			cfg := collectors.DefaultWorkerConfig()
			cfg.StaleAfter = tc.after
			w := collectors.NewWorker(cfg, collectors.WorkerDependencies{JetStream: js, Emitter: e, Log: zap.NewNop(),
				Source: sourceFunc(func(context.Context, *collectors.Run) error { return nil })})
			publishJobs(t, js, account)
			runUntil(t, jobsLeft(t, js, 0), w)
			if got := natstest.Read(t, js).Runs[1]; !got.ObservedAt.Equal(tc.want) || !got.StartedAt.Equal(now) {
				t.Errorf("observed at %s, started at %s", got.ObservedAt, got.StartedAt)
			}
		})
	}
}

func TestWorkerConfigNamesEveryFault(t *testing.T) {
	t.Parallel()
	if err := collectors.DefaultWorkerConfig().Validate(); err != nil {
		t.Error(err)
	}
	err := collectors.WorkerConfig{Concurrency: 0, Attempts: 99, StaleAfter: -1}.Validate()
	if joined, ok := err.(interface{ Unwrap() []error }); !ok || len(joined.Unwrap()) != 3 {
		t.Errorf("%v", err)
	}
}
