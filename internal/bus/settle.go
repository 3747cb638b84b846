package bus

import (
	"context"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"
)

// settler is the one place that decides what becomes of a message.
type settler struct {
	cfg    ConsumerConfig
	burier *burier
	log    *zap.Logger
}

func newSettler(js jetstream.JetStream, cfg ConsumerConfig, log *zap.Logger) *settler {
	return &settler{cfg: cfg, burier: &burier{js: js, stage: cfg.Stage}, log: log}
}

// settle acknowledges m for a nil error, buries it for a poison error or after
// its last delivery, and otherwise asks for it again later. A message that can
// not be buried is asked for again: it must not vanish.
func (s *settler) settle(ctx context.Context, m jetstream.Msg, err error) {
	if err == nil {
		s.report("ack", m, m.Ack())
		return
	}
	meta, metaErr := m.Metadata()
	if metaErr != nil {
		s.report("read metadata", m, metaErr)
		return
	}
	last := s.cfg.MaxDeliver > 0 && meta.NumDelivered >= uint64(s.cfg.MaxDeliver)
	if ctx.Err() != nil && !IsPoison(err) {
		// Stopping is not the message's fault: give it back, but not to the other
		// workers of this process, which are about to stop too.
		s.report("nak", m, m.NakWithDelay(firstWait+time.Second))
		return
	}
	if (IsPoison(err) || last) && s.bury(ctx, m, meta, err.Error()) {
		return
	}
	s.report("nak", m, m.NakWithDelay(redeliveryDelay(meta.NumDelivered)))
}

// bury moves m to the dead letters, and reports whether it is there.
func (s *settler) bury(ctx context.Context, m jetstream.Msg, meta *jetstream.MsgMetadata, reason string) bool {
	if err := s.burier.bury(context.WithoutCancel(ctx), deadFrom(m, meta, reason)); err != nil {
		s.report("bury", m, err)
		return false
	}
	s.log.Warn("dead letter", zap.String("subject", m.Subject()), zap.String("reason", reason))
	s.report("term", m, m.TermWithReason(headerText(reason)))
	return true
}

// redeliveryDelay doubles from one second with each delivery, up to 5 minutes.
func redeliveryDelay(delivered uint64) time.Duration {
	const longest = 5 * time.Minute
	if delivered > 9 {
		return longest
	}
	return min(time.Second<<max(delivered, 1)>>1, longest)
}

func (s *settler) report(what string, m jetstream.Msg, err error) {
	if err != nil {
		s.log.Warn("settle", zap.String("what", what), zap.String("subject", m.Subject()), zap.Error(err))
	}
}
