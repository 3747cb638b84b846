package clickhouse

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/leastwise/leastwise/internal/bus"
	"github.com/leastwise/leastwise/internal/engine"
	"github.com/leastwise/leastwise/schemas/event"
	"github.com/leastwise/leastwise/schemas/stream"
)

// simpleUser is a valid user event.
func simpleUser(t testing.TB, id, name string) *nats.Msg {
	t.Helper()
	return message(t, event.KindUser, testAccount, id, event.EnrichedUser{
		User: event.User{
			Common:   event.Common{Run: "run-1", Account: testAccount, ID: id, ObservedAt: on(2, "03:04:05")},
			Identity: event.Identity{Name: name, Path: "/", ARN: "arn:aws:iam::123456789012:user/" + name},
		},
		Enrichment: event.Enrichment{Version: "00000000000000a1", Catalog: "0.21", CatalogDate: on(1, "12:00:00")},
	})
}

func TestMalformedEventsDieWithTheirReasonAndTheRestGoesOn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	broken := func(id string, change func(*nats.Msg)) *nats.Msg {
		m := simpleUser(t, id, id)
		change(m)
		return m
	}
	edit := func(old, changed string) func(*nats.Msg) {
		return func(m *nats.Msg) { m.Data = []byte(strings.Replace(string(m.Data), old, changed, 1)) }
	}
	r.publish(
		simpleUser(t, "AIDAGOOD1", "ann"),
		broken("AIDABAD1", func(m *nats.Msg) { m.Data = []byte(`{"run":`) }),
		broken("AIDABAD2", edit(testAccount, "12345")),
		broken("AIDABAD3", edit("2026-01-02T03:04:05Z", "2199-01-02T03:04:05Z")),
		broken("AIDABAD4", edit(`"version":"00000000000000a1"`, `"version":"a1"`)),
		broken("AIDABAD5", func(m *nats.Msg) { m.Header.Set(stream.HeaderType, "leastwise.enriched.user.v2") }),
		broken("AIDABAD6", func(m *nats.Msg) { m.Subject = "iam.enriched.ghost.123456789012.AIDABAD6" }),
		simpleUser(t, "AIDAGOOD2", "bob"),
	)
	r.drain()
	if got := r.value("SELECT arraySort(groupArray(entity_id)) FROM entities FINAL"); got != "['AIDAGOOD1','AIDAGOOD2']" {
		t.Error(got)
	}
	for id, reason := range map[string]string{
		"AIDABAD1": `unexpected EOF within "/run" after offset 7`,
		"AIDABAD2": `account is "12345", not a 12-digit account id`,
		"AIDABAD3": "store user event: observed_at is 2199-01-02T03:04:05Z, out of the years 1970 to 2105",
		"AIDABAD4": `version is "a1", not 16 hex digits`,
		"AIDABAD5": `read user event: its ce-type is "leastwise.enriched.user.v2", not "leastwise.enriched.user.v1"`,
		"AIDABAD6": "it names no known kind of event",
	} {
		row := r.lines(`SELECT stage, stream, reason, deliveries, sequence > 0 AS numbered, headers['content-type'] AS type, notEmpty(payload) AS whole
			FROM dead_letters FINAL WHERE endsWith(subject, '.%s')`, id)
		if len(row) != 1 || !strings.Contains(row[0], jsonText(reason)) ||
			!strings.HasPrefix(row[0], `{"stage":"sink-clickhouse","stream":"ENRICHED",`) ||
			!strings.HasSuffix(row[0], `"deliveries":1,"numbered":1,"type":"application/json","whole":1}`) {
			t.Errorf("%s: %s, want %s", id, row, reason)
		}
	}
}

func password(t testing.TB, dsn string) string {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	p, _ := u.User.Password()
	return p
}

// jsonText is how a text stands in a row of lines.
func jsonText(s string) string { return strings.ReplaceAll(s, `"`, `\"`) }

