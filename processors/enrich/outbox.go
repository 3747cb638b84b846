package enrich

import (
	"context"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/leastwise/leastwise/schemas/event"
)

// outbox collects what a batch of raw events turns into.
type outbox struct {
	now       time.Time
	docs      *Batch
	documents []*nats.Msg
	// events, their kinds, and which raw message of the batch each came from.
	events []*nats.Msg
	kinds  []event.Kind
	from   []int
}

func newOutbox(docs *Batch) *outbox { return &outbox{now: time.Now(), docs: docs} }

// add enriches the batch's message at index i.
func (o *outbox) add(ctx context.Context, i int, w *work) error {
	if err := o.docs.Load(ctx, w.hashes); err != nil {
		return err
	}
	for _, j := range o.docs.Fresh()[len(o.documents):] {
		m, err := j.message(w.common.Account, o.now)
		if err != nil {
			return err
		}
		o.documents = append(o.documents, m)
	}
	m, err := w.message(o.docs, o.now)
	if err != nil {
		return err
	}
	o.events = append(o.events, m)
	o.kinds = append(o.kinds, w.kind)
	o.from = append(o.from, i)
	return nil
}
