package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"github.com/leastwise/leastwise/internal/engine"
	"github.com/leastwise/leastwise/internal/engine/enginetest"
	schema "github.com/leastwise/leastwise/schemas/clickhouse"
)

// The resulting tables and views, as ClickHouse itself writes them down.
func TestMigrateMakesTheseTables(t *testing.T) {
	t.Parallel()
	r := newWarehouse(t)
	rows, err := r.admin.Query(t.Context(), "SELECT formatQuery(create_table_query) FROM system.tables WHERE database = $1 ORDER BY name", r.db.Name)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var ddl strings.Builder
	definer := regexp.MustCompile(`DEFINER = \S+`)
	for rows.Next() {
		var statement string
		if err := rows.Scan(&statement); err != nil {
			t.Fatal(err)
		}
		statement = strings.ReplaceAll(statement, r.db.Name+".", "leastwise.")
		fmt.Fprintf(&ddl, "%s\n\n", definer.ReplaceAllString(statement, "DEFINER = …"))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	golden(t, "ddl.golden.sql", ddl.String())
}

func TestEveryColumnAndTableHasAComment(t *testing.T) {
	t.Parallel()
	r := newWarehouse(t)
	for _, query := range []string{
		`SELECT concat(table, '.', name) FROM system.columns WHERE database = $1 AND comment = ''
			AND table IN (SELECT name FROM system.tables WHERE database = $1 AND engine LIKE '%MergeTree')`,
		`SELECT name FROM system.tables WHERE database = $1 AND comment = ''`,
	} {
		rows, err := r.admin.Query(t.Context(), query, r.db.Name)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				t.Fatal(err)
			}
			t.Errorf("%s has no comment", name)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestMigrateRecordsEveryFileOnce(t *testing.T) {
	t.Parallel()
	db := enginetest.ClickHouse(t)
	files, err := schema.Migrations(schema.Files())
	if err != nil {
		t.Fatal(err)
	}
	var g errgroup.Group
	for range 6 {
		g.Go(func() error { return Migrate(t.Context(), db.DSN(engine.Admin), zap.NewNop()) })
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	if err := Migrate(t.Context(), db.DSN(engine.Admin), zap.NewNop()); err != nil {
		t.Fatal(err)
	}
	r := &rig{TB: t, db: db}
	got := r.lines("SELECT number, name, sha256 FROM schema_migrations FINAL ORDER BY number")
	for i, f := range files {
		want := fmt.Sprintf(`{"number":%d,"name":%q,"sha256":%q}`, f.Number, f.Name, f.SHA256())
		if i >= len(got) || got[i] != want {
			t.Fatalf("row %d of %d is not %s", i, len(got), want)
		}
	}
	if len(got) != len(files) {
		t.Errorf("%d files, %d rows", len(files), len(got))
	}
}

func TestMigrateAppliesWhatIsNewInOrder(t *testing.T) {
	t.Parallel()
	db := enginetest.ClickHouse(t)
	files, err := schema.Migrations(schema.Files())
	if err != nil {
		t.Fatal(err)
	}
	if err := migrate(t.Context(), db.DSN(engine.Admin), files[:5], zap.NewNop()); err != nil {
		t.Fatal(err)
	}
	more := append(slices.Clone(files[:5]),
		schema.Migration{Number: 5, Name: "later", SQL: "CREATE TABLE IF NOT EXISTS later (a UInt8 COMMENT 'a') ENGINE = MergeTree ORDER BY a"},
		schema.Migration{Number: 6, Name: "later_b", SQL: "ALTER TABLE later ADD COLUMN IF NOT EXISTS b UInt8 COMMENT 'b'"})
	if err := migrate(t.Context(), db.DSN(engine.Admin), more, zap.NewNop()); err != nil {
		t.Fatal(err)
	}
	r := &rig{TB: t, db: db}
	if got := r.value("SELECT count() FROM (SELECT a, b FROM later)"); got != "0" {
		t.Error(got)
	}
}

func TestMigrateRefusesAnotherHistory(t *testing.T) {
	t.Parallel()
	r := newWarehouse(t)
	files, err := schema.Migrations(schema.Files())
	if err != nil {
		t.Fatal(err)
	}
	changed := append([]schema.Migration(nil), files...)
	changed[3].SQL += "\n-- edited"
	for name, test := range map[string]struct {
		files []schema.Migration
		want  string
	}{
		"an edited file":          {changed, "migration 0003_entities was applied with other content"},
		"a file that is not here": {files[:len(files)-1], "which this program does not know; use the leastwise that applied it, or a newer one"},
	} {
		err := migrate(t.Context(), r.db.DSN(engine.Admin), test.files, zap.NewNop())
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Workers of the previous release go on while they are replaced.
func TestOpenMigratedTakesANewerDatabase(t *testing.T) {
	t.Parallel()
	r := newWarehouse(t)
	r.exec("INSERT INTO %s.schema_migrations (number, name, sha256) SELECT max(number) + 1, 'newer', 'x' FROM %[1]s.schema_migrations", r.db.Name)
	conn, err := OpenMigrated(t.Context(), r.db.DSN(engine.Writer), 0, func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
	r.exec("INSERT INTO %s.schema_migrations (number, name, sha256) VALUES (3, 'entities', 'x')", r.db.Name)
	if _, err := OpenMigrated(t.Context(), r.db.DSN(engine.Writer), 0, func(err error) { t.Error(err) }); err == nil || !strings.Contains(err.Error(), "with other content") {
		t.Error(err)
	}
}

func TestMigrateNamesTheFileThatFails(t *testing.T) {
	t.Parallel()
	db := enginetest.ClickHouse(t)
	files, err := schema.Migrations(schema.Files())
	if err != nil {
		t.Fatal(err)
	}
	err = migrate(t.Context(), db.DSN(engine.Admin), append(files[:1:1], schema.Migration{Number: 1, Name: "broken", SQL: "CREATE TABLEAU"}), zap.NewNop())
	if err == nil || !strings.HasPrefix(err.Error(), "apply migration 0001_broken: ") {
		t.Error(err)
	}
}

func TestMigrateCreatesTheDatabase(t *testing.T) {
	t.Parallel()
	db := enginetest.ClickHouse(t)
	dsn, err := url.Parse(db.DSN(engine.Admin))
	if err != nil {
		t.Fatal(err)
	}
	dsn.Path += "_made"
	if _, err := Open(t.Context(), dsn.String()); !errors.Is(err, ErrNotMigrated) || !strings.Contains(err.Error(), "leastwise migrate") {
		t.Errorf("opening what is not there: %v", err)
	}
	waited := false
	if _, err := OpenMigrated(t.Context(), dsn.String(), time.Second, func(error) { waited = true }); !errors.Is(err, ErrNotMigrated) || !waited {
		t.Errorf("waiting for what is not there: %v, waited %v", err, waited)
	}
	admin := db.Connect(t, engine.Admin)
	t.Cleanup(func() {
		if err := admin.Exec(context.Background(), "DROP DATABASE "+db.Name+"_made SYNC"); err != nil {
			t.Error(err)
		}
	})
	if err := Migrate(t.Context(), dsn.String(), zap.NewNop()); err != nil {
		t.Fatal(err)
	}
	conn, err := OpenMigrated(t.Context(), dsn.String(), 0, func(error) { t.Error("waited") })
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
}

func TestOpenMigratedWaitsForTheMigration(t *testing.T) {
	t.Parallel()
	db := enginetest.ClickHouse(t)
	migrated := make(chan error, 1)
	conn, err := OpenMigrated(t.Context(), db.DSN(engine.Writer), time.Minute, func(reason error) {
		if !errors.Is(reason, ErrNotMigrated) {
			t.Errorf("waits for %v", reason)
		}
		go func() { migrated <- Migrate(t.Context(), db.DSN(engine.Admin), zap.NewNop()) }()
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(<-migrated, conn.Close()); err != nil {
		t.Error(err)
	}
}
