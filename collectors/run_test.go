package collectors_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/leastwise/leastwise/collectors"
	"github.com/leastwise/leastwise/collectors/internal/natstest"
	"github.com/leastwise/leastwise/internal/bus"
	"github.com/leastwise/leastwise/schemas/event"
	"github.com/leastwise/leastwise/schemas/stream"
)

func TestRunClosesAfterAllItsEventsAndCountsThem(t *testing.T) {
	t.Parallel()
	js := natstest.Start(t)
	run := open(t, newEmitter(js))
	const roles = 2300 // more than two batches
	for i := range roles {
		hash, err := run.Document(t.Context(), fmt.Appendf(nil, `{ "Id" : "%d" }`, i%700))
		if err != nil {
			t.Fatal(err)
		}
		emit(t, run, role(run, i, hash))
	}
	emit(t, run, event.Account{Common: run.Common(account), Partition: "aws"})
	summary := closed(t, run, nil)

	got := natstest.Read(t, js)
	want := map[event.Kind]int64{event.KindRole: roles, event.KindAccount: 1}
	if diff := cmp.Diff(want, summary.Events); diff != "" {
		t.Errorf("summary: %s", diff)
	}
	if len(got.Roles) != roles || len(got.Accounts) != 1 || len(got.Documents) != 700 || summary.Documents != 700 {
		t.Errorf("stored %d roles, %d accounts, %d documents; wrote %d", len(got.Roles), len(got.Accounts), len(got.Documents), summary.Documents)
	}
	msgs := natstest.Stored(t, js, stream.Raw)
	opened, last := decodeRun(t, msgs[0]), decodeRun(t, msgs[len(msgs)-1])
	if opened.Phase != event.PhaseOpened || last.Phase != event.PhaseClosed || last.Status != event.RunComplete {
		t.Errorf("first is %+v, last is %+v", opened, last)
	}
	if diff := cmp.Diff(want, last.Expected); diff != "" {
		t.Errorf("expected: %s", diff)
	}
}

