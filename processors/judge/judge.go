package judge

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/leastwise/leastwise/catalog/risk"
	"github.com/leastwise/leastwise/internal/bus"
	"github.com/leastwise/leastwise/internal/pause"
	"github.com/leastwise/leastwise/schemas/event"
	"github.com/leastwise/leastwise/schemas/stream"
)

// Stage is the name of this stage in dead letters, and of its consumer of RAW.
const Stage = "judge"

// Filter are the subjects of RAW that this stage consumes: runs.
const Filter = "iam.raw.*.run.*.*"

// Dependencies are what a Judge works with.
type Dependencies struct {
	JetStream jetstream.JetStream
	Documents Documents
	Rules     *risk.Rules
	// Exclusions are what is not judged; nil for the default.
	Exclusions *risk.Exclusions
	Metrics    prometheus.Registerer
	Log        *zap.Logger
}

// Judge judges the runs of RAW into ENRICHED.
type Judge struct {
	deps      Dependencies
	cfg       Config
	name      string
	publisher *bus.Publisher
	log       *zap.Logger
	metrics   *metrics

	// Their streams and buckets are set by Run.
	raw       jetstream.Stream
	documents jetstream.KeyValue
	surfaces  surfaces
}

// New returns a judge; Run starts it.
func New(d Dependencies, c Config) *Judge {
	log := d.Log.Named(Stage)
	return &Judge{
		deps: d, cfg: c, name: nameOf(d, c), publisher: bus.NewPublisher(d.JetStream, log), log: log, metrics: newMetrics(d.Metrics),
		surfaces: surfaces{log: log},
	}
}

// Run judges until ctx ends, and then returns nil. It returns an error when streams
// or buckets do not exist.
func (j *Judge) Run(ctx context.Context) error {
	if err := j.open(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	consumer := bus.DefaultConsumerConfig()
	consumer.Stage, consumer.Stream, consumer.Durable, consumer.Filter = Stage, stream.Raw, Stage, Filter
	// One at a time, over all processes: see the package comment.
	consumer.Batch, consumer.Workers, consumer.MaxAckPending = 1, 1, 1
	return bus.NewConsumer(j.deps.JetStream, consumer, j.handle, j.log).Run(ctx)
}

func (j *Judge) open(ctx context.Context) error {
	var err error
	if j.raw, err = j.deps.JetStream.Stream(ctx, stream.Raw); errors.Is(err, jetstream.ErrStreamNotFound) {
		err = bus.ErrNotMigrated
	}
	if err != nil {
		return fmt.Errorf("open stream %s: %w", stream.Raw, err)
	}
	for name, into := range map[string]*jetstream.KeyValue{stream.DocumentBucket: &j.documents, stream.SurfaceBucket: &j.surfaces.bucket} {
		if *into, err = j.deps.JetStream.KeyValue(ctx, name); errors.Is(err, jetstream.ErrBucketNotFound) {
			err = bus.ErrNotMigrated
		}
		if err != nil {
			return fmt.Errorf("open bucket %s: %w", name, err)
		}
	}
	return nil
}

func (j *Judge) handle(ctx context.Context, batch []jetstream.Msg) []error {
	errs := make([]error, len(batch))
	for i, m := range batch {
		errs[i] = j.message(ctx, m)
	}
	return errs
}

// message judges the run that a message closes.
func (j *Judge) message(ctx context.Context, m jetstream.Msg) error {
	var run event.Run
	err := json.Unmarshal(m.Data(), &run)
	if err == nil {
		err = run.Validate()
	}
	if err != nil {
		return bus.Poison(fmt.Errorf("read run event: %w", err))
	}
	if run.Phase != event.PhaseClosed || run.Status == event.RunFailed {
		return nil
	}
	meta, err := m.Metadata()
	if err != nil {
		return fmt.Errorf("read metadata: %w", err)
	}
	return j.patiently(ctx, &run, func(ctx context.Context) error { return j.judge(ctx, &run, m.Subject(), meta.Sequence.Stream) })
}

const (
	// firstRetry and lastRetry bound the growing delay between attempts.
	firstRetry = 250 * time.Millisecond
	lastRetry  = 10 * time.Second
	// doubts is how often a document may be absent before it is given up on: a
	// replica of the bucket may be behind.
	doubts = 5
)

// patiently waits out a server that is away, which is no fault of the run. What is
// the run's own fault is poison.
func (j *Judge) patiently(ctx context.Context, run *event.Run, do func(ctx context.Context) error) error {
	absent := 0
	for delay := firstRetry; ; delay = min(2*delay, lastRetry) {
		err := do(ctx)
		switch {
		case err == nil || bus.IsPoison(err):
			return err
		case errors.Is(err, errGone):
			return bus.Poison(err)
		case errors.Is(err, ErrNoDocument):
			if absent++; absent == doubts {
				return bus.Poison(err)
			}
		}
		j.log.Warn("judge again", zap.String("run", run.Run), zap.Duration("delay", delay), zap.Error(err))
		if !pause.For(ctx, delay) {
			return err
		}
	}
}
