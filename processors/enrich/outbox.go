package enrich

import (
	"context"
	"slices"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/leastwise/leastwise/schemas/event"
)

// outbox collects what a batch of raw events turns into.
type outbox struct {
	now       time.Time
	docs      *Batch
	documents []*nats.Msg
	// events, their kinds, the documents that they name, and which raw message of
	// the batch each came from.
	events []*nats.Msg
	kinds  []event.Kind
	hashes [][]string
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
	o.hashes = append(o.hashes, w.hashes)
	o.from = append(o.from, i)
	return nil
}

// drop takes out the events that name a refused document, and notes in errs why.
func (o *outbox) drop(refused map[string]error, errs []error) {
	kept := 0
	for i, hashes := range o.hashes {
		at := slices.IndexFunc(hashes, func(hash string) bool { return refused[hash] != nil })
		if at >= 0 {
			errs[o.from[i]] = refused[hashes[at]]
			continue
		}
		o.events[kept], o.kinds[kept], o.from[kept] = o.events[i], o.kinds[i], o.from[i]
		kept++
	}
	o.events, o.kinds, o.from = o.events[:kept], o.kinds[:kept], o.from[:kept]
}
