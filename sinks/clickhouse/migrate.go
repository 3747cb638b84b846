package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"go.uber.org/zap"

	schema "github.com/leastwise/leastwise/schemas/clickhouse"
)

// Migrate creates the database of the DSN if it does not exist, and applies every
// migration that it does not have. Applying again changes nothing, and any number
// of programs may do it at once: each statement may be repeated, and each program
// applies all that was missing when it looked, in order.
//
// It returns an error when the database has a migration with another content than
// this program's, or one that this program does not know.
func Migrate(ctx context.Context, dsn string, log *zap.Logger) error {
	files, err := schema.Migrations(schema.Files())
	if err != nil {
		return err
	}
	return migrate(ctx, dsn, files, log)
}

func migrate(ctx context.Context, dsn string, files []schema.Migration, log *zap.Logger) error {
	opts, err := parse(dsn)
	if err != nil {
		return err
	}
	log = log.Named("migrate").With(zap.String("clickhouse", address(opts)))
	if err := createDatabase(ctx, opts, log); err != nil {
		return err
	}
	conn, err := open(ctx, opts)
	if err != nil {
		return err
	}
	m := &migrator{conn: conn, address: address(opts), log: log}
	return errors.Join(m.run(ctx, files), conn.Close())
}

// createDatabase connects to the server's default database to create ours.
func createDatabase(ctx context.Context, opts *clickhouse.Options, log *zap.Logger) error {
	name := opts.Auth.Database
	server := *opts
	server.Auth.Database = ""
	conn, err := open(ctx, &server)
	if err != nil {
		return err
	}
	var there uint64
	err = conn.QueryRow(ctx, "SELECT count() FROM system.databases WHERE name = $1", name).Scan(&there)
	if err == nil && there == 0 {
		if err = conn.Exec(ctx, "CREATE DATABASE IF NOT EXISTS "+identifier(name)); err == nil {
			log.Info("created database")
		}
	}
	if err != nil {
		err = fmt.Errorf("create database %s: %w", name, explain(err, address(opts)))
	}
	return errors.Join(err, conn.Close())
}

// identifier quotes a name for SQL.
func identifier(name string) string {
	return "`" + strings.NewReplacer(`\`, `\\`, "`", "\\`").Replace(name) + "`"
}

// migrator applies migrations to one database.
type migrator struct {
	conn    driver.Conn
	address string
	log     *zap.Logger
}

func (m *migrator) run(ctx context.Context, files []schema.Migration) error {
	// The first file makes the table that remembers the others.
	if err := m.exec(ctx, files[0]); err != nil {
		return err
	}
	all, err := m.applied(ctx)
	if err != nil {
		return err
	}
	pending, err := compare(files, all)
	if err != nil {
		return err
	}
	for _, f := range pending {
		if err := m.exec(ctx, f); err != nil {
			return err
		}
		if err := m.record(ctx, f); err != nil {
			return fmt.Errorf("record migration %s: %w", f, explain(err, m.address))
		}
		m.log.Info("applied migration", zap.Stringer("migration", f))
	}
	return nil
}

func (m *migrator) exec(ctx context.Context, f schema.Migration) error {
	if err := m.conn.Exec(ctx, f.SQL); err != nil {
		return fmt.Errorf("apply migration %s: %w", f, explain(err, m.address))
	}
	return nil
}

func (m *migrator) record(ctx context.Context, f schema.Migration) error {
	batch, err := m.conn.PrepareBatch(insertContext(ctx), "INSERT INTO schema_migrations (number, name, sha256)")
	if err != nil {
		return err
	}
	if err := batch.Append(f.Number, f.Name, f.SHA256()); err != nil {
		return errors.Join(err, batch.Close())
	}
	return batch.Send()
}

// applied returns what was applied to the database, or ErrNotMigrated when it has
// no record at all.
func (m *migrator) applied(ctx context.Context) ([]applied, error) {
	rows, err := m.conn.Query(ctx, "SELECT number, name, sha256 FROM schema_migrations FINAL ORDER BY number, sha256")
	if err != nil {
		return nil, explain(err, m.address)
	}
	defer rows.Close()
	var all []applied
	for rows.Next() {
		var a applied
		if err := rows.Scan(&a.number, &a.name, &a.sha256); err != nil {
			return nil, fmt.Errorf("read schema_migrations: %w", err)
		}
		all = append(all, a)
	}
	if err := rows.Err(); err != nil {
		return nil, explain(err, m.address)
	}
	return all, nil
}

// applied is a row of schema_migrations.
type applied struct {
	number       uint32
	name, sha256 string
}

// compare returns the files that are not applied, and an error for each applied
// one that is not among the files as it was.
func compare(files []schema.Migration, all []applied) ([]schema.Migration, error) {
	has := make(map[uint32]bool, len(all))
	var faults []error
	for _, a := range all {
		has[a.number] = true
		switch {
		case int(a.number) >= len(files):
			faults = append(faults, fmt.Errorf("the database has migration %04d_%s, which this program does not know; use the leastwise that applied it, or a newer one", a.number, a.name))
		case files[a.number].SHA256() != a.sha256:
			faults = append(faults, fmt.Errorf("migration %s was applied with other content (sha256 %.12s… in the database, %.12s… here); an applied file never changes: restore it, and make the change in a new file",
				files[a.number], a.sha256, files[a.number].SHA256()))
		}
	}
	var pending []schema.Migration
	for _, f := range files {
		if !has[f.Number] {
			pending = append(pending, f)
		}
	}
	return pending, errors.Join(faults...)
}
