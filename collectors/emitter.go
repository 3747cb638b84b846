package collectors

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"

	"github.com/leastwise/leastwise/schemas/event"
)

// Dependencies are what an Emitter works with.
type Dependencies struct {
	// JetStream is asked for the server's limits and for the bucket.
	JetStream jetstream.JetStream
	// Publisher stores documents and events, on the same server.
	Publisher Publisher
	Metrics   *Metrics
	Log       *zap.Logger
	// Now is the clock of runs; time.Now when nil.
	Now func() time.Time
}

// Emitter opens runs. The runs of one process share one, and with it the
// knowledge of which documents are stored already.
type Emitter struct {
	js        jetstream.JetStream
	publisher Publisher
	documents *documents
	metrics   *Metrics
	log       *zap.Logger
	now       func() time.Time
}

// NewEmitter returns an emitter.
func NewEmitter(d Dependencies) *Emitter {
	if d.Now == nil {
		d.Now = time.Now
	}
	return &Emitter{
		js:        d.JetStream,
		publisher: d.Publisher,
		documents: newDocuments(d.JetStream),
		metrics:   d.Metrics,
		log:       d.Log.Named("collect"),
		now:       d.Now,
	}
}

// Pass says which run to open.
type Pass struct {
	Job event.Job
	// Attempt is the number of the job's delivery, from 1.
	Attempt uint64
	// Source is event.SourceAWS or event.SourceImport.
	Source string
}

// Open publishes the opening event of a new run of a pass. Close must be called
// on the run whatever becomes of it. It returns an error when the event cannot
// be stored.
func (e *Emitter) Open(ctx context.Context, p Pass) (*Run, error) {
	if err := e.documents.refresh(ctx); err != nil {
		return nil, err
	}
	r := e.newRun(p)
	r.recordControls()
	if err := r.announce(ctx, event.Run{
		Phase:  event.PhaseOpened,
		Status: event.RunRunning,
	}); err != nil {
		return nil, fmt.Errorf("open run %s: %w", r.id, err)
	}
	return r, nil
}

func (e *Emitter) newRun(p Pass) *Run {
	id := p.Job.RunID(p.Attempt, nonce())
	return &Run{
		e:       e,
		id:      id,
		job:     p.Job,
		source:  p.Source,
		started: e.now().UTC().Truncate(time.Second),
		since:   time.Now(),
		ledger:  newLedger(),
		log:     e.log.With(zap.String("run", id)),
		seen:    map[seenKey]struct{}{},
		pending: map[string]struct{}{},
		limit:   payloadLimit(e.js.Conn().MaxPayload()),
	}
}

// nonce tells apart passes over one account for one time. 40 bits suffice: two
// equal ones matter only for the same job and attempt.
func nonce() string {
	return strings.ToLower(rand.Text()[:8])
}

// payloadLimit is how long an event's JSON may be under a server's max_payload,
// which counts the headers too.
func payloadLimit(maxPayload int64) int {
	const headers = 2048
	return int(maxPayload) - headers
}
