package stream

import (
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/leastwise/leastwise/schemas/event"
)

// The headers of the CloudEvents NATS binding, version 1.0.2, binary mode.
const (
	HeaderSpecVersion = "ce-specversion"
	HeaderID          = "ce-id"
	HeaderType        = "ce-type"
	HeaderSource      = "ce-source"
	HeaderTime        = "ce-time"
	HeaderContentType = "content-type"
)

// The headers of a dead letter, beside those that the message had.
const (
	HeaderDeadReason     = "Leastwise-Dead-Reason"
	HeaderDeadStage      = "Leastwise-Dead-Stage"
	HeaderDeadStream     = "Leastwise-Dead-Stream"
	HeaderDeadSequence   = "Leastwise-Dead-Sequence"
	HeaderDeadSubject    = "Leastwise-Dead-Subject"
	HeaderDeadDeliveries = "Leastwise-Dead-Deliveries"
	HeaderDeadTime       = "Leastwise-Dead-Time"
)

// The first parts of ce-type. Their last part is the version of the schema.
const (
	typeRaw      = "leastwise.raw"
	typeEnriched = "leastwise.enriched"
	typeVersion  = "v1"
)

// RawType is the ce-type of a raw event of a kind.
func RawType(k event.Kind) string { return fmt.Sprintf("%s.%s.%s", typeRaw, k, typeVersion) }

// EnrichedType is the ce-type of an enriched event of a kind.
func EnrichedType(k event.Kind) string { return fmt.Sprintf("%s.%s.%s", typeEnriched, k, typeVersion) }

// NewMessage returns a message with the CloudEvents headers set. Its id is the
// Nats-Msg-Id too, so that JetStream drops what is published twice.
func NewMessage(subject, ceType, source, id string, at time.Time, payload []byte) *nats.Msg {
	msg := nats.NewMsg(subject)
	msg.Data = payload
	h := msg.Header
	h.Set(jetstream.MsgIDHeader, id)
	h.Set(HeaderSpecVersion, "1.0")
	h.Set(HeaderID, id)
	h.Set(HeaderType, ceType)
	h.Set(HeaderSource, source)
	h.Set(HeaderTime, at.UTC().Format(time.RFC3339))
	h.Set(HeaderContentType, "application/json")
	return msg
}
