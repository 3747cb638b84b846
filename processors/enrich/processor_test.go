package enrich

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/leastwise/leastwise/internal/bus"
	"github.com/leastwise/leastwise/schemas/event"
	"github.com/leastwise/leastwise/schemas/stream"
)

// startJetStream returns JetStream on a real server with every stream.
func startJetStream(t testing.TB) jetstream.JetStream {
	t.Helper()
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	go s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server did not get ready")
	}
	nc, err := nats.Connect(s.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	limits := stream.DefaultLimits()
	limits.RawBytes, limits.EnrichedBytes, limits.DeadBytes = 256<<20, 256<<20, 64<<20
	if err := bus.Migrate(context.Background(), js, limits); err != nil {
		t.Fatal(err)
	}
	return js
}

// rig publishes raw events and reads enriched ones.
type rig struct {
	t  *testing.T
	js jetstream.JetStream
}

func (r rig) document(content string) string {
	r.t.Helper()
	normalized := event.NormalizeDocument([]byte(content))
	hash := event.HashDocument(normalized)
	if _, err := r.js.Publish(r.t.Context(), stream.DocumentSubject(hash), normalized); err != nil {
		r.t.Fatal(err)
	}
	return hash
}

func (r rig) raw(kind event.Kind, id string, v any) {
	r.t.Helper()
	payload, err := json.Marshal(v)
	if err != nil {
		r.t.Fatal(err)
	}
	r.payload(stream.RawSubject(kind, account, id), payload)
}

func (r rig) payload(subject string, payload []byte) {
	r.t.Helper()
	if _, err := r.js.Publish(r.t.Context(), subject, payload); err != nil {
		r.t.Fatal(err)
	}
}

// process runs processors over everything that is in RAW.
func (r rig) process(processors int) {
	r.t.Helper()
	several := make([]*Processor, processors)
	for i := range several {
		several[i] = NewProcessor(Dependencies{
			JetStream: r.js, Enricher: newTestEnricher(r.t), Metrics: prometheus.NewRegistry(), Log: zap.NewNop(),
		}, DefaultConfig())
	}
	r.run(several...)
}

// run runs processors until they have worked off RAW.
func (r rig) run(processors ...*Processor) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 30*time.Second)
	defer cancel()
	done := make(chan error, len(processors))
	for _, p := range processors {
		go func() { done <- p.Run(ctx) }()
	}
	for !r.drained() {
		if ctx.Err() != nil {
			r.t.Fatal("the processors did not get through in time")
		}
		time.Sleep(5 * time.Millisecond)
	}
	cancel()
	for range processors {
		if err := <-done; err != nil {
			r.t.Fatal(err)
		}
	}
}

func (r rig) drained() bool {
	c, err := r.js.Consumer(r.t.Context(), stream.Raw, "process")
	if err != nil {
		return false
	}
	i := c.CachedInfo()
	return i.NumPending == 0 && i.NumAckPending == 0 && i.Delivered.Consumer > 0
}

// stored returns the messages of a stream in their order.
func (r rig) stored(name string) []*jetstream.RawStreamMsg {
	r.t.Helper()
	s, err := r.js.Stream(r.t.Context(), name)
	if err != nil {
		r.t.Fatal(err)
	}
	var out []*jetstream.RawStreamMsg
	state := s.CachedInfo().State
	for i := range state.Msgs {
		m, err := s.GetMsg(r.t.Context(), state.FirstSeq+i)
		if err != nil {
			r.t.Fatal(err)
		}
		out = append(out, m)
	}
	return out
}

// byKind counts the enriched events.
func (r rig) byKind() map[event.Kind]int {
	n := make(map[event.Kind]int)
	for _, m := range r.stored(stream.Enriched) {
		k, ok := stream.KindOf(m.Subject)
		if !ok {
			r.t.Errorf("unknown subject %s", m.Subject)
		}
		n[k]++
	}
	return n
}

func role(i int, hash string) event.Role {
	id := fmt.Sprintf("AROA%d", i)
	return event.Role{
		Common: common(id), Identity: event.Identity{Name: id, Path: "/", ARN: "arn:aws:iam::111122223333:role/" + id},
		Policies: []event.PolicyRef{{Source: event.SourceInline, Name: "p", Document: hash}},
	}
}

