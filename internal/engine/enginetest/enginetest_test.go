package enginetest

import (
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/leastwise/leastwise/internal/engine"
)

func TestMain(m *testing.M) { Main(m) }

func TestEveryTestHasADatabaseOfItsOwn(t *testing.T) {
	t.Parallel()
	one, two := ClickHouse(t), ClickHouse(t)
	if one.Name == two.Name {
		t.Fatalf("both are %s", one.Name)
	}
	ctx := t.Context()
	admin := one.Connect(t, engine.Admin)
	if err := admin.Exec(ctx, "CREATE TABLE t (x UInt64) ENGINE = MergeTree ORDER BY x"); err != nil {
		t.Fatal(err)
	}
	if err := one.Connect(t, engine.Writer).Exec(ctx, "INSERT INTO t VALUES (1), (2)"); err != nil {
		t.Fatal(err)
	}
	var rows uint64
	if err := one.Connect(t, engine.Reader).QueryRow(ctx, "SELECT count() FROM t").Scan(&rows); err != nil {
		t.Fatal(err)
	}
	if rows != 2 {
		t.Errorf("the reader sees %d rows, want 2", rows)
	}
	if err := two.Connect(t, engine.Reader).QueryRow(ctx, "SELECT count() FROM t").Scan(&rows); err == nil {
		t.Error("the other database has the table too")
	}
}

func TestDatabaseIsGoneAfterTheTest(t *testing.T) {
	t.Parallel()
	var name string
	t.Run("test", func(t *testing.T) {
		name = ClickHouse(t).Name
	})
	var left uint64
	err := ClickHouse(t).Connect(t, engine.Admin).
		QueryRow(t.Context(), "SELECT count() FROM system.databases WHERE name = ?", name).Scan(&left)
	if err != nil {
		t.Fatal(err)
	}
	if left != 0 {
		t.Errorf("%s is still there", name)
	}
}

func TestNATSHasJetStream(t *testing.T) {
	t.Parallel()
	nc, err := nats.Connect(NATS(t).ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.AccountInfo(t.Context()); err != nil {
		t.Fatal(err)
	}
}
