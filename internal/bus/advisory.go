package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"

	"github.com/leastwise/leastwise/internal/count"
	"github.com/leastwise/leastwise/schemas/stream"
)

// NewSafetyNet returns a consumer of the ADVISORIES stream: the net behind the
// dead letters. A message whose worker dies or hangs at every delivery never gets
// to the settler; the server gives up on it and says so in an advisory. The safety
// net buries that message under the name of the consumer that gave up, and removes
// it from a work queue, where it would block its subject. Any number of processes
// may run it.
func NewSafetyNet(js jetstream.JetStream, log *zap.Logger) *Consumer {
	cfg := DefaultConsumerConfig()
	cfg.Stage, cfg.Stream, cfg.Durable = "safety-net", stream.Advisories, "safety-net"
	cfg.Batch, cfg.Workers = 10, 1
	// Without a last delivery it makes no advisories of its own.
	cfg.MaxDeliver = -1
	net := &safetyNet{js: js, log: log.Named("safety-net")}
	return NewConsumer(js, cfg, net.handle, log)
}

type safetyNet struct {
	js  jetstream.JetStream
	log *zap.Logger
}

// advisory is io.nats.jetstream.advisory.v1.max_deliver.
type advisory struct {
	Stream     string `json:"stream"`
	Consumer   string `json:"consumer"`
	Sequence   uint64 `json:"stream_seq"`
	Deliveries uint64 `json:"deliveries"`
}

func (n *safetyNet) handle(ctx context.Context, batch []jetstream.Msg) []error {
	errs := make([]error, len(batch))
	for i, m := range batch {
		errs[i] = n.catch(ctx, m.Data())
	}
	return errs
}

// catch does what an advisory asks for. A message that is not there any more needs
// nothing.
func (n *safetyNet) catch(ctx context.Context, payload []byte) error {
	var a advisory
	if err := json.Unmarshal(payload, &a); err != nil {
		return Poison(fmt.Errorf("read advisory: %w", err))
	}
	if a.Stream == "" || a.Consumer == "" || a.Sequence == 0 {
		return Poison(fmt.Errorf("read advisory: it names no message: %s", payload))
	}
	if a.Stream == stream.Dead || a.Stream == stream.Advisories {
		// Burying it would bring it back to the reader that gave up on it.
		n.log.Warn("reader of dead letters gave up", zap.String("consumer", a.Consumer), zap.Uint64("sequence", a.Sequence))
		return nil
	}
	s, err := n.js.Stream(ctx, a.Stream)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open stream %s: %w", a.Stream, err)
	}
	m, err := s.GetMsg(ctx, a.Sequence)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("get message %d of %s: %w", a.Sequence, a.Stream, err)
	}
	if err := n.bury(ctx, a, m); err != nil {
		return err
	}
	if s.CachedInfo().Config.Retention != jetstream.WorkQueuePolicy {
		return nil
	}
	if err := s.DeleteMsg(ctx, a.Sequence); err != nil && !errors.Is(err, jetstream.ErrMsgNotFound) {
		return fmt.Errorf("delete message %d of %s: %w", a.Sequence, a.Stream, err)
	}
	return nil
}

// bury stores the dead letter. If the stage buried the message itself and died
// before it could say so, the letter is the same and is stored once.
func (n *safetyNet) bury(ctx context.Context, a advisory, m *jetstream.RawStreamMsg) error {
	reason := fmt.Sprintf("no answer after %s: the worker died or hung each time", count.Of(a.Deliveries, "delivery", "deliveries"))
	b := &burier{js: n.js, stage: a.Consumer}
	err := b.bury(ctx, deadLetter{
		stream: a.Stream, sequence: a.Sequence, deliveries: a.Deliveries,
		subject: m.Subject, reason: reason, header: m.Header, data: m.Data,
	})
	if err == nil {
		n.log.Warn("dead letter", zap.String("stage", a.Consumer), zap.String("subject", m.Subject), zap.String("reason", reason))
	}
	return err
}
