package integration

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/risk"
	"github.com/leastwise/leastwise/collectors"
	"github.com/leastwise/leastwise/collectors/aws"
	"github.com/leastwise/leastwise/internal/awssim"
	"github.com/leastwise/leastwise/internal/awssim/awssimtest"
	"github.com/leastwise/leastwise/internal/bus"
	"github.com/leastwise/leastwise/internal/engine"
	"github.com/leastwise/leastwise/internal/engine/enginetest"
	"github.com/leastwise/leastwise/processors/enrich"
	"github.com/leastwise/leastwise/processors/judge"
	"github.com/leastwise/leastwise/schemas/stream"
	"github.com/leastwise/leastwise/sinks/clickhouse"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

// patience bounds every wait of these tests.
const patience = 4 * time.Minute

// rig is the pipeline over a real JetStream, a real ClickHouse and a simulated
// organization.
type rig struct {
	t    testing.TB
	org  *awssim.Organization
	base awssdk.Config
	nc   *nats.Conn
	js   jetstream.JetStream
	db   *enginetest.Database
	// reader is the read-only user's connection.
	reader driver.Conn
}

func newRig(t testing.TB, change func(*awssim.Config)) *rig {
	t.Helper()
	cfg := awssim.DefaultConfig()
	cfg.Accounts, cfg.Users, cfg.Groups, cfg.Roles, cfg.Policies = 3, 5, 2, 12, 8
	if change != nil {
		change(&cfg)
	}
	r := &rig{t: t, db: enginetest.ClickHouse(t)}
	r.org, r.base = awssimtest.Start(t, cfg)
	var err error
	if r.nc, err = nats.Connect(enginetest.NATS(t).ClientURL()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.nc.Close)
	if r.js, err = jetstream.New(r.nc); err != nil {
		t.Fatal(err)
	}
	limits := stream.DefaultLimits()
	limits.RawBytes, limits.EnrichedBytes, limits.DeadBytes = 256<<20, 256<<20, 64<<20
	if err := bus.Migrate(t.Context(), r.js, limits); err != nil {
		t.Fatal(err)
	}
	if err := clickhouse.Migrate(t.Context(), r.db.DSN(engine.Admin), zap.NewNop()); err != nil {
		t.Fatal(err)
	}
	if r.reader, err = clickhouse.Open(t.Context(), r.db.DSN(engine.Reader)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.reader.Close() })
	return r
}

// workers says how many of each stage run.
type workers struct{ collectors, processors, sinks int }

func (r *rig) awsConfig() aws.Config {
	c := aws.DefaultConfig()
	sim := awssim.DefaultConfig()
	c.Organization, c.RoleName, c.ExternalID = true, sim.RoleName, sim.ExternalID
	c.Rate, c.AdvisorRate = 10_000, 10_000
	c.PollInterval, c.MaxBackoff = time.Millisecond, 20*time.Millisecond
	return c
}

// running runs workers while do runs, and stops them.
func (r *rig) running(n workers, do func(ctx context.Context)) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var runs []func(context.Context) error
	for range n.collectors {
		runs = append(runs, r.collector().Run)
	}
	for range n.processors {
		runs = append(runs, r.processor(ctx)...)
	}
	for range n.sinks {
		sink, closeSink := r.sink(ctx)
		defer closeSink()
		runs = append(runs, sink.Run)
	}
	stopped := make(chan error, len(runs))
	work, stop := context.WithCancel(ctx)
	for _, run := range runs {
		go func() { stopped <- run(work) }()
	}
	do(ctx)
	stop()
	for range runs {
		if err := <-stopped; err != nil {
			r.t.Errorf("a worker ended: %v", err)
		}
	}
}

func (r *rig) collector() *collectors.Worker {
	cfg := collectors.DefaultWorkerConfig()
	cfg.StaleAfter = 0
	m := collectors.NewMetrics(prometheus.NewRegistry())
	return collectors.NewWorker(cfg, collectors.WorkerDependencies{
		JetStream: r.js,
		Emitter: collectors.NewEmitter(collectors.Dependencies{
			JetStream: r.js, Publisher: bus.NewPublisher(r.js, zap.NewNop()), Metrics: m, Log: zap.NewNop(),
		}),
		Source: aws.NewSource(r.awsConfig(), r.base),
		Log:    zap.NewNop(),
	})
}