func decodeRun(t *testing.T, m *jetstream.RawStreamMsg) event.Run {
	t.Helper()
	var r event.Run
	if kind, _ := stream.KindOf(m.Subject); kind != event.KindRun {
		t.Fatalf("%s is no run event", m.Subject)
	}
	if err := json.Unmarshal(m.Data, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestDocumentIsDurableBeforeEventsNameIt(t *testing.T) {
	t.Parallel()
	js := natstest.Start(t)
	bucket, err := js.Stream(t.Context(), stream.Documents)
	if err != nil {
		t.Fatal(err)
	}
	inner := bus.NewPublisher(js, zap.NewNop())
	named := 0
	checking := publisherFunc(func(ctx context.Context, msgs ...*nats.Msg) error {
		for _, m := range msgs {
			var r event.Role
			if kind, _ := stream.KindOf(m.Subject); kind != event.KindRole {
				continue
			}
			if err := json.Unmarshal(m.Data, &r); err != nil {
				return err
			}
			if _, err := bucket.GetLastMsgForSubject(ctx, stream.DocumentSubject(r.Policies[0].Document)); err != nil {
				return fmt.Errorf("document of %s: %w", r.Name, err)
			}
			named++
		}
		return inner.Publish(ctx, msgs...)
	})
	run := open(t, emitterWith(js, checking))
	for i := range 1500 {
		hash, err := run.Document(t.Context(), fmt.Appendf(nil, `{"Id":"%d"}`, i))
		if err != nil {
			t.Fatal(err)
		}
		emit(t, run, role(run, i, hash))
	}
	if s := closed(t, run, nil); s.Status != event.RunComplete || named != 1500 {
		t.Errorf("%s with %d documents named: %s", s.Status, named, s.Reason)
	}
}

func TestDocumentIsStoredOnceUntilTheBucketIsNew(t *testing.T) {
	t.Parallel()
	js := natstest.Start(t)
	emitter := newEmitter(js)
	doc := []byte(`{"Statement":[]}`)
	written := func() int64 {
		run := open(t, emitter)
		for range 3 {
			if _, err := run.Document(t.Context(), doc); err != nil {
				t.Fatal(err)
			}
		}
		return closed(t, run, nil).Documents
	}
	first, second := written(), written()
	if err := js.DeleteStream(t.Context(), stream.Documents); err != nil {
		t.Fatal(err)
	}
	if err := bus.Migrate(t.Context(), js, stream.DefaultLimits()); err != nil {
		t.Fatal(err)
	}
	if third := written(); first != 1 || second != 0 || third != 1 {
		t.Errorf("wrote %d, %d and, into the new bucket, %d", first, second, third)
	}
}

func TestEntitySeenTwiceIsOneEvent(t *testing.T) {
	t.Parallel()
	js := natstest.Start(t)
	run := open(t, newEmitter(js))
	first, again := emit(t, run, role(run, 1, "")), emit(t, run, role(run, 1, ""))
	other := emit(t, run, event.Access{Common: run.Common(role(run, 1, "").ID), Entity: event.KindRole, ARN: roleARN(1), State: event.StateOK})
	s := closed(t, run, nil)
	if !first || again || !other || s.Events[event.KindRole] != 1 || s.Events[event.KindAccess] != 1 {
		t.Errorf("fresh: %v, %v, %v; %v", first, again, other, s.Events)
	}
}

func TestWhatCannotBePublishedIsAProblem(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		put   func(t *testing.T, run *collectors.Run)
		part  string
		state event.State
	}{
		"event that is not valid": {func(t *testing.T, run *collectors.Run) {
			r := role(run, 1, "")
			r.ARN = ""
			emit(t, run, r)
		}, "role", event.StateFailed},
		"event over the server's limit": {func(t *testing.T, run *collectors.Run) {
			r := role(run, 1, "")
			r.Tags = map[string]string{"note": strings.Repeat("x", 70_000)}
			emit(t, run, r)
		}, "role", event.StateTruncated},
		"document over the server's limit": {func(t *testing.T, run *collectors.Run) {
			if hash, err := run.Document(t.Context(), []byte(strings.Repeat("x", 70_000))); hash != "" || err != nil {
				t.Errorf("hash %q, error %v", hash, err)
			}
		}, "document", event.StateTruncated},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			js := natstest.Start(t, func(o *server.Options) { o.MaxPayload = 64 << 10 })
			run := open(t, newEmitter(js))
			tc.put(t, run)
			emit(t, run, role(run, 2, ""))
			s := closed(t, run, nil)
			if s.Status != event.RunPartial || len(s.Problems) != 1 || s.Problems[0].Part != tc.part || s.Problems[0].State != tc.state {
				t.Errorf("%s: %+v", s.Status, s.Problems)
			}
			if diff := cmp.Diff(map[event.Kind]int64{event.KindRole: 1}, s.Events); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReportOverTheLimitLosesActionsAndSaysSo(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		used, unused int
		left         int
	}{
		"actions without use go first": {used: 100, unused: 2000, left: 100},
		"then all actions":             {used: 2000, unused: 100, left: 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			js := natstest.Start(t, func(o *server.Options) { o.MaxPayload = 64 << 10 })
			run := open(t, newEmitter(js))
			a := event.Access{Common: run.Common("AROA1"), Entity: event.KindRole, ARN: roleARN(1), State: event.StateOK, Granularity: event.GranularityAction}
			s := event.ServiceAccess{Service: "s3", LastAt: at}
			for i := range tc.used + tc.unused {
				action := event.ActionAccess{Action: fmt.Sprintf("GetSomething%d", i)}
				if i < tc.used {
					action.LastAt = at
				}
				s.Actions = append(s.Actions, action)
			}
			a.Services = []event.ServiceAccess{s}
			emit(t, run, a)
			summary := closed(t, run, nil)
			got := natstest.Read(t, js).Access
			if len(got) != 1 || got[0].State != event.StateTruncated || got[0].Reason == "" {
				t.Fatalf("%+v", got)
			}
			if len(got[0].Services) != 1 || len(got[0].Services[0].Actions) != tc.left {
				t.Errorf("left %d actions", len(got[0].Services[0].Actions))
			}
			if summary.Status != event.RunPartial || summary.Problems[0].State != event.StateTruncated {
				t.Errorf("%+v", summary)
			}
			if len(a.Services[0].Actions) != tc.used+tc.unused {
				t.Error("the caller's report was changed")
			}
		})
	}
}

func TestProblemsAlikeAreCountedTogether(t *testing.T) {
	t.Parallel()
	js := natstest.Start(t)
	run := open(t, newEmitter(js))
	run.Problem("GetPolicy", event.StateThrottled, "first\n cause ")
	run.Problem("GetPolicy", event.StateThrottled, "second cause")
	run.Problem("GetPolicy", event.StateAccessDenied, strings.Repeat("long ", 1000))
	run.Called("GetPolicy")
	run.Called("GetPolicy")
	closed(t, run, nil)
	runs := natstest.Read(t, js).Runs
	got := runs[len(runs)-1]
	if len(got.Problems) != 2 || got.Problems[0].Count != 2 || got.Problems[0].Reason != "first cause" || len(got.Problems[1].Reason) > 700 {
		t.Errorf("%+v", got.Problems)
	}
	if got.Status != event.RunPartial || !maps.Equal(got.Calls, map[string]int64{"GetPolicy": 2}) {
		t.Errorf("%s, %v", got.Status, got.Calls)
	}
}

func TestWhatIsLeftOutOnPurposeLeavesARunWhole(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		controls event.Controls
		also     bool
		want     event.RunStatus
		problems int
	}{
		"controls that are known":       {event.Controls{State: event.StateOK}, false, event.RunComplete, 0},
		"job of before":                 {event.Controls{}, false, event.RunComplete, 0},
		"controls left out":             {event.Controls{State: event.StateNotCollected, Reason: "alone"}, false, event.RunComplete, 1},
		"controls denied":               {event.Controls{State: event.StateAccessDenied, Reason: "denied"}, false, event.RunPartial, 1},
		"controls left out and another": {event.Controls{State: event.StateNotCollected, Reason: "alone"}, true, event.RunPartial, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			js := natstest.Start(t)
			j := job(account)
			j.Controls = tc.controls
			run, err := newEmitter(js).Open(t.Context(), collectors.Pass{Job: j, Attempt: 1, Source: event.SourceAWS})
			if err != nil {
				t.Fatal(err)
			}
			if tc.also {
				run.Problem("GetPolicy", event.StateThrottled, "slow")
			}
			s := closed(t, run, nil)
			if s.Status != tc.want || len(s.Problems) != tc.problems {
				t.Fatalf("%s: %+v", s.Status, s.Problems)
			}
			if tc.problems > 0 && (s.Problems[0].Part != "controls" || s.Problems[0].State != tc.controls.State || s.Problems[0].Reason != tc.controls.Reason) {
				t.Errorf("%+v", s.Problems)
			}
		})
	}
}

