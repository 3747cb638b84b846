package clickhouse

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/leastwise/leastwise/internal/bus"
	"github.com/leastwise/leastwise/internal/engine"
	"github.com/leastwise/leastwise/internal/engine/enginetest"
	"github.com/leastwise/leastwise/schemas/event"
	"github.com/leastwise/leastwise/schemas/stream"
)

var update = flag.Bool("update", false, "write golden files instead of comparing with them")

func TestMain(m *testing.M) { enginetest.Main(m) }

// rig is a migrated warehouse and a NATS with every stream.
type rig struct {
	testing.TB
	db    *enginetest.Database
	admin driver.Conn
	js    jetstream.JetStream
}

func newRig(t testing.TB) *rig {
	t.Helper()
	r := newWarehouse(t)
	nc, err := nats.Connect(enginetest.NATS(t).ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	if r.js, err = jetstream.New(nc); err != nil {
		t.Fatal(err)
	}
	limits := stream.DefaultLimits()
	limits.RawBytes, limits.EnrichedBytes, limits.DeadBytes = 1<<20, 512<<20, 64<<20
	if err := bus.Migrate(t.Context(), r.js, limits); err != nil {
		t.Fatal(err)
	}
	return r
}

// newWarehouse is a rig without a NATS.
func newWarehouse(t testing.TB) *rig {
	t.Helper()
	db := enginetest.ClickHouse(t)
	if err := Migrate(t.Context(), db.DSN(engine.Admin), zap.NewNop()); err != nil {
		t.Fatal(err)
	}
	return &rig{TB: t, db: db, admin: db.Connect(t, engine.Admin)}
}

// message is what processors would publish for an event.
func message(t testing.TB, kind event.Kind, account, id string, v any) *nats.Msg {
	t.Helper()
	payload, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	// Not an id that JetStream would know again: what is delivered twice comes twice.
	return stream.NewMessage(stream.EnrichedSubject(kind, account, id), stream.EnrichedType(kind), "test", nats.NewInbox(), time.Now(), payload)
}

// publish puts messages into ENRICHED.
func (r *rig) publish(msgs ...*nats.Msg) {
	r.Helper()
	if err := bus.NewPublisher(r.js, zap.NewNop()).Publish(r.Context(), msgs...); err != nil {
		r.Fatal(err)
	}
}

// sink starts a sink and returns it with what stops it.
func (r *rig) sink(conn driver.Conn, change func(*Config), log *zap.Logger) (s *Sink, stop func()) {
	r.Helper()
	cfg := DefaultConfig()
	if change != nil {
		change(&cfg)
	}
	s = New(Dependencies{JetStream: r.js, Conn: conn, Metrics: prometheus.NewRegistry(), Log: log}, cfg)
	ctx, cancel := context.WithCancel(r.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	return s, func() {
		cancel()
		if err := <-done; err != nil {
			r.Error(err)
		}
	}
}

// drain runs a sink over all that is in ENRICHED and in DEAD.
func (r *rig) drain() {
	r.Helper()
	_, stop := r.sink(r.db.Connect(r, engine.Writer), nil, zap.NewNop())
	defer stop()
	r.awaitDrained()
}

func (r *rig) awaitDrained() {
	r.Helper()
	r.await("the sink to get through", func() bool { return r.settled(stream.Enriched, Stage) && r.settled(stream.Dead, Stage+"-dead") })
}

// settled reports whether a consumer has settled every message of its stream.
func (r *rig) settled(from, durable string) bool {
	c, err := r.js.Consumer(r.Context(), from, durable)
	if err != nil {
		return false
	}
	s, err := r.js.Stream(r.Context(), from)
	if err != nil {
		return false
	}
	return c.CachedInfo().AckFloor.Stream >= s.CachedInfo().State.LastSeq
}

func (r *rig) await(what string, done func() bool) {
	r.Helper()
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Minute)
	defer cancel()
	for !done() {
		if ctx.Err() != nil {
			r.Fatalf("waited too long for %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// lines runs a query as the reader and returns a JSON object per row.
func (r *rig) lines(query string, args ...any) []string {
	r.Helper()
	dsn, err := url.Parse(r.db.DSN(engine.Reader))
	if err != nil {
		r.Fatal(err)
	}
	body := strings.NewReader(fmt.Sprintf(query, args...) + " FORMAT JSONEachRow")
	req, err := http.NewRequestWithContext(r.Context(), http.MethodPost, r.db.HTTPURL+"/?database="+r.db.Name+"&output_format_json_quote_64bit_integers=0&output_format_json_escape_forward_slashes=0", body)
	if err != nil {
		r.Fatal(err)
	}
	password, _ := dsn.User.Password()
	req.SetBasicAuth(dsn.User.Username(), password)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		r.Fatalf("%v: %s: %s", query, err, answer)
	}
	if len(answer) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(answer), "\n"), "\n")
}

// value runs a query of one value.
func (r *rig) value(query string, args ...any) string {
	r.Helper()
	rows := r.lines("SELECT toString(("+query+")) AS v", args...)
	var row struct{ V string }
	if err := json.Unmarshal([]byte(rows[0]), &row); err != nil {
		r.Fatal(err)
	}
	return row.V
}

func (r *rig) exec(statement string, args ...any) {
	r.Helper()
	if err := r.admin.Exec(r.Context(), fmt.Sprintf(statement, args...)); err != nil {
		r.Fatal(err)
	}
}

// golden compares with a file of testdata, or writes it.
func golden(t testing.TB, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got; -update writes it):\n%s", file, diff)
	}
}