func TestProcessorEnrichesEveryEventAndEachDocumentOnce(t *testing.T) {
	t.Parallel()
	r := rig{t, startJetStream(t)}
	read, star := r.document(s3Read), r.document(s3Star)
	const roles = 700
	for i := range roles {
		r.raw(event.KindRole, fmt.Sprintf("AROA%d", i), role(i, []string{read, star}[i%2]))
	}
	policy := event.Policy{
		Common: common("ANPA1"), Identity: event.Identity{Name: "p", ARN: "arn:p"}, Owner: event.OwnerCustomer, Document: star,
		Versions: []event.PolicyVersion{{ID: "v2", Default: true, Document: star}, {ID: "v1", Document: r.document(s3NoList)}},
	}
	r.raw(event.KindPolicy, "ANPA1", policy)
	access := event.Access{Common: common("AROA1"), Entity: event.KindRole, ARN: "arn:r", State: event.StateOK, Granularity: event.GranularityService}
	r.raw(event.KindAccess, "AROA1", access)
	run := event.Run{Common: common("r"), Phase: event.PhaseOpened, Status: event.RunRunning, StartedAt: time.Unix(1, 0), Source: event.SourceAWS}
	run.ID = "r"
	r.raw(event.KindRun, "r", run)

	r.process(2)

	want := map[event.Kind]int{event.KindRole: roles, event.KindPolicy: 1, event.KindAccess: 1, event.KindRun: 1, event.KindDocument: 3}
	if got := r.byKind(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("enriched %v, want %v", got, want)
	}
	if dead := r.stored(stream.Dead); len(dead) > 0 {
		t.Errorf("%d dead letters, the first: %s", len(dead), dead[0].Header.Get(stream.HeaderDeadReason))
	}
}

func TestProcessorChangesNothingWhenItIsGivenEverythingAgain(t *testing.T) {
	t.Parallel()
	r := rig{t, startJetStream(t)}
	hash := r.document(s3Read)
	for range 2 {
		for i := range 10 {
			r.raw(event.KindRole, fmt.Sprintf("AROA%d", i), role(i, hash))
		}
	}
	r.process(1)
	want := map[event.Kind]int{event.KindRole: 10, event.KindDocument: 1}
	if got := r.byKind(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("enriched %v, want %v", got, want)
	}
}

func TestProcessorBuriesMalformedEventsAndGoesOn(t *testing.T) {
	t.Parallel()
	r := rig{t, startJetStream(t)}
	hash := r.document(s3Read)
	good := role(1, hash)
	stranger := role(2, hash)
	stranger.Account = "999999999999"
	tests := []struct{ subject, payload, reason string }{
		{stream.RawSubject(event.KindRole, account, "AROA7"), `{`, "unexpected end"},
		{stream.RawSubject(event.KindRole, account, "AROA8"), `{"run":1}`, "cannot unmarshal"},
		{stream.RawSubject(event.KindRole, account, "AROA9"), `{}`, "invalid role event"},
		{stream.RawSubject(event.KindDocument, account, "x"), `{}`, "collectors do not publish this kind"},
		{"iam.raw.nonsense", `{}`, "names no known kind"},
		{stream.RawSubject(event.KindRole, account, "AROA2"), mustJSON(t, stranger), "are not those of its subject"},
	}
	for _, tt := range tests {
		r.payload(tt.subject, []byte(tt.payload))
	}
	r.raw(event.KindRole, "AROA1", good)
	r.process(1)

	if got := r.byKind(); got[event.KindRole] != 1 {
		t.Errorf("enriched %v, want the one good role", got)
	}
	dead := r.stored(stream.Dead)
	if len(dead) != len(tests) {
		t.Fatalf("%d dead letters, want %d", len(dead), len(tests))
	}
	for _, tt := range tests {
		if !slices.ContainsFunc(dead, func(m *jetstream.RawStreamMsg) bool {
			return string(m.Data) == tt.payload && strings.Contains(m.Header.Get(stream.HeaderDeadReason), tt.reason)
		}) {
			t.Errorf("%s: no dead letter with the payload %q says %q", tt.subject, tt.payload, tt.reason)
		}
	}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// silent is a bucket that does not answer its first questions.
type silent struct {
	jetstream.KeyValue
	left atomic.Int32
}

func (s *silent) Get(ctx context.Context, key string) (jetstream.KeyValueEntry, error) {
	if s.left.Add(-1) >= 0 {
		return nil, context.DeadlineExceeded
	}
	return s.KeyValue.Get(ctx, key)
}

// A bucket that does not answer is no fault of the events, whose deliveries are counted.
func TestProcessorWaitsForABucketThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	r := rig{t, startJetStream(t)}
	hash := r.document(s3Read)
	const roles = 3
	for i := range roles {
		r.raw(event.KindRole, fmt.Sprintf("AROA%d", i), role(i, hash))
	}
	bucket, err := r.js.KeyValue(t.Context(), stream.DocumentBucket)
	if err != nil {
		t.Fatal(err)
	}
	away := &silent{KeyValue: bucket}
	away.left.Store(2)
	enricher := newTestEnricher(t)
	store, err := NewStore(away, enricher, 10)
	if err != nil {
		t.Fatal(err)
	}
	r.run(NewProcessor(Dependencies{
		JetStream: r.js, Enricher: enricher, Store: store, Metrics: prometheus.NewRegistry(), Log: zap.NewNop(),
	}, DefaultConfig()))
	c, err := r.js.Consumer(t.Context(), stream.Raw, Stage)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.CachedInfo().Delivered.Consumer; got != roles {
		t.Errorf("%d deliveries of %d events", got, roles)
	}
	if got := r.byKind()[event.KindRole]; got != roles {
		t.Errorf("%d roles are enriched, want %d", got, roles)
	}
}

