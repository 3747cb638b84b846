package collectors

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/spf13/pflag"
	"go.uber.org/zap"

	"github.com/leastwise/leastwise/internal/bus"
	"github.com/leastwise/leastwise/schemas/event"
	"github.com/leastwise/leastwise/schemas/stream"
)

// WorkerConfig says how a worker takes jobs.
type WorkerConfig struct {
	// Concurrency is the number of accounts that the worker reads at once.
	Concurrency int
	// Attempts is how often a job is tried that fails for a reason which may
	// pass, before the account waits for its next job.
	Attempts int
	// StaleAfter is how late a job may be and still be observed at the time it
	// was scheduled for. What is read later counts as observed when the run
	// starts; 0 lets a job be as late as it will.
	StaleAfter time.Duration
}

// DefaultWorkerConfig returns the settings of a worker on a small machine.
func DefaultWorkerConfig() WorkerConfig {
	return WorkerConfig{Concurrency: 4, Attempts: 3, StaleAfter: 12 * time.Hour}
}

// AddFlags adds the flags that set c.
func (c *WorkerConfig) AddFlags(fs *pflag.FlagSet) {
	fs.IntVar(&c.Concurrency, "concurrency", c.Concurrency, "number of `accounts` to read at once")
	fs.IntVar(&c.Attempts, "attempts", c.Attempts, "`number` of times to try an account that fails for a passing reason")
}

// Validate returns every fault of c, joined.
func (c WorkerConfig) Validate() error {
	var errs []error
	if c.Concurrency < 1 || c.Concurrency > 1000 {
		errs = append(errs, fmt.Errorf("--concurrency is %d: must be between 1 and 1000", c.Concurrency))
	}
	if c.Attempts < 1 || c.Attempts >= maxDeliver {
		errs = append(errs, fmt.Errorf("--attempts is %d: must be between 1 and %d", c.Attempts, maxDeliver-1))
	}
	if c.StaleAfter < 0 {
		errs = append(errs, fmt.Errorf("stale after %s: must not be negative", c.StaleAfter))
	}
	return errors.Join(errs...)
}

const (
	// durable names the consumer that all workers share.
	durable = "collect"
	// maxDeliver leaves room, beyond the attempts, for deliveries that ended
	// with their worker. A job that took so many goes to the dead letters.
	maxDeliver = 12
)

// WorkerDependencies are what a Worker works with.
type WorkerDependencies struct {
	JetStream jetstream.JetStream
	Emitter   *Emitter
	Source    Source
	Log       *zap.Logger
}

// Worker takes jobs and has its source read their accounts. Any number of them
// share the jobs.
type Worker struct {
	cfg      WorkerConfig
	emitter  *Emitter
	source   Source
	consumer *bus.Consumer
}

// NewWorker returns a worker; Run starts it.
func NewWorker(cfg WorkerConfig, d WorkerDependencies) *Worker {
	w := &Worker{cfg: cfg, emitter: d.Emitter, source: d.Source}
	c := bus.DefaultConsumerConfig()
	c.Stage = "collect"
	c.Stream = stream.Jobs
	c.Durable = durable
	c.Batch = 1
	c.Workers = cfg.Concurrency
	c.MaxDeliver = maxDeliver
	w.consumer = bus.NewConsumer(d.JetStream, c, w.handle, d.Log)
	return w
}

// Run works until ctx ends and then returns nil, with the runs that were open
// closed as failed and their jobs given back.
func (w *Worker) Run(ctx context.Context) error { return w.consumer.Run(ctx) }

func (w *Worker) handle(ctx context.Context, batch []jetstream.Msg) []error {
	errs := make([]error, len(batch))
	for i, m := range batch {
		errs[i] = w.take(ctx, m)
	}
	return errs
}

// take works on one delivery of a job. It returns nil when the job is done with,
// and an error when it is to be delivered again.
func (w *Worker) take(ctx context.Context, m jetstream.Msg) error {
	meta, err := m.Metadata()
	if err != nil {
		return fmt.Errorf("read job: %w", err)
	}
	var job event.Job
	if err := json.Unmarshal(m.Data(), &job); err != nil {
		return bus.Poison(fmt.Errorf("decode job: %w", err))
	}
	if err := job.Validate(); err != nil {
		return bus.Poison(err)
	}
	if now := w.emitter.now(); w.cfg.StaleAfter > 0 && now.Sub(job.At) > w.cfg.StaleAfter {
		job.At = now.UTC().Truncate(time.Second)
	}
	cause, err := w.pass(ctx, Pass{Job: job, Attempt: meta.NumDelivered, Source: event.SourceAWS})
	switch {
	case err != nil:
		return err
	case cause == nil, IsPermanent(cause):
		return nil
	case ctx.Err() == nil && meta.NumDelivered >= uint64(w.cfg.Attempts):
		return nil
	}
	return cause
}

// pass makes one run. The cause says why it failed; err, that it could not be
// put on record.
func (w *Worker) pass(ctx context.Context, p Pass) (cause, err error) {
	run, err := w.emitter.Open(ctx, p)
	if err != nil {
		return nil, err
	}
	cause = w.source.Collect(ctx, run)
	s, err := run.Close(ctx, cause)
	if cause == nil && s.Status == event.RunFailed {
		cause = errors.New(s.Reason) // what was left to publish could not be
	}
	return cause, err
}
