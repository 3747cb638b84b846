package bus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/synadia-io/orbit.go/jetstreamext"
	"go.uber.org/zap"

	"github.com/leastwise/leastwise/internal/pause"
)

const (
	// batchMessages is the server's own limit for an atomic batch.
	batchMessages = 1000
	// batchBytes keeps a batch, with its headers, within the megabyte up to which a
	// server stages it in a small buffer; the next size is four.
	batchBytes = 768 << 10
	// publishTimeout bounds one attempt to publish one batch.
	publishTimeout = 30 * time.Second
	// stallWait is how long asynchronous publishing waits for room; the
	// client's default of 200 ms gives up under load.
	stallWait = 30 * time.Second
	// firstRetry and lastRetry bound the growing delay between attempts.
	firstRetry = 100 * time.Millisecond
	lastRetry  = 10 * time.Second
)

// Publisher publishes messages durably. It is safe for concurrent use.
type Publisher struct {
	js  jetstream.JetStream
	log *zap.Logger
}

// NewPublisher returns a publisher on a connection.
func NewPublisher(js jetstream.JetStream, log *zap.Logger) *Publisher {
	return &Publisher{js: js, log: log.Named("publish")}
}

// Publish stores the messages, all of one stream, in their order, and returns
// once the stream has them all. Messages must have a Nats-Msg-Id: what a lost
// acknowledgement makes it send twice is stored once.
//
// It waits out a server that is away and a stream that is full or does not exist
// yet, until ctx ends. It returns an error at once only for what waiting cannot
// help: a message over the server's limit (nats.ErrMaxPayload), a subject that is
// none, or a closed connection.
func (p *Publisher) Publish(ctx context.Context, msgs ...*nats.Msg) error {
	for len(msgs) > 0 {
		n := batchLen(msgs)
		if err := p.persist(ctx, msgs[:n]); err != nil {
			return err
		}
		msgs = msgs[n:]
	}
	return nil
}

// batchLen is how many of the first messages fit into one batch.
func batchLen(msgs []*nats.Msg) int {
	size := 0
	for i, m := range msgs {
		size += len(m.Data)
		if i == batchMessages || (size > batchBytes && i > 0) {
			return i
		}
	}
	return len(msgs)
}

// persist publishes one batch until it is stored.
func (p *Publisher) persist(ctx context.Context, batch []*nats.Msg) error {
	for delay := firstRetry; ; delay = min(delay*2, lastRetry) {
		err := p.attempt(ctx, batch)
		if err == nil {
			return nil
		}
		if permanent(err) {
			return fmt.Errorf("publish %s: %w", batch[0].Subject, err)
		}
		p.log.Warn("publish again", zap.String("subject", batch[0].Subject), zap.Int("messages", len(batch)),
			zap.Duration("delay", delay), zap.Error(err))
		if !pause.For(ctx, delay) {
			return fmt.Errorf("publish %s: %w (last attempt: %w)", batch[0].Subject, ctx.Err(), err)
		}
	}
}

func (p *Publisher) attempt(ctx context.Context, batch []*nats.Msg) error {
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	if len(batch) == 1 {
		stripBatchHeaders(batch[0])
		_, err := p.js.PublishMsg(ctx, batch[0])
		return err
	}
	_, err := jetstreamext.PublishMsgBatch(ctx, p.js, batch)
	if !isDuplicate(err) {
		return err
	}
	return p.publishEach(ctx, batch)
}

// publishEach stores a batch of which the stream has some messages already: an
// atomic batch with one known id is refused whole.
func (p *Publisher) publishEach(ctx context.Context, batch []*nats.Msg) error {
	acks := make([]jetstream.PubAckFuture, len(batch))
	for i, m := range batch {
		stripBatchHeaders(m)
		ack, err := p.js.PublishMsgAsync(m, jetstream.WithStallWait(stallWait))
		if err != nil {
			return err
		}
		acks[i] = ack
	}
	for _, ack := range acks {
		select {
		case <-ack.Ok():
		case err := <-ack.Err():
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// stripBatchHeaders makes a message stand alone that an attempt before has made
// part of a batch.
func stripBatchHeaders(m *nats.Msg) {
	m.Header.Del(jetstreamext.BatchIDHeader)
	m.Header.Del(jetstreamext.BatchSeqHeader)
	m.Header.Del(jetstreamext.BatchCommitHeader)
	m.Reply = ""
}

func isDuplicate(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && api.ErrorCode == jetstreamext.JSErrCodeBatchPublishDuplicateMsgID
}

// permanent reports whether no waiting makes err go away.
func permanent(err error) bool {
	return errors.Is(err, nats.ErrMaxPayload) || errors.Is(err, nats.ErrConnectionClosed) ||
		errors.Is(err, nats.ErrBadSubject) || errors.Is(err, nats.ErrHeadersNotSupported)
}
