package enrich

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/pflag"
	"go.uber.org/zap"

	"github.com/leastwise/leastwise/internal/bus"
	"github.com/leastwise/leastwise/internal/pause"
	"github.com/leastwise/leastwise/schemas/stream"
)

// Stage is the name of this stage in dead letters, and of its consumer of RAW.
const Stage = "process"

// Config is what one can set of a Processor.
type Config struct {
	// Batch is the number of events that are enriched and published together.
	Batch int
	// Workers is the number of batches that this process works on at once.
	Workers int
	// Documents is the number of judged documents that are kept in memory.
	Documents int
}

// DefaultConfig suits two cores.
func DefaultConfig() Config { return Config{Batch: 500, Workers: 2, Documents: 8192} }

// AddFlags adds the flags that set c.
func (c *Config) AddFlags(fs *pflag.FlagSet) {
	fs.IntVar(&c.Batch, "process-batch", c.Batch, "`events` that are enriched and published together")
	fs.IntVar(&c.Workers, "process-workers", c.Workers, "`batches` to work on at once")
	fs.IntVar(&c.Documents, "process-documents", c.Documents, "judged `documents` to keep in memory")
}

// Validate returns every fault of c, joined.
func (c Config) Validate() error {
	var errs []error
	for _, f := range []struct {
		flag     string
		value    int
		min, max int
	}{
		{"--process-batch", c.Batch, 1, 10_000},
		{"--process-workers", c.Workers, 1, 256},
		{"--process-documents", c.Documents, 1, 10_000_000},
	} {
		if f.value < f.min || f.value > f.max {
			errs = append(errs, fmt.Errorf("%s is %d; it takes %d to %d", f.flag, f.value, f.min, f.max))
		}
	}
	return errors.Join(errs...)
}

// Dependencies are what a Processor works with.
type Dependencies struct {
	JetStream jetstream.JetStream
	Enricher  *Enricher
	// Store is what other stages of the process use too; nil for one of its own.
	Store   *Store
	Metrics prometheus.Registerer
	Log     *zap.Logger
}

// Processor turns RAW into ENRICHED.
type Processor struct {
	deps      Dependencies
	cfg       Config
	enricher  *Enricher
	store     *Store
	publisher *bus.Publisher
	log       *zap.Logger
	events    *prometheus.CounterVec
}

// NewProcessor returns a processor; Run starts it.
func NewProcessor(d Dependencies, c Config) *Processor {
	log := d.Log.Named("process")
	p := &Processor{
		deps: d, cfg: c, enricher: d.Enricher, publisher: bus.NewPublisher(d.JetStream, log), log: log,
		events: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "leastwise_processed_events_total", Help: "Raw events that were enriched and published, by kind.",
		}, []string{"kind"}),
	}
	d.Metrics.MustRegister(p.events)
	return p
}

// Run processes until ctx ends, and then returns nil.
func (p *Processor) Run(ctx context.Context) error {
	if p.store = p.deps.Store; p.store == nil {
		var err error
		if p.store, err = OpenStore(ctx, p.deps.JetStream, p.enricher, p.cfg.Documents); err != nil {
			return err
		}
	}
	consumer := bus.DefaultConsumerConfig()
	consumer.Stage, consumer.Stream, consumer.Durable = Stage, stream.Raw, Stage
	consumer.Batch, consumer.Workers = p.cfg.Batch, p.cfg.Workers
	return bus.NewConsumer(p.deps.JetStream, consumer, p.handle, p.log).Run(ctx)
}

// handle enriches a batch and publishes what came of it: the documents that are
// new first, then the events.
func (p *Processor) handle(ctx context.Context, batch []jetstream.Msg) []error {
	errs := make([]error, len(batch))
	out := newOutbox(p.store.NewBatch())
	for i, m := range batch {
		var w *work
		if w, errs[i] = p.decode(m.Subject(), m.Data()); errs[i] == nil {
			errs[i] = p.add(ctx, out, i, w)
		}
	}
	if err := p.publishDocuments(ctx, out, errs); err != nil {
		return all(errs, err)
	}
	for i, err := range p.publishEvents(ctx, out.events) {
		if err != nil {
			errs[out.from[i]] = err
			continue
		}
		p.events.WithLabelValues(string(out.kinds[i])).Inc()
	}
	return errs
}

const (
	// firstRetry and lastRetry bound the growing delay between attempts.
	firstRetry = 100 * time.Millisecond
	lastRetry  = 10 * time.Second
)

// add enriches the batch's message at index i. It waits out a bucket that does not
// answer, until ctx ends: that is no fault of the message.
func (p *Processor) add(ctx context.Context, out *outbox, i int, w *work) error {
	for delay := firstRetry; ; delay = min(2*delay, lastRetry) {
		err := out.add(ctx, i, w)
		if !errors.Is(err, errAway) {
			return err
		}
		p.log.Warn("enrich again", zap.Duration("delay", delay), zap.Error(err))
		if !pause.For(ctx, delay) {
			return err
		}
	}
}

// publishDocuments stores the documents that are new. A document may fit into the
// bucket and be too large as an event: what names it is poison then, and nothing
// else is held up.
func (p *Processor) publishDocuments(ctx context.Context, out *outbox, errs []error) error {
	fresh := out.docs.Fresh()[:len(out.documents)]
	err := p.publisher.Publish(ctx, out.documents...)
	if err == nil {
		out.docs.Keep(fresh...)
	}
	if !errors.Is(err, nats.ErrMaxPayload) {
		return err
	}
	refused := make(map[string]error)
	for i, m := range out.documents {
		switch err := p.publisher.Publish(ctx, m); {
		case err == nil:
			out.docs.Keep(fresh[i])
		case errors.Is(err, nats.ErrMaxPayload):
			refused[fresh[i].Hash] = bus.Poison(fmt.Errorf("publish document %s: %w", fresh[i].Hash, err))
		default:
			return err
		}
	}
	out.drop(refused, errs)
	return nil
}

// publishEvents stores the events and returns an error for each that could not
// be stored. Where the server refuses them together, it finds those that it
// refuses alone: only they go to the dead letters.
func (p *Processor) publishEvents(ctx context.Context, msgs []*nats.Msg) []error {
	errs := make([]error, len(msgs))
	if p.publisher.Publish(ctx, msgs...) == nil {
		return errs
	}
	for i, m := range msgs {
		errs[i] = p.publisher.Publish(ctx, m)
		if errors.Is(errs[i], nats.ErrMaxPayload) {
			errs[i] = bus.Poison(errs[i])
		}
	}
	return errs
}

// all sets err for every message that has no error yet.
func all(errs []error, err error) []error {
	for i := range errs {
		if errs[i] == nil {
			errs[i] = err
		}
	}
	return errs
}