func TestDeadLettersOfOtherStagesAreStoredOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	letter := nats.NewMsg(stream.DeadSubject("process", stream.Raw, 7))
	letter.Data = []byte("\x00\xffnot text")
	for name, value := range map[string]string{
		stream.HeaderDeadStage: "process", stream.HeaderDeadStream: stream.Raw, stream.HeaderDeadSequence: "7",
		stream.HeaderDeadSubject: "iam.raw.3.user.123456789012.AIDA", stream.HeaderDeadReason: "no such document",
		stream.HeaderDeadDeliveries: "8", stream.HeaderDeadTime: "2026-01-02T03:04:05Z", "ce-type": "leastwise.raw.user.v1",
	} {
		letter.Header.Set(name, value)
	}
	bare := nats.NewMsg("iam.dead.collect.JOBS.x")
	for range 2 {
		for i, m := range []*nats.Msg{letter, bare} {
			m.Header.Set(nats.MsgIdHdr, fmt.Sprint(time.Now().UnixNano(), i))
			if _, err := r.js.PublishMsg(t.Context(), m); err != nil {
				t.Fatal(err)
			}
		}
	}
	r.drain()
	want := `{"stage":"process","stream":"RAW","sequence":7,"died_at":"2026-01-02 03:04:05","subject":"iam.raw.3.user.123456789012.AIDA",` +
		`"reason":"no such document","deliveries":8,"headers":{"ce-type":"leastwise.raw.user.v1"},"payload":"00FF6E6F742074657874"}`
	if got := r.lines("SELECT * REPLACE (hex(payload) AS payload) FROM dead_letters FINAL WHERE stage = 'process'"); len(got) != 1 || got[0] != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := r.value("SELECT any((stage, stream, sequence, subject, reason)) FROM dead_letters FINAL WHERE stage != 'process'"); got != "('collect','JOBS',0,'iam.dead.collect.JOBS.x','')" {
		t.Error(got)
	}
}

func TestRowsThatClickHouseRefusesAreFoundAndDie(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ constraint, reason string }{
		"by a known code": {"name != 'cursed'", "Constraint `c` for table"},
		// ILLEGAL_DIVISION is in no list of codes.
		"by an unknown code": {"intDiv(1, length(name) - 6) < 2", "Division by zero"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.exec("ALTER TABLE %s.entities ADD CONSTRAINT c CHECK %s", r.db.Name, test.constraint)
			r.publish(
				simpleUser(t, "AIDA1", "ann"), simpleUser(t, "AIDA2", "bobby"),
				simpleUser(t, "AIDA3", "cursed"),
				simpleUser(t, "AIDA4", "dora"), simpleUser(t, "AIDA5", "emily-b"),
			)
			r.drain()
			if got := r.value("SELECT arraySort(groupArray(name)) FROM entities FINAL"); got != "['ann','bobby','dora','emily-b']" {
				t.Error(got)
			}
			if got := r.value("SELECT arraySort(groupArray(entity_id)) FROM observations FINAL"); got != "['AIDA1','AIDA2','AIDA4','AIDA5']" {
				t.Error(got)
			}
			if got := r.value("SELECT any(reason) FROM dead_letters FINAL"); !strings.Contains(got, "insert into entities: ") || !strings.Contains(got, test.reason) {
				t.Error(got)
			}
			if got := r.value("SELECT (count(), any(subject LIKE '%%AIDA3')) FROM dead_letters FINAL"); got != "(1,1)" {
				t.Error(got)
			}
		})
	}
}

// Nothing else is inserted that would show that the server is well; the code alone
// says enough.
func TestALoneRowThatClickHouseRefusesDies(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.exec("ALTER TABLE %s.entities ADD CONSTRAINT c CHECK name != 'cursed'", r.db.Name)
	r.publish(simpleUser(t, "AIDA1", "cursed"))
	r.drain()
	if got := r.value("SELECT (count(), any(reason LIKE '%%insert into entities%%')) FROM dead_letters FINAL"); got != "(1,1)" {
		t.Error(got)
	}
}

