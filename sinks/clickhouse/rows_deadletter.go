package clickhouse

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/leastwise/leastwise/schemas/stream"
)

// deadLetter is a row of dead_letters.
type deadLetter struct {
	stage, stream string
	sequence      uint64
	diedAt        time.Time
	subject       string
	reason        string
	deliveries    uint32
	headers       sortedMap[string]
	payload       string
}

func (d *deadLetter) addTo(r *rowSet) { r.deadLetters = append(r.deadLetters, d) }

// deadLetterOf reads a message of the DEAD stream. Whatever its headers do not say
// is read from its subject or left empty: a dead letter must never die again.
func deadLetterOf(subject string, header nats.Header, payload []byte, storedAt time.Time) *deadLetter {
	tokens := append(strings.Split(subject, "."), "", "", "", "", "") // iam.dead.<stage>.<stream>.<sequence>
	d := &deadLetter{
		stage:   cmp.Or(header.Get(stream.HeaderDeadStage), tokens[2]),
		stream:  cmp.Or(header.Get(stream.HeaderDeadStream), tokens[3]),
		subject: cmp.Or(header.Get(stream.HeaderDeadSubject), subject),
		reason:  header.Get(stream.HeaderDeadReason),
		diedAt:  storedAt,
		headers: sortedMap[string]{},
		payload: string(payload),
	}
	d.sequence, _ = strconv.ParseUint(cmp.Or(header.Get(stream.HeaderDeadSequence), tokens[4]), 10, 64) // 0 when it is no number
	if n, err := strconv.ParseUint(header.Get(stream.HeaderDeadDeliveries), 10, 32); err == nil {
		d.deliveries = uint32(n)
	}
	if at, err := time.Parse(time.RFC3339, header.Get(stream.HeaderDeadTime)); err == nil && storable(at) {
		d.diedAt = at
	}
	for name, values := range header {
		if !strings.HasPrefix(name, "Nats-") && !strings.HasPrefix(name, "Leastwise-Dead-") {
			d.headers[name] = strings.Join(values, ", ")
		}
	}
	return d
}

func deadLetterColumns() []column[*deadLetter] {
	return []column[*deadLetter]{
		col("stage", func(d *deadLetter) string { return d.stage }),
		col("stream", func(d *deadLetter) string { return d.stream }),
		col("sequence", func(d *deadLetter) uint64 { return d.sequence }),
		col("died_at", func(d *deadLetter) time.Time { return d.diedAt }),
		col("subject", func(d *deadLetter) string { return d.subject }),
		col("reason", func(d *deadLetter) string { return d.reason }),
		col("deliveries", func(d *deadLetter) uint32 { return d.deliveries }),
		col("headers", func(d *deadLetter) sortedMap[string] { return d.headers }),
		col("payload", func(d *deadLetter) string { return d.payload }),
	}
}