func TestProcessorKeepsADocumentOnlyOnceItIsPublished(t *testing.T) {
	t.Parallel()
	r := rig{t, startJetStream(t)}
	bucket, err := r.js.KeyValue(t.Context(), stream.DocumentBucket)
	if err != nil {
		t.Fatal(err)
	}
	store, err := NewStore(bucket, newTestEnricher(t), 8)
	if err != nil {
		t.Fatal(err)
	}
	there, missing := r.document(s3Read), event.HashDocument([]byte("missing"))
	first := store.NewBatch()
	if err := first.Load(t.Context(), []string{there, missing}); !errors.Is(err, ErrNoDocument) {
		t.Fatalf("got %v, want %v", err, ErrNoDocument)
	}
	first.Keep()
	second := store.NewBatch()
	if err := second.Load(t.Context(), []string{there}); err != nil {
		t.Fatal(err)
	}
	if len(second.Fresh()) != 1 {
		t.Error("a document that was never published was taken for known")
	}
	second.Keep(second.Fresh()...)
	third := store.NewBatch()
	if err := third.Load(t.Context(), []string{there}); err != nil {
		t.Fatal(err)
	}
	if len(third.Fresh()) != 0 || third.Judgement(there) == nil {
		t.Error("a published document was judged again")
	}
	store.now = func() time.Time { return time.Now().Add(publishAgain + time.Second) }
	later := store.NewBatch()
	if err := later.Load(t.Context(), []string{there}); err != nil {
		t.Fatal(err)
	}
	if len(later.Fresh()) != 1 {
		t.Error("a document was not published again after a day: a replay would lack it")
	}
}

func TestProcessorBuriesOnlyWhatNamesADocumentThatNATSCannotTake(t *testing.T) {
	t.Parallel()
	r := rig{t, startJetStream(t)}
	// It fits into the bucket; in an event's JSON each of these takes six bytes.
	large := r.document(`{"Statement":[],"Id":"` + strings.Repeat("<", 300_000) + `"}`)
	r.raw(event.KindRole, "AROA1", role(1, r.document(s3Read)))
	r.raw(event.KindRole, "AROA2", role(2, large))
	r.raw(event.KindRole, "AROA3", role(3, large))
	r.raw(event.KindRole, "AROA4", role(4, r.document(`{"Statement":[]}`)))
	r.process(1)

	if got := r.byKind(); got[event.KindRole] != 2 || got[event.KindDocument] != 2 {
		t.Errorf("enriched %v, want two roles and their documents", got)
	}
	dead := r.stored(stream.Dead)
	if len(dead) != 2 {
		t.Fatalf("%d dead letters, want 2", len(dead))
	}
	for _, m := range dead {
		if reason := m.Header.Get(stream.HeaderDeadReason); !strings.Contains(reason, large) || m.Header.Get(stream.HeaderDeadDeliveries) != "1" {
			t.Errorf("buried after %s deliveries: %s", m.Header.Get(stream.HeaderDeadDeliveries), reason)
		}
	}
}

func TestConfigReportsEveryFault(t *testing.T) {
	t.Parallel()
	err := Config{}.Validate()
	for _, flag := range []string{"--process-batch", "--process-workers", "--process-documents"} {
		if err == nil || !strings.Contains(err.Error(), flag) {
			t.Errorf("%s is missing in %v", flag, err)
		}
	}
	if err := DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
}