func TestNothingIsLostWhileClickHouseIsAway(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	line, dsn := newProxy(t, r.db.DSN(engine.Writer))
	conn, err := Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	core, logs := observer.New(zap.InfoLevel)
	_, stop := r.sink(conn, func(c *Config) { c.Batch = 3 }, zap.New(core))
	defer stop()
	publish := func(from int) {
		for i := from; i < from+20; i++ {
			r.publish(simpleUser(t, fmt.Sprintf("AIDA%04d", i), fmt.Sprint("user", i)))
		}
	}
	publish(0)
	r.await("a first row", func() bool { return r.value("SELECT count() FROM observations FINAL") != "0" })
	line.cut()
	publish(20)
	r.await("the sink to wait", func() bool { return logs.FilterMessage("waiting for ClickHouse").Len() > 0 })
	if strings.Contains(fmt.Sprint(logs.All()), password(t, dsn)) {
		t.Error("the log holds the password")
	}
	publish(40)
	line.restore()
	r.awaitDrained()
	if got := r.value("SELECT count() FROM observations FINAL"); got != "60" {
		t.Errorf("%s observations of 60", got)
	}
	if got := r.value("SELECT count() FROM dead_letters"); got != "0" {
		t.Errorf("%s dead letters", got)
	}
	if begun, ended := logs.FilterMessage("waiting for ClickHouse").Len(), logs.FilterMessage("no insert waits for ClickHouse").Len(); begun != ended {
		t.Errorf("%d times away, %d times back", begun, ended)
	}
}

// A missing table is waited for too: somebody may be migrating.
func TestNothingIsLostBeforeTheMigration(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.exec("RENAME TABLE %[1]s.entities TO %[1]s.elsewhere", r.db.Name)
	core, logs := observer.New(zap.InfoLevel)
	_, stop := r.sink(r.db.Connect(t, engine.Writer), nil, zap.New(core))
	defer stop()
	r.publish(simpleUser(t, "AIDA1", "ann"))
	r.await("the sink to wait", func() bool { return logs.FilterField(zap.String("hint", "run `leastwise migrate`")).Len() == 1 })
	r.exec("RENAME TABLE %[1]s.elsewhere TO %[1]s.entities", r.db.Name)
	r.awaitDrained()
	if got := r.value("SELECT count() FROM entities FINAL"); got != "1" {
		t.Error(got)
	}
}

// Stopping gives back what is in flight: another sink stores it.
func TestAStoppedSinkLosesNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	line, dsn := newProxy(t, r.db.DSN(engine.Writer))
	conn, err := Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	line.cut()
	core, logs := observer.New(zap.InfoLevel)
	_, stop := r.sink(conn, nil, zap.New(core))
	r.publish(simpleUser(t, "AIDA1", "ann"))
	r.await("the sink to wait", func() bool { return logs.FilterMessage("waiting for ClickHouse").Len() > 0 })
	stop()
	r.drain()
	if got := r.value("SELECT count() FROM entities FINAL"); got != "1" {
		t.Error(got)
	}
}

// Limits on messages, bytes and rows make several inserts; all of it is stored.
func TestManyEventsAreInsertedInParts(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Config){
		"by messages": func(c *Config) { c.Batch = 50 },
		"by bytes":    func(c *Config) { c.Bytes = 1 << 10 },
		"by rows":     func(c *Config) { c.Rows = 50 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			var msgs []*nats.Msg
			for i := range 200 {
				msgs = append(msgs, simpleUser(t, fmt.Sprintf("AIDA%04d", i), "ann"))
			}
			r.publish(msgs...)
			s, stop := r.sink(r.db.Connect(t, engine.Writer), func(c *Config) { c.Workers = 1; change(c) }, zap.NewNop())
			defer stop()
			r.awaitDrained()
			if got := r.value("SELECT count() FROM observations FINAL"); got != "200" {
				t.Errorf("%s observations of 200", got)
			}
			// Each part makes rows of two tables.
			if n := s.writer.inserts.Load(); n < 6 {
				t.Errorf("all in %d inserts", n)
			}
		})
	}
}

func TestRunNeedsTheStreams(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if err := r.js.DeleteStream(t.Context(), stream.Dead); err != nil {
		t.Fatal(err)
	}
	s := New(Dependencies{JetStream: r.js, Conn: r.db.Connect(t, engine.Writer), Metrics: prometheus.NewRegistry(), Log: zap.NewNop()}, DefaultConfig())
	if err := s.Run(t.Context()); err == nil || !strings.Contains(err.Error(), bus.ErrNotMigrated.Error()) {
		t.Error(err)
	}
}
