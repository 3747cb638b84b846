package clickhouse

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/nats-io/nats.go"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"github.com/leastwise/leastwise/internal/engine"
	"github.com/leastwise/leastwise/schemas/event"
	"github.com/leastwise/leastwise/schemas/stream"
)

// benchEvents is the number of events that one iteration stores.
const benchEvents = 24_000

// BenchmarkSink measures rows stored per second, from messages in JetStream to
// acknowledgements, and as of-bare the ratio to clickhouse-go alone inserting the
// same rows in the same blocks, with as many connections, from columns that are
// ready in memory.
func BenchmarkSink(b *testing.B) {
	r := newRig(b)
	var rows int
	var sink, bare time.Duration
	for b.Loop() {
		b.StopTimer()
		r.publish(benchMessages(b)...)
		writer := r.db.Connect(b, engine.Writer)
		runtime.GC()
		b.StartTimer()
		start := time.Now()
		_, stop := r.sink(writer, nil, zap.NewNop())
		r.awaitDrained()
		sink += time.Since(start)
		b.StopTimer()
		stop()
		r.empty(stream.Enriched)
		var blocks []block
		blocks, rows = benchBlocks(b, benchMessages(b))
		runtime.GC()
		start = time.Now()
		insertBare(b, writer, blocks)
		bare += time.Since(start)
		b.StartTimer()
	}
	b.ReportMetric(float64(rows*b.N)/sink.Seconds(), "rows/s")
	b.ReportMetric(float64(benchEvents*b.N)/sink.Seconds(), "events/s")
	b.ReportMetric(bare.Seconds()/sink.Seconds(), "of-bare")
}

// empty takes out what a stream holds: many iterations would fill it, and publishing
// would wait for room.
func (r *rig) empty(name string) {
	r.Helper()
	s, err := r.js.Stream(r.Context(), name)
	if err == nil {
		err = s.Purge(r.Context())
	}
	if err != nil {
		r.Fatal(err)
	}
}

// block is an insert that is ready to be sent.
type block struct {
	query   string
	columns []any
}

// benchBlocks makes the inserts that the sink would make of the messages.
func benchBlocks(b *testing.B, msgs []*nats.Msg) (blocks []block, rows int) {
	b.Helper()
	for len(msgs) > 0 {
		n := min(DefaultConfig().Batch, len(msgs))
		var entries []entry
		for _, m := range msgs[:n] {
			_, e, err := decode(m.Subject, m.Header, m.Data)
			if err != nil {
				b.Fatal(err)
			}
			entries = append(entries, e)
		}
		msgs = msgs[n:]
		set := rowsOf(entries)
		rows += set.count()
		for _, t := range set.tables() {
			blocks = append(blocks, t.(interface{ block() block }).block())
		}
	}
	return blocks, rows
}

func (t tableOf[R]) block() block {
	var names []string
	var columns []any
	for _, c := range t.columns() {
		names = append(names, identifier(c.name))
		columns = append(columns, c.values(t.rows))
	}
	return block{query: fmt.Sprintf("INSERT INTO %s (%s)", t.table, strings.Join(names, ", ")), columns: columns}
}

func insertBare(b *testing.B, conn driver.Conn, blocks []block) {
	b.Helper()
	var g errgroup.Group
	g.SetLimit(DefaultConfig().Workers)
	for _, block := range blocks {
		g.Go(func() error {
			batch, err := conn.PrepareBatch(insertContext(context.Background()), block.query)
			if err != nil {
				return err
			}
			for i, values := range block.columns {
				if err := batch.Column(i).Append(values); err != nil {
					return err
				}
			}
			return batch.Send()
		})
	}
	if err := g.Wait(); err != nil {
		b.Fatal(err)
	}
}

// benchMessages are what processors make of an account in the usual proportions:
// principals with a dozen services each, reports that name forty.
func benchMessages(b *testing.B) []*nats.Msg {
	b.Helper()
	msgs := make([]*nats.Msg, 0, benchEvents)
	for i := 0; len(msgs) < benchEvents; i++ {
		c := event.Common{Run: "20260102T030405Z-123456789012-1", Account: testAccount, ID: fmt.Sprintf("AROA%012d", i), ObservedAt: on(2, "03:04:05")}
		role := event.EnrichedRole{
			Role: event.Role{
				Common: c, Identity: event.Identity{
					Name: fmt.Sprint("role-", i), Path: "/", ARN: fmt.Sprint("arn:aws:iam::123456789012:role/role-", i), CreatedAt: on(1, "00:00:00"),
					Tags: map[string]string{"team": fmt.Sprint("team-", i%50), "env": "prod"},
				},
				Trust: hash("trust"), LastUsedAt: on(1, "12:00:00"), LastUsedRegion: "eu-west-1",
				Policies: []event.PolicyRef{{Source: event.SourceManaged, Name: "ReadOnlyAccess", ARN: "arn:aws:iam::aws:policy/ReadOnlyAccess", Document: hash("read")}},
			},
			Enrichment: event.Enrichment{Version: fmt.Sprintf("%016x", i), Catalog: "0.21", CatalogDate: on(1, "00:00:00"), AccessLevel: "Write", RiskTags: []string{"data"}},
			Trusts:     []event.Trust{{Effect: "Allow", Kind: "Service", Principal: "ec2.amazonaws.com", Actions: []string{"sts:AssumeRole"}}},
		}
		for n := range 12 {
			role.Grants = append(role.Grants, event.Grant{Service: fmt.Sprint("service", (i+n)%400), Unbound: [5]uint16{1, 2, 3, 4, uint16(n)}, RiskTags: []string{"data"}})
		}
		access := event.Access{Common: c, Entity: event.KindRole, ARN: role.ARN, State: event.StateOK, Granularity: event.GranularityService}
		for n := range 40 {
			access.Services = append(access.Services, event.ServiceAccess{Service: fmt.Sprint("service", (i+n)%400), LastAt: on(1, "10:00:00").Add(time.Duration(i%3600) * time.Second), LastARN: role.ARN, LastRegion: "eu-west-1", Entities: 1})
		}
		msgs = append(msgs, message(b, event.KindRole, testAccount, c.ID, role), message(b, event.KindAccess, testAccount, c.ID, access))
	}
	return msgs
}
