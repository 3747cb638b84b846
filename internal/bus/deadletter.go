package bus

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/leastwise/leastwise/schemas/stream"
)

// deadLetter is a message that a stage gives up on.
type deadLetter struct {
	stream     string
	sequence   uint64
	deliveries uint64
	subject    string
	reason     string
	header     nats.Header
	data       []byte
}

func deadFrom(m jetstream.Msg, meta *jetstream.MsgMetadata, reason string) deadLetter {
	return deadLetter{
		stream:     meta.Stream,
		sequence:   meta.Sequence.Stream,
		deliveries: meta.NumDelivered,
		subject:    m.Subject(),
		reason:     reason,
		header:     m.Headers(),
		data:       m.Data(),
	}
}

// burier publishes dead letters for a stage.
type burier struct {
	js    jetstream.JetStream
	stage string
}

// buryTimeout bounds the wait for the DEAD stream.
const buryTimeout = 10 * time.Second

// bury stores a dead letter; burying the same message again changes nothing.
func (b *burier) bury(ctx context.Context, d deadLetter) error {
	ctx, cancel := context.WithTimeout(ctx, buryTimeout)
	defer cancel()
	msg := nats.NewMsg(stream.DeadSubject(b.stage, d.stream, d.sequence))
	for k, v := range d.header {
		// JetStream's own headers speak of the stream that the message was in.
		if !strings.HasPrefix(k, "Nats-") {
			msg.Header[k] = v
		}
	}
	msg.Data = d.data
	msg.Header.Set(jetstream.MsgIDHeader, fmt.Sprintf("dead.%s.%s.%d", b.stage, d.stream, d.sequence))
	msg.Header.Set(stream.HeaderDeadReason, headerText(d.reason))
	msg.Header.Set(stream.HeaderDeadStage, b.stage)
	msg.Header.Set(stream.HeaderDeadStream, d.stream)
	msg.Header.Set(stream.HeaderDeadSequence, strconv.FormatUint(d.sequence, 10))
	msg.Header.Set(stream.HeaderDeadSubject, d.subject)
	msg.Header.Set(stream.HeaderDeadDeliveries, strconv.FormatUint(d.deliveries, 10))
	msg.Header.Set(stream.HeaderDeadTime, time.Now().UTC().Format(time.RFC3339))
	if room := int(b.js.Conn().MaxPayload()) - (msg.Size() - len(msg.Subject) - len(msg.Data)); len(msg.Data) > room {
		// The headers of a dead letter do not fit: a letter cut short is better than
		// a message that comes back for ever.
		msg.Data = msg.Data[:max(room, 0)]
	}
	if _, err := b.js.PublishMsg(ctx, msg); err != nil {
		return fmt.Errorf("publish dead letter: %w", err)
	}
	return nil
}

// headerText makes a reason fit into a header line: no line breaks, not longer
// than a page.
func headerText(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	const longest = 2000
	if len(s) > longest {
		s = strings.ToValidUTF8(s[:longest], "") + "…"
	}
	return s
}
