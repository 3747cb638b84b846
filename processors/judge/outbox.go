package judge

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"golang.org/x/time/rate"

	"github.com/leastwise/leastwise/schemas/event"
	"github.com/leastwise/leastwise/schemas/stream"
)

const (
	// outboxMessages and outboxBytes bound what is kept back until it is published.
	outboxMessages = 500
	outboxBytes    = 512 << 10
	// headerRoom is what of a server's max_payload is left to headers, in bytes.
	headerRoom = 2048

	// A server keeps in memory what was written and read within its last ten
	// seconds. So an account's first paceBurst bytes go out at once, and what
	// follows at pace bytes a second, about as fast as a sink stores them: then an
	// account of any size costs the server no more memory than many small ones.
	pace      = 2 << 20
	paceBurst = 6 << 20
)

// publisher stores messages durably.
type publisher interface {
	Publish(ctx context.Context, msgs ...*nats.Msg) error
}

// outbox publishes the judgements of a run in batches.
type outbox struct {
	publisher publisher
	// limit is how long the JSON of an event may be, in bytes.
	limit int
	now   time.Time
	pace  *rate.Limiter

	msgs  []*nats.Msg
	bytes int
}

// newOutbox returns an outbox for the judgements of one run, none of whose JSON may
// be longer than limit bytes.
func newOutbox(p publisher, limit int, now time.Time) *outbox {
	return &outbox{publisher: p, limit: limit, now: now, pace: rate.NewLimiter(pace, paceBurst)}
}

// add publishes a judgement some time before flush returns.
func (o *outbox) add(ctx context.Context, j *event.Judgement) error {
	payload, err := encode(j, o.limit)
	if err != nil {
		return err
	}
	id := j.EventID(event.KindJudgement) + "." + j.Judge
	o.msgs = append(o.msgs, stream.NewMessage(stream.EnrichedSubject(event.KindJudgement, j.Account, j.ID),
		stream.EnrichedType(event.KindJudgement), "leastwise/judge", id, o.now, payload))
	if o.bytes += len(payload); len(o.msgs) < outboxMessages && o.bytes < outboxBytes {
		return nil
	}
	return o.flush(ctx)
}

// flush returns once all that was added is stored.
func (o *outbox) flush(ctx context.Context) error {
	if err := o.pace.WaitN(ctx, min(o.bytes, paceBurst)); err != nil {
		return fmt.Errorf("publish judgements: %w", err)
	}
	err := o.publisher.Publish(ctx, o.msgs...)
	o.msgs, o.bytes = nil, 0
	return err
}

// encode returns a judgement's JSON. What is too large for a message loses evidence,
// first of all what is beyond each finding's first statement, and says so.
func encode(j *event.Judgement, limit int) ([]byte, error) {
	payload, err := json.Marshal(j)
	for _, keep := range []int{1, 0} {
		if err != nil || len(payload) <= limit {
			break
		}
		cut(j, keep)
		payload, err = json.Marshal(j)
	}
	if err != nil {
		return nil, fmt.Errorf("encode judgement of %s: %w", j.ID, err)
	}
	if len(payload) > limit {
		return nil, fmt.Errorf("encode judgement of %s: %w: it takes %d bytes of %d", j.ID, nats.ErrMaxPayload, len(payload), limit)
	}
	return payload, nil
}

// cut leaves the first pieces of evidence of findings and steps.
func cut(j *event.Judgement, keep int) {
	j.Truncated = true
	for i := range j.Findings {
		f := &j.Findings[i]
		f.Evidence = f.Evidence[:min(keep, len(f.Evidence))]
	}
	for _, p := range j.Paths {
		for i := range p.Steps {
			p.Steps[i].Evidence = p.Steps[i].Evidence[:min(keep, len(p.Steps[i].Evidence))]
		}
	}
}
