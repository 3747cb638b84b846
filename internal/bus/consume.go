package bus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"github.com/leastwise/leastwise/internal/pause"
)

// Handler works on a batch of messages and returns one error for each, in their
// order; a nil slice says that all went well. See the package comment for what
// the errors mean.
type Handler func(ctx context.Context, batch []jetstream.Msg) []error

// ConsumerConfig describes a durable pull consumer that any number of processes
// share.
type ConsumerConfig struct {
	// Stage names who consumes; dead letters carry it.
	Stage string
	// Stream and Durable name the stream and the consumer.
	Stream, Durable string
	// Filter is a subject to limit the consumer to; empty for all.
	Filter string
	// Batch is the number of messages that a handler gets at most.
	Batch int
	// Bytes is the size of payloads from which a batch is full.
	Bytes int
	// Linger is how long a batch waits to fill up.
	Linger time.Duration
	// Workers is the number of batches that this process works on at once.
	Workers int
	// AckWait is how long the server waits for an acknowledgement or a sign of
	// life before it delivers a message again.
	AckWait time.Duration
	// MaxDeliver is the number of deliveries after which a message goes to the
	// dead letters; -1 for never.
	MaxDeliver int
	// MaxAckPending bounds the messages in flight over all processes.
	MaxAckPending int
}

// DefaultConsumerConfig returns the settings that stages share; Stage, Stream
// and Durable are for the caller to set.
func DefaultConsumerConfig() ConsumerConfig {
	return ConsumerConfig{
		Batch:         500,
		Bytes:         4 << 20,
		Linger:        200 * time.Millisecond,
		Workers:       2,
		AckWait:       30 * time.Second,
		MaxDeliver:    8,
		MaxAckPending: 20_000,
	}
}

// Consumer feeds a handler from a durable consumer.
type Consumer struct {
	js      jetstream.JetStream
	cfg     ConsumerConfig
	handle  Handler
	settler *settler
	log     *zap.Logger
}

// NewConsumer returns a consumer; Run starts it.
func NewConsumer(js jetstream.JetStream, cfg ConsumerConfig, handle Handler, log *zap.Logger) *Consumer {
	log = log.Named("consume").With(zap.String("consumer", cfg.Durable))
	return &Consumer{js: js, cfg: cfg, handle: handle, settler: newSettler(js, cfg, log), log: log}
}

// Run consumes until ctx ends, and then returns nil once the batches in flight
// are settled: their handlers see ctx end. It returns an error when the stream
// does not exist or the server refuses the consumer.
func (c *Consumer) Run(ctx context.Context) error {
	cons, err := c.open(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	var g errgroup.Group
	for range c.cfg.Workers {
		g.Go(func() error { return c.work(ctx, cons) })
	}
	return g.Wait()
}

// open makes the durable consumer, or finds it.
func (c *Consumer) open(ctx context.Context) (jetstream.Consumer, error) {
	cons, err := c.js.CreateOrUpdateConsumer(ctx, c.cfg.Stream, jetstream.ConsumerConfig{
		Durable:       c.cfg.Durable,
		FilterSubject: c.cfg.Filter,
		AckPolicy:     jetstream.AckExplicitPolicy,
		AckWait:       c.cfg.AckWait,
		MaxDeliver:    c.cfg.MaxDeliver,
		MaxAckPending: c.cfg.MaxAckPending,
	})
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		err = ErrNotMigrated
	}
	if err != nil {
		return nil, fmt.Errorf("open consumer %s on %s: %w", c.cfg.Durable, c.cfg.Stream, err)
	}
	return cons, nil
}

// work fetches, handles and settles one batch after another. When it cannot fetch,
// the consumer may be gone, with all of NATS for example: then it makes it anew.
func (c *Consumer) work(ctx context.Context, cons jetstream.Consumer) error {
	for ctx.Err() == nil {
		batch, err := c.fetch(cons)
		if err != nil {
			c.log.Warn("fetch", zap.Error(err))
			pause.For(ctx, time.Second)
			if anew, err := c.open(ctx); err == nil {
				cons = anew
			}
			continue
		}
		if len(batch) > 0 {
			c.settle(ctx, batch, c.handleAlive(ctx, batch))
		}
	}
	return nil
}

const (
	// firstWait is how long a request for a first message waits at the server.
	// A worker that is asked to stop waits for its end, so that nothing that the
	// server sends is lost on the way.
	firstWait = 2 * time.Second
	// chunk is how many messages are asked for at once after the first: what
	// comes over Bytes is less than that many messages.
	chunk = 64
)

// fetch returns what is there: it waits for a first message, and then lingers
// for the batch to fill up, in messages or in bytes. A suspect stays alone.
func (c *Consumer) fetch(cons jetstream.Consumer) ([]jetstream.Msg, error) {
	batch, err := fetchUpTo(cons, 1, firstWait)
	if err != nil || len(batch) == 0 || c.isSuspect(batch[0]) {
		return batch, err
	}
	full := time.Now().Add(c.cfg.Linger)
	for size := len(batch[0].Data()); len(batch) < c.cfg.Batch && size < c.cfg.Bytes; {
		more, err := fetchUpTo(cons, min(chunk, c.cfg.Batch-len(batch)), max(time.Until(full), shortestWait))
		if err != nil {
			c.log.Warn("fetch", zap.Error(err)) // what came before is worked on all the same
		}
		if len(more) == 0 {
			break
		}
		batch = append(batch, more...)
		for _, m := range more {
			size += len(m.Data())
		}
	}
	return batch, nil
}

// isSuspect reports whether more than half of a message's deliveries are used up.
// What ends its worker comes again together with what it came with before: all of
// it would go to the dead letters for one message's fault.
func (c *Consumer) isSuspect(m jetstream.Msg) bool {
	meta, err := m.Metadata()
	return err == nil && c.cfg.MaxDeliver > 0 && meta.NumDelivered > uint64(c.cfg.MaxDeliver/2)
}

// shortestWait is the shortest wait for messages that may be there already.
const shortestWait = 5 * time.Millisecond

// fetchUpTo asks for messages and waits until it has them, or until the server
// says that there are no more: only then none is on its way.
func fetchUpTo(cons jetstream.Consumer, n int, wait time.Duration) ([]jetstream.Msg, error) {
	got, err := cons.Fetch(n, jetstream.FetchMaxWait(wait))
	if err != nil {
		return nil, err
	}
	var batch []jetstream.Msg
	for m := range got.Messages() {
		batch = append(batch, m)
	}
	if err := got.Error(); err != nil && len(batch) == 0 && !errors.Is(err, jetstream.ErrNoMessages) && !errors.Is(err, nats.ErrTimeout) {
		return nil, err
	}
	return batch, nil
}

// handleAlive runs the handler and tells the server meanwhile that the batch is
// being worked on.
func (c *Consumer) handleAlive(ctx context.Context, batch []jetstream.Msg) []error {
	done := make(chan struct{})
	var alive errgroup.Group
	alive.Go(func() error {
		tick := time.NewTicker(c.cfg.AckWait / 3)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return nil
			case <-tick.C:
				for _, m := range batch {
					_ = m.InProgress() // a lost sign of life costs a redelivery, nothing else
				}
			}
		}
	})
	errs := c.handle(ctx, batch)
	close(done)
	_ = alive.Wait()
	return errs
}

// settle acknowledges, naks or buries each message.
func (c *Consumer) settle(ctx context.Context, batch []jetstream.Msg, errs []error) {
	for i, m := range batch {
		var err error
		if errs != nil {
			err = errs[i]
		}
		c.settler.settle(ctx, m, err)
	}
}
