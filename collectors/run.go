package collectors

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"go.uber.org/zap"

	"github.com/leastwise/leastwise/schemas/event"
	"github.com/leastwise/leastwise/schemas/stream"
)

// Run is one collection pass over one account, open for writing. It is safe for
// concurrent use; publishing holds up the others, which bounds what is buffered.
type Run struct {
	e      *Emitter
	id     string
	job    event.Job
	source string
	ledger *ledger
	log    *zap.Logger
	limit  int // of an event's JSON, in bytes

	started time.Time // by the emitter's clock, which may be a simulated one
	since   time.Time

	mu        sync.Mutex
	seen      map[seenKey]struct{}
	events    batch
	kinds     []event.Kind // of the buffered events
	documents batch
	pending   map[string]struct{} // hashes of the buffered documents
	written   int64
}

// seenKey names an event within its run.
type seenKey struct {
	kind event.Kind
	id   string
}

// Job returns the job that the run works on.
func (r *Run) Job() event.Job { return r.job }

// Controls returns the service control policies that limit the account, or why
// they are not known.
func (r *Run) Controls() event.Controls { return r.job.Controls }

// Common returns the part that all events of the run share, for an entity's id.
func (r *Run) Common(id string) event.Common {
	return event.Common{Run: r.id, Account: r.job.Account, ID: id, ObservedAt: r.job.At}
}

// Called counts a request to an AWS API.
func (r *Run) Called(api string) {
	r.ledger.called(api)
	r.e.metrics.Called(api)
}

// Throttled counts a throttled request to an AWS API.
func (r *Run) Throttled(api string) { r.e.metrics.Throttled(api) }

// Problem says that a part of the account did not end well, which makes the run
// partial. The part is an API action or a place in a file; the reason is one
// sentence.
func (r *Run) Problem(part string, state event.State, reason string) {
	r.ledger.problem(part, state, reason, false)
	r.log.Debug("problem", zap.String("part", part), zap.String("state", string(state)), zap.String("reason", reason))
}

// LeftOut says that a part was not collected on purpose, or because the source
// cannot have it, and why. The run shows it and is as whole as without it.
func (r *Run) LeftOut(part, reason string) {
	r.ledger.problem(part, event.StateNotCollected, reason, true)
}

// PartControls is the part of a run that its account's service control policies
// are. The scheduler has read them; the run shows how that went.
const PartControls = "controls"

// recordControls puts on record what the job says of the service control
// policies: a problem where they could not be had.
func (r *Run) recordControls() {
	switch c := r.job.Controls; c.State {
	case "", event.StateOK:
	case event.StateNotCollected:
		r.LeftOut(PartControls, c.Reason)
	default:
		r.Problem(PartControls, c.State, c.Reason)
	}
}

// Document stores a policy document, given as JSON text, before any event that
// is emitted after, and returns the hash that names it. An empty document has
// no hash; one that NATS cannot take is a problem and has none either.
func (r *Run) Document(ctx context.Context, raw []byte) (string, error) {
	if len(raw) == 0 {
		return "", nil
	}
	doc := event.NormalizeDocument(raw)
	if size := documentSize(doc); size > r.limit {
		r.Problem("document", event.StateTruncated, tooLarge("a policy document", size, r.limit))
		return "", nil
	}
	hash := event.HashDocument(doc)
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.pending[hash]; ok || r.e.documents.has(hash) {
		return hash, nil
	}
	r.pending[hash] = struct{}{}
	msg := nats.NewMsg(stream.DocumentSubject(hash))
	msg.Header.Set(nats.MsgIdHdr, hash)
	msg.Data = doc
	if r.documents.add(msg, time.Now()) {
		return hash, r.flushDocuments(ctx)
	}
	return hash, nil
}

// documentSize is how many bytes a document takes as part of an event: processors
// publish it as a JSON string, beside what it grants.
func documentSize(doc []byte) int {
	const grants = 64 << 10 // those of an administrator take 50 KiB
	if len(doc) < 8<<10 {
		return len(doc) // no document this small comes near any limit
	}
	text, err := json.Marshal(string(doc))
	if err != nil {
		return len(doc) // cannot be: a string always has a JSON form
	}
	return len(text) + grants
}

// Emit publishes an event, some time before Close returns, and reports whether
// it is new: a source that pages through a changing account may see an entity
// twice, and the first sight holds. An event that is not valid, or too large for
// NATS even when its details are left out, is a problem, not an error. An error
// says that events cannot be published; the pass is over then.
func (r *Run) Emit(ctx context.Context, e Event) (bool, error) {
	kind, common, ok := describe(e)
	if !ok {
		return false, fmt.Errorf("emit %T: not an event that collectors publish", e)
	}
	if err := e.Validate(); err != nil {
		r.Problem(string(kind), event.StateFailed, err.Error())
		return false, nil
	}
	data, err := r.encode(kind, e)
	if err != nil {
		r.Problem(string(kind), event.StateFailed, err.Error())
	}
	if data == nil {
		return false, nil
	}
	id := e.EventID(kind)
	msg := stream.NewMessage(stream.RawSubject(kind, common.Account, common.ID), stream.RawType(kind), ceSource(r.source), id, common.ObservedAt, data)

	r.mu.Lock()
	defer r.mu.Unlock()
	key := seenKey{kind, common.ID}
	if _, ok := r.seen[key]; ok {
		return false, nil
	}
	r.seen[key] = struct{}{}
	r.kinds = append(r.kinds, kind)
	if r.events.add(msg, time.Now()) {
		return true, r.flush(ctx)
	}
	return true, nil
}

// encode returns the event's JSON; nil when it cannot be made to fit.
func (r *Run) encode(kind event.Kind, e Event) ([]byte, error) {
	data, err := json.Marshal(e)
	if err != nil || len(data) <= r.limit {
		return data, err
	}
	size := len(data)
	data, left, err := shrink(e, r.limit)
	if err != nil {
		return nil, err
	}
	what := fmt.Sprintf("%s %s", kind, e.EventID(kind))
	if left != "" {
		what += " (left out: " + left + ")"
	}
	r.Problem(string(kind), event.StateTruncated, tooLarge(what, size, r.limit))
	return data, nil
}

// flush makes everything that is buffered durable, documents first.
func (r *Run) flush(ctx context.Context) error {
	if err := r.flushDocuments(ctx); err != nil {
		return err
	}
	msgs := r.events.take()
	kinds := r.kinds
	r.kinds = r.kinds[:0]
	if len(msgs) == 0 {
		return nil
	}
	if err := r.e.publisher.Publish(ctx, msgs...); err != nil {
		return err
	}
	for _, k := range kinds {
		r.ledger.count(k, 1)
		r.e.metrics.events.WithLabelValues(string(k)).Inc()
	}
	return nil
}

func (r *Run) flushDocuments(ctx context.Context) error {
	msgs := r.documents.take()
	if len(msgs) == 0 {
		return nil
	}
	if err := r.e.publisher.Publish(ctx, msgs...); err != nil {
		return err
	}
	for hash := range r.pending {
		r.e.documents.stored(hash)
	}
	clear(r.pending)
	r.written += int64(len(msgs))
	r.e.metrics.documents.Add(float64(len(msgs)))
	return nil
}
