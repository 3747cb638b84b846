package collectors

import (
	"time"

	"github.com/nats-io/nats.go"
)

const (
	// batchMessages is the most that one atomic batch of JetStream may hold.
	batchMessages = 1000
	// batchBytes bounds what a run keeps back.
	batchBytes = 2 << 20
	// batchAge is the age from which on the next event sends a batch off, so that a
	// slow source keeps little back.
	batchAge = 10 * time.Second
)

// batch gathers messages that are published together.
type batch struct {
	msgs  []*nats.Msg
	bytes int
	first time.Time
}

// add reports whether the batch is full.
func (b *batch) add(m *nats.Msg, now time.Time) bool {
	if len(b.msgs) == 0 {
		b.first = now
	}
	b.msgs = append(b.msgs, m)
	b.bytes += len(m.Data)
	return len(b.msgs) >= batchMessages || b.bytes >= batchBytes || now.Sub(b.first) >= batchAge
}

func (b *batch) take() []*nats.Msg {
	msgs := b.msgs
	*b = batch{}
	return msgs
}
