package clickhouse

import (
	"context"
	"errors"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"github.com/leastwise/leastwise/internal/bus"
	"github.com/leastwise/leastwise/schemas/stream"
)

// Dependencies are what a Sink works with.
type Dependencies struct {
	JetStream jetstream.JetStream
	// Conn is a connection to a migrated database (OpenMigrated).
	Conn    driver.Conn
	Metrics prometheus.Registerer
	Log     *zap.Logger
}

// Sink stores ENRICHED and DEAD in ClickHouse.
type Sink struct {
	js      jetstream.JetStream
	cfg     Config
	writer  *writer
	metrics *metrics
	log     *zap.Logger
}

// New returns a sink; Run starts it.
func New(d Dependencies, c Config) *Sink {
	log, m := d.Log.Named("sink"), newMetrics(d.Metrics)
	return &Sink{
		js: d.JetStream, cfg: c, metrics: m, log: log,
		writer: &writer{conn: d.Conn, metrics: m, log: log},
	}
}

// Run stores until ctx ends, and then returns nil once the batches in flight are
// settled. It returns an error when a stream does not exist.
func (s *Sink) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	events := bus.NewConsumer(s.js, s.consumer(stream.Enriched, Stage), s.storeEvents, s.log)
	g.Go(func() error { return events.Run(ctx) })
	letters := bus.NewConsumer(s.js, s.consumer(stream.Dead, Stage+"-dead"), s.storeDeadLetters, s.log)
	g.Go(func() error { return letters.Run(ctx) })
	return g.Wait()
}

// consumer describes a consumer whose messages are never given up on because of
// how often they came: only ClickHouse's absence makes them come again.
func (s *Sink) consumer(from, durable string) bus.ConsumerConfig {
	c := bus.DefaultConsumerConfig()
	c.Stage, c.Stream, c.Durable = durable, from, durable
	c.Batch, c.Bytes, c.Workers = s.cfg.Batch, s.cfg.Bytes, s.cfg.Workers
	c.MaxDeliver = -1
	return c
}

// storeEvents handles a batch of ENRICHED.
func (s *Sink) storeEvents(ctx context.Context, batch []jetstream.Msg) []error {
	errs := make([]error, len(batch))
	f := s.newFlush(errs)
	for i, m := range batch {
		kind, e, err := decode(m.Subject(), m.Headers(), m.Data())
		if err != nil {
			errs[i] = bus.Poison(err)
			continue
		}
		f.add(ctx, i, string(kind), e)
	}
	f.run(ctx)
	return errs
}

// storeDeadLetters handles a batch of DEAD. What ClickHouse refuses stays in the
// stream; burying it again would bring it back here.
func (s *Sink) storeDeadLetters(ctx context.Context, batch []jetstream.Msg) []error {
	errs := make([]error, len(batch))
	f := s.newFlush(errs)
	for i, m := range batch {
		meta, err := m.Metadata()
		if err != nil {
			errs[i] = err
			continue
		}
		f.add(ctx, i, "dead", deadLetterOf(m.Subject(), m.Headers(), m.Data(), meta.Timestamp))
	}
	f.run(ctx)
	for i, err := range errs {
		if bus.IsPoison(err) {
			s.log.Error("dead letter refused", zap.String("subject", batch[i].Subject()), zap.Error(err))
			errs[i] = nil
		}
	}
	return errs
}

// flush collects the entries of a batch and stores them when they are many.
type flush struct {
	sink *Sink
	errs []error // of the batch

	entries []entry
	kinds   []string
	from    []int // index into errs
	rows    *rowSet
}

func (s *Sink) newFlush(errs []error) *flush { return &flush{sink: s, errs: errs, rows: &rowSet{}} }

func (f *flush) add(ctx context.Context, index int, kind string, e entry) {
	f.entries, f.kinds, f.from = append(f.entries, e), append(f.kinds, kind), append(f.from, index)
	e.addTo(f.rows)
	if f.rows.count() >= f.sink.cfg.Rows {
		f.run(ctx)
	}
}

// run stores what is collected. A refused entry is poison.
func (f *flush) run(ctx context.Context) {
	for i, err := range f.sink.writer.store(ctx, f.entries, f.rows) {
		var refused *refusedError
		switch {
		case err == nil:
			f.sink.metrics.events.WithLabelValues(f.kinds[i]).Inc()
		case errors.As(err, &refused):
			f.errs[f.from[i]] = bus.Poison(err)
		default:
			f.errs[f.from[i]] = err
		}
	}
	f.entries, f.kinds, f.from = f.entries[:0], f.kinds[:0], f.from[:0]
	f.rows = &rowSet{}
}