func TestFailedRunSaysWhyAndDropsWhatIsBuffered(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		cause error
		end   bool
		want  string
	}{
		"for a reason":       {errors.New("assume role x: denied"), false, "assume role x: denied"},
		"because it stopped": {context.Canceled, true, "the collector was stopped before the run was done"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			js := natstest.Start(t)
			run := open(t, newEmitter(js))
			emit(t, run, role(run, 1, ""))
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if tc.end {
				cancel()
			}
			s, err := run.Close(ctx, tc.cause)
			if err != nil {
				t.Fatal(err)
			}
			got := natstest.Read(t, js)
			if s.Status != event.RunFailed || s.Reason != tc.want || len(got.Runs) != 2 || got.Runs[1].Reason != tc.want || len(got.Roles) != 0 {
				t.Errorf("%+v, stored %d runs and %d roles", s, len(got.Runs), len(got.Roles))
			}
		})
	}
}

func TestRunThatCannotPublishFails(t *testing.T) {
	t.Parallel()
	js := natstest.Start(t)
	inner := bus.NewPublisher(js, zap.NewNop())
	broken := publisherFunc(func(ctx context.Context, msgs ...*nats.Msg) error {
		if kind, _ := stream.KindOf(msgs[0].Subject); kind == event.KindRole {
			return errors.New("publish: broken")
		}
		return inner.Publish(ctx, msgs...)
	})
	run := open(t, emitterWith(js, broken))
	emit(t, run, role(run, 1, ""))
	if s := closed(t, run, nil); s.Status != event.RunFailed || s.Reason != "publish: broken" || s.Events[event.KindRole] != 0 {
		t.Errorf("%+v", s)
	}
}

func TestMetricsCountWhatRunsDo(t *testing.T) {
	t.Parallel()
	js := natstest.Start(t)
	reg := prometheus.NewRegistry()
	emitter := collectors.NewEmitter(collectors.Dependencies{
		JetStream: js, Publisher: bus.NewPublisher(js, zap.NewNop()), Metrics: collectors.NewMetrics(reg), Log: zap.NewNop(),
	})
	run := open(t, emitter)
	hash, err := run.Document(t.Context(), []byte("{}"))
	if err != nil {
		t.Fatal(err)
	}
	emit(t, run, role(run, 1, hash))
	emit(t, run, role(run, 2, hash))
	run.Called("iam:GetPolicy")
	run.Throttled("iam:GetPolicy")
	closed(t, run, nil)
	closed(t, open(t, emitter), errors.New("broken"))
	got := gathered(t, reg)
	for name, want := range map[string]float64{
		"leastwise_collect_events_total role":             2,
		"leastwise_collect_documents_total":               1,
		"leastwise_collect_runs_total complete":           1,
		"leastwise_collect_runs_total failed":             1,
		"leastwise_collect_calls_total iam:GetPolicy":     1,
		"leastwise_collect_throttles_total iam:GetPolicy": 1,
	} {
		if got[name] != want {
			t.Errorf("%s is %g, want %g", name, got[name], want)
		}
	}
}
