package aws_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"github.com/leastwise/leastwise/collectors"
	"github.com/leastwise/leastwise/collectors/aws"
	"github.com/leastwise/leastwise/collectors/internal/natstest"
	"github.com/leastwise/leastwise/internal/awssim"
	"github.com/leastwise/leastwise/schemas/event"
	"github.com/leastwise/leastwise/schemas/stream"
)

// round schedules every account and lets two workers collect them.
func (f *fixture) round(t *testing.T) {
	t.Helper()
	if _, err := f.scheduler().Schedule(t.Context(), f.org.Now()); err != nil {
		t.Fatal(err)
	}
	jobs, err := f.js.Stream(t.Context(), stream.Jobs)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var g errgroup.Group
	for range 2 {
		w := collectors.NewWorker(collectors.DefaultWorkerConfig(), collectors.WorkerDependencies{
			JetStream: f.js, Emitter: f.emitter(), Source: aws.NewSource(f.cfg, f.base), Log: zap.NewNop(),
		})
		g.Go(func() error { return w.Run(ctx) })
	}
	g.Go(func() error {
		defer cancel()
		for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
			if info, err := jobs.Info(ctx); err == nil && info.State.Msgs == 0 {
				return nil
			}
		}
		return errors.New("gave up waiting for the jobs")
	})
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
}

// closedRuns returns the closing events by account, in the order of the runs.
func closedRuns(e natstest.Events) map[string][]event.Run {
	runs := map[string][]event.Run{}
	for _, r := range e.Runs {
		if r.Phase == event.PhaseClosed {
			runs[r.Account] = append(runs[r.Account], r)
		}
	}
	return runs
}

func TestWorkersCollectTheOrganizationDayByDay(t *testing.T) {
	t.Parallel()
	f := start(t, func(c *awssim.Config) { c.Accounts = 4 })
	const days = 3
	for range days {
		f.org.SetNow(f.org.Now().Add(24 * time.Hour))
		f.round(t)
	}
	got := natstest.Read(t, f.js)
	runs := closedRuns(got)
	for _, a := range f.list(t) {
		if len(runs[a.ID]) != days {
			t.Fatalf("%d runs of account %s", len(runs[a.ID]), a.ID)
		}
		account, _ := f.org.Account(a.ID)
		for _, r := range runs[a.ID] {
			if r.Status != event.RunComplete {
				t.Errorf("%s is %s: %+v", r.Run, r.Status, r.Problems)
			}
			job := f.job(t, a.ID)
			job.At = r.ObservedAt
			want := expect(account.Day(r.ObservedAt), collectors.Summary{Run: r.Run}, job, false)
			for hash := range want.Documents {
				if got.Documents[hash] == nil {
					t.Errorf("%s: document %s is not there", r.Run, hash)
				}
			}
			want.Documents = nil
			compare(t, want, ofRun(got, r.Run))
		}
	}
}

// ofRun returns the events of one run, without documents.
func ofRun(e natstest.Events, run string) natstest.Events {
	return natstest.Events{
		Accounts:    only(e.Accounts, func(a event.Account) bool { return a.Run == run }),
		Users:       only(e.Users, func(u event.User) bool { return u.Run == run }),
		Groups:      only(e.Groups, func(g event.Group) bool { return g.Run == run }),
		Roles:       only(e.Roles, func(r event.Role) bool { return r.Run == run }),
		Policies:    only(e.Policies, func(p event.Policy) bool { return p.Run == run }),
		Access:      only(e.Access, func(a event.Access) bool { return a.Run == run }),
		Credentials: only(e.Credentials, func(c event.Credential) bool { return c.Run == run }),
	}
}

func only[E any](all []E, keep func(E) bool) []E {
	return slices.DeleteFunc(slices.Clone(all), func(e E) bool { return !keep(e) })
}

func TestOneAccountsFailureStopsNoOther(t *testing.T) {
	t.Parallel()
	f := start(t, func(c *awssim.Config) { c.Accounts = 3 })
	refused, flaky := f.account(1), f.account(2)
	f.inject(t, awssim.Fault{Account: refused, Action: "sts:AssumeRole", Kind: awssim.FaultAccessDenied})
	// The first attempt uses up all tries of a call.
	f.inject(t, awssim.Fault{Account: flaky, Action: "iam:GetAccountAuthorizationDetails", Kind: awssim.FaultInternal, Times: f.cfg.Attempts})
	f.round(t)
	got := natstest.Read(t, f.js)
	var statuses []event.RunStatus
	runs := closedRuns(got)
	for _, id := range []string{f.account(0), refused, flaky} {
		for _, r := range runs[id] {
			statuses = append(statuses, r.Status)
		}
	}
	want := []event.RunStatus{event.RunComplete, event.RunFailed, event.RunFailed, event.RunComplete}
	if !slices.Equal(statuses, want) || runs[flaky][0].Run == runs[flaky][1].Run {
		t.Errorf("runs ended %v", statuses)
	}
	if f.calls(refused, "sts:AssumeRole") != 1 {
		t.Errorf("a refused role was asked for %d times", f.calls(refused, "sts:AssumeRole"))
	}
}
