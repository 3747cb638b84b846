package integration

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/leastwise/leastwise/internal/awssim"
	"github.com/leastwise/leastwise/processors/enrich"
	"github.com/leastwise/leastwise/processors/judge"
	"github.com/leastwise/leastwise/schemas/event"
	"github.com/leastwise/leastwise/schemas/stream"
	"github.com/leastwise/leastwise/sinks/clickhouse"
)

func TestTheTablesHoldExactlyWhatTheOrganizationIs(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	days := r.days(6)
	r.running(workers{1, 1, 1}, func(ctx context.Context) { r.collect(ctx, days) })
	f := r.fold(days)
	ctx := t.Context()
	f.compare(ctx, r.reader)
	equal(t, "grants", f.grantRows(), table(ctx, t, r.reader, grantQuery))
	r.checkRuns(ctx, 3*len(days), f)
	r.checkCurrent(ctx, r.fold(days[len(days)-1:]))
	if n := r.messages(ctx, stream.Dead); n != 0 {
		t.Errorf("%d dead letters, want none", n)
	}
}

// checkRuns checks that every run is complete and that its counts are the fold's.
func (r *rig) checkRuns(ctx context.Context, runs int, f *fold) {
	r.t.Helper()
	if n := one(ctx, r.t, r.reader, "SELECT countIf(status = 'complete') FROM run_status"); n != int64(runs) {
		r.t.Errorf("%d runs are complete, want %d", n, runs)
	}
	if n := one(ctx, r.t, r.reader, "SELECT count() FROM run_status"); n != int64(runs) {
		r.t.Errorf("there are %d runs, want %d", n, runs)
	}
	if n := one(ctx, r.t, r.reader, "SELECT countIf(is_judged) FROM run_status"); n != int64(runs) {
		r.t.Errorf("%d runs are judged, want %d", n, runs)
	}
	for kind, want := range f.expected {
		for _, column := range []string{"expected", "received"} {
			n := one(ctx, r.t, r.reader, fmt.Sprintf("SELECT sum(%s['%s']) FROM run_status", column, kind))
			if n != want {
				r.t.Errorf("runs %s %d of kind %s, want %d", column, n, kind, want)
			}
		}
	}
}

// checkCurrent checks the current state against the last day's.
func (r *rig) checkCurrent(ctx context.Context, last *fold) {
	r.t.Helper()
	var want, got int64
	for _, kind := range []event.Kind{event.KindUser, event.KindGroup, event.KindRole, event.KindPolicy} {
		want = last.expected[kind]
		got = one(ctx, r.t, r.reader, fmt.Sprintf("SELECT count() FROM entities_current WHERE kind = '%s'", kind))
		if got != want {
			r.t.Errorf("entities_current has %d of kind %s, want %d", got, kind, want)
		}
		plural := map[event.Kind]string{"user": "users", "group": "groups", "role": "roles", "policy": "customer_policies + aws_policies"}[kind]
		got = one(ctx, r.t, r.reader, fmt.Sprintf("SELECT sum(%s) FROM account_daily WHERE day = (SELECT max(day) FROM account_daily)", plural))
		if got != want {
			r.t.Errorf("account_daily has %d of kind %s on the last day, want %d", got, kind, want)
		}
	}
	equal(r.t, "entities_current", last.entityRows(), table(ctx, r.t, r.reader, strings.Replace(entityQuery, "entities FINAL", "entities_current", 1)))
	equal(r.t, "entities_as_of", last.entityRows(), table(ctx, r.t, r.reader, strings.Replace(entityQuery, "entities FINAL",
		fmt.Sprintf("entities_as_of(at = '%s')", r.org.Now().Format("2006-01-02 15:04:05")), 1)))
}

func TestTwoOfEachWorkerGiveTheSameTables(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	days := r.days(3)
	r.running(workers{2, 2, 2}, func(ctx context.Context) { r.collect(ctx, days) })
	f := r.fold(days)
	f.compare(t.Context(), r.reader)
	r.checkRuns(t.Context(), 3*len(days), f)
}

func TestEveryEventDeliveredTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	days := r.days(3)
	r.running(workers{1, 1, 1}, func(ctx context.Context) { r.collect(ctx, days) })
	r.again(t.Context(), stream.Raw, enrich.Stage, judge.Stage)
	r.again(t.Context(), stream.Enriched, clickhouse.Stage)
	r.running(workers{0, 1, 1}, r.drain)
	f := r.fold(days)
	f.compare(t.Context(), r.reader)
	equal(t, "grants", f.grantRows(), table(t.Context(), t, r.reader, grantQuery))
	r.checkRuns(t.Context(), 3*len(days), f)
}

// again makes a stream deliver everything that it holds once more, by forgetting
// its consumers, and copies its messages under other ids, so that the next stream
// takes them for new.
func (r *rig) again(ctx context.Context, name string, consumers ...string) {
	r.t.Helper()
	s, err := r.js.Stream(ctx, name)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, consumer := range consumers {
		if err := s.DeleteConsumer(ctx, consumer); err != nil {
			r.t.Fatal(err)
		}
	}
	state := s.CachedInfo().State
	for seq := state.FirstSeq; seq <= state.LastSeq; seq++ {
		m, err := s.GetMsg(ctx, seq)
		if err != nil {
			r.t.Fatal(err)
		}
		tokens := strings.Split(m.Subject, ".")
		copied := stream.NewMessage(strings.Join(append(tokens[:2:2], tokens[3:]...), "."), m.Header.Get(stream.HeaderType), "again",
			fmt.Sprintf("again.%d", seq), m.Time, m.Data)
		if _, err := r.js.PublishMsgAsync(copied, jetstream.WithStallWait(patience)); err != nil {
			r.t.Fatal(err)
		}
	}
	select {
	case <-r.js.PublishAsyncComplete():
	case <-ctx.Done():
		r.t.Fatal(ctx.Err())
	}
}