// processor returns the stages of a processor: one that enriches and one that judges.
func (r *rig) processor(ctx context.Context) []func(context.Context) error {
	r.t.Helper()
	c, err := catalog.Open()
	if err != nil {
		r.t.Fatal(err)
	}
	rules, err := risk.Load(c)
	if err != nil {
		r.t.Fatal(err)
	}
	e := enrich.NewEnricher(risk.NewEngine(rules, risk.DefaultOptions()))
	store, err := enrich.OpenStore(ctx, r.js, e, enrich.DefaultConfig().Documents)
	if err != nil {
		r.t.Fatal(err)
	}
	p := enrich.NewProcessor(enrich.Dependencies{
		JetStream: r.js, Enricher: e, Store: store, Metrics: prometheus.NewRegistry(), Log: zap.NewNop(),
	}, enrich.DefaultConfig())
	j := judge.New(judge.Dependencies{
		JetStream: r.js, Documents: store, Rules: rules, Metrics: prometheus.NewRegistry(), Log: zap.NewNop(),
	}, judge.DefaultConfig())
	return []func(context.Context) error{p.Run, j.Run}
}

func (r *rig) sink(ctx context.Context) (*clickhouse.Sink, func()) {
	r.t.Helper()
	conn, err := clickhouse.OpenMigrated(ctx, r.db.DSN(engine.Writer), time.Second, func(error) {})
	if err != nil {
		r.t.Fatal(err)
	}
	s := clickhouse.New(clickhouse.Dependencies{
		JetStream: r.js, Conn: conn, Metrics: prometheus.NewRegistry(), Log: zap.NewNop(),
	}, clickhouse.DefaultConfig())
	return s, func() { _ = conn.Close() }
}

// collect has every account collected for some days, and waits until all of it
// is stored.
func (r *rig) collect(ctx context.Context, days []time.Time) {
	r.t.Helper()
	for _, at := range days {
		r.org.SetNow(at)
		r.scheduleOnly(ctx, at)
	}
	r.drain(ctx)
}

// scheduleOnly has every account collected for a time.
func (r *rig) scheduleOnly(ctx context.Context, at time.Time) {
	r.t.Helper()
	m := collectors.NewMetrics(prometheus.NewRegistry())
	s := collectors.NewScheduler(collectors.DefaultSchedulerConfig(), collectors.SchedulerDependencies{
		JetStream: r.js, Accounts: aws.NewAccounts(r.awsConfig(), r.base, m), Metrics: m, Log: zap.NewNop(),
	})
	if _, err := s.Schedule(ctx, at); err != nil {
		r.t.Fatal(err)
	}
	r.wait(ctx, "the jobs are done", func() bool { return r.messages(ctx, stream.Jobs) == 0 })
}

func (r *rig) messages(ctx context.Context, name string) uint64 {
	r.t.Helper()
	s, err := r.js.Stream(ctx, name)
	if err != nil {
		r.t.Fatal(err)
	}
	return s.CachedInfo().State.Msgs
}

// drain waits until processors and sinks have done all that there is.
func (r *rig) drain(ctx context.Context) {
	r.t.Helper()
	for _, c := range []struct{ stream, consumer, filter string }{
		{stream.Raw, enrich.Stage, "iam.raw.>"}, {stream.Raw, judge.Stage, judge.Filter},
		{stream.Enriched, clickhouse.Stage, "iam.enriched.>"}, {stream.Dead, clickhouse.Stage + "-dead", "iam.dead.>"},
	} {
		r.wait(ctx, c.consumer+" has done all of "+c.stream, func() bool {
			consumer, err := r.js.Consumer(ctx, c.stream, c.consumer)
			if errors.Is(err, jetstream.ErrConsumerNotFound) {
				return false
			}
			if err != nil {
				r.t.Fatal(err)
			}
			return consumer.CachedInfo().AckFloor.Stream >= r.last(ctx, c.stream, c.filter)
		})
	}
}

// last is the sequence of the last message on subjects; 0 if there is none.
func (r *rig) last(ctx context.Context, name, subjects string) uint64 {
	r.t.Helper()
	s, err := r.js.Stream(ctx, name)
	if err != nil {
		r.t.Fatal(err)
	}
	m, err := s.GetLastMsgForSubject(ctx, subjects)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return 0
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return m.Sequence
}

func (r *rig) wait(ctx context.Context, what string, done func() bool) {
	r.t.Helper()
	for !done() {
		if ctx.Err() != nil {
			r.t.Fatalf("waited in vain until %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// days returns n days from the organization's start.
func (r *rig) days(n int) []time.Time {
	var out []time.Time
	for i := range n {
		out = append(out, awssim.DefaultConfig().Start.AddDate(0, 0, i))
	}
	return out
}

// fold folds the organization's true state over some days.
func (r *rig) fold(days []time.Time) *fold {
	f := newFold(r.t)
	for _, at := range days {
		for a := range r.org.World().Accounts(0) {
			if !a.Suspended() {
				f.day(a.Day(at), at)
			}
		}
	}
	return f
}