func TestCollectingTheSameDaysAgainChangesNothingButTheRuns(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *awssim.Config) { c.Accounts = 2 })
	days := r.days(2)
	for range 2 {
		r.forgetJobs(t.Context())
		r.running(workers{1, 1, 1}, func(ctx context.Context) { r.collect(ctx, days) })
	}
	ctx := t.Context()
	f := r.fold(days)
	if n := one(ctx, t, r.reader, "SELECT countIf(status = 'complete') FROM run_status"); n != 2*2*2 {
		t.Errorf("%d runs are complete, want 8", n)
	}
	equal(t, "entities", f.entityRows(), table(ctx, t, r.reader, entityQuery))
	equal(t, "last_accessed", f.accessRows(), table(ctx, t, r.reader, accessQuery))
	// Each run has its rows of the credential report; they say the same.
	equal(t, "credentials", f.credentials.sorted(), table(ctx, t, r.reader, strings.Replace(credentialQuery, "SELECT", "SELECT DISTINCT", 1)))
	equal(t, "documents", f.documentRows(), table(ctx, t, r.reader, documentQuery))
	equal(t, "grants", f.grantRows(), table(ctx, t, r.reader, grantQuery))
	r.checkCurrent(ctx, r.fold(days[1:]))
}

// forgetJobs makes JOBS forget the ids of the jobs that it has seen: somebody
// collects the same days by hand.
func (r *rig) forgetJobs(ctx context.Context) {
	r.t.Helper()
	if err := r.js.DeleteStream(ctx, stream.Jobs); err != nil {
		r.t.Fatal(err)
	}
	for _, cfg := range stream.Streams(stream.DefaultLimits()) {
		if cfg.Name == stream.Jobs {
			if _, err := r.js.CreateStream(ctx, cfg); err != nil {
				r.t.Fatal(err)
			}
		}
	}
}

func TestOneAccountsFailureIsItsOwnAndIsShown(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	var ids []string
	for a := range r.org.World().Accounts(0) {
		ids = append(ids, a.ID())
	}
	for _, f := range []awssim.Fault{
		{Account: ids[1], Action: "sts:AssumeRole", Kind: awssim.FaultAccessDenied, Probability: 1},
		{Account: ids[2], Action: "iam:GenerateServiceLastAccessedDetails", Kind: awssim.FaultAccessDenied, Nth: 3},
	} {
		if err := r.org.Inject(f); err != nil {
			t.Fatal(err)
		}
	}
	r.running(workers{1, 1, 1}, func(ctx context.Context) { r.collect(ctx, r.days(1)) })
	for account, want := range map[string]string{ids[0]: "complete", ids[1]: "failed", ids[2]: "partial"} {
		var status, reason string
		if err := r.reader.QueryRow(t.Context(), "SELECT status, reason FROM run_status WHERE account = $1", account).Scan(&status, &reason); err != nil {
			t.Fatal(err)
		}
		if status != want || (reason == "") != (want == "complete") {
			t.Errorf("the run of %s is %s because %q, want %s", account, status, reason, want)
		}
	}
}

func TestAMalformedEventEndsInTheDeadLettersAndTheRestGoesOn(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *awssim.Config) { c.Accounts = 1 })
	bad := map[string]string{
		stream.RawSubject(event.KindRole, "111122223333", "AROABAD"): `{"run":`,
		stream.EnrichedSubject(event.KindRole, "111122223333", "X"):  `{"name":"'); DROP TABLE entities; --"}`,
	}
	r.running(workers{1, 1, 1}, func(ctx context.Context) {
		for subject, payload := range bad {
			if _, err := r.js.Publish(ctx, subject, []byte(payload)); err != nil {
				t.Fatal(err)
			}
		}
		r.collect(ctx, r.days(1))
	})
	ctx := t.Context()
	r.fold(r.days(1)).compare(ctx, r.reader)
	for subject, payload := range bad {
		want := strings.Join(strings.Split(payload, "'"), "\\'")
		if n := one(ctx, t, r.reader, fmt.Sprintf("SELECT count() FROM dead_letters FINAL WHERE payload = '%s' AND reason != ''", want)); n != 1 {
			t.Errorf("%d dead letters of %s, want 1", n, subject)
		}
	}
}

func TestAnEventThatIsLostMakesItsRunPartial(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *awssim.Config) { c.Accounts = 1 })
	r.running(workers{collectors: 1}, func(ctx context.Context) {
		r.scheduleOnly(ctx, r.days(1)[0])
	})
	s, err := r.js.Stream(t.Context(), stream.Raw)
	if err != nil {
		t.Fatal(err)
	}
	lost := uint64(0)
	for seq := s.CachedInfo().State.FirstSeq; lost == 0; seq++ {
		m, err := s.GetMsg(t.Context(), seq)
		if err != nil {
			t.Fatal(err)
		}
		if kind, _ := stream.KindOf(m.Subject); kind == event.KindRole {
			lost = seq
		}
	}
	if err := s.DeleteMsg(t.Context(), lost); err != nil {
		t.Fatal(err)
	}
	r.running(workers{processors: 1, sinks: 1}, r.drain)
	var status, reason string
	if err := r.reader.QueryRow(t.Context(), "SELECT status, reason FROM run_status").Scan(&status, &reason); err != nil {
		t.Fatal(err)
	}
	if status != "partial" || !strings.Contains(reason, "differ") {
		t.Errorf("the run is %s because %q", status, reason)
	}
	if n := one(t.Context(), t, r.reader, "SELECT count() FROM entities_current"); n != 0 {
		t.Errorf("a partial run makes the current state: %d entities", n)
	}
}
