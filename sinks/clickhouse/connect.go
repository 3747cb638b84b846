package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/spf13/pflag"

	"github.com/leastwise/leastwise/internal/pause"
	schema "github.com/leastwise/leastwise/schemas/clickhouse"
)

// defaultDatabase is what a DSN without a database means.
const defaultDatabase = "leastwise"

// ConnConfig says how to reach ClickHouse.
type ConnConfig struct {
	// DSN is clickhouse://user:password@host:port/database, with the options of
	// clickhouse-go: ?secure=true for TLS, for example.
	DSN string
	// DSNFile names a file that holds the DSN; it wins over DSN.
	DSNFile string
}

// DefaultConnConfig returns the settings for a ClickHouse on this machine.
func DefaultConnConfig() ConnConfig {
	return ConnConfig{DSN: "clickhouse://127.0.0.1:9000/" + defaultDatabase}
}

// AddFlags adds the flags that set c.
func (c *ConnConfig) AddFlags(fs *pflag.FlagSet) {
	fs.StringVar(&c.DSN, "clickhouse-dsn", c.DSN, "ClickHouse `DSN`; with a password, set LEASTWISE_CLICKHOUSE_DSN instead")
	fs.StringVar(&c.DSNFile, "clickhouse-dsn-file", c.DSNFile, "`file` that holds the ClickHouse DSN")
}

// Resolve returns the DSN. It returns an error when the file cannot be read or the
// DSN is malformed; no error shows what a DSN holds.
func (c ConnConfig) Resolve() (string, error) {
	dsn := c.DSN
	if c.DSNFile != "" {
		raw, err := os.ReadFile(c.DSNFile)
		if err != nil {
			return "", fmt.Errorf("read --clickhouse-dsn-file: %w", err)
		}
		dsn = strings.TrimSpace(string(raw))
	}
	_, err := parse(dsn)
	return dsn, err
}

// Open returns connections to ClickHouse, once the first one works. Its errors say
// what to do: about a server that cannot be reached, a refused user, or, as
// ErrNotMigrated, a missing database.
func Open(ctx context.Context, dsn string) (driver.Conn, error) {
	opts, err := parse(dsn)
	if err != nil {
		return nil, err
	}
	return open(ctx, opts)
}

// OpenMigrated is Open for workers, which may be started before the migration: it
// waits up to patience for every table and view that this program knows, and then
// returns ErrNotMigrated. It calls waiting once, if it has to wait. Tables and views
// that this program does not know do not matter.
func OpenMigrated(ctx context.Context, dsn string, patience time.Duration, waiting func(reason error)) (driver.Conn, error) {
	opts, err := parse(dsn)
	if err != nil {
		return nil, err
	}
	files, err := schema.Migrations(schema.Files())
	if err != nil {
		return nil, err
	}
	patient, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for told := false; ; told = true {
		conn, err := openMigrated(ctx, opts, files)
		if !errors.Is(err, ErrNotMigrated) || patient.Err() != nil {
			return conn, err
		}
		if !told {
			waiting(err)
		}
		pause.For(patient, 500*time.Millisecond)
	}
}

func openMigrated(ctx context.Context, opts *clickhouse.Options, files []schema.Migration) (driver.Conn, error) {
	conn, err := open(ctx, opts)
	if err != nil {
		return nil, err
	}
	if err := checkMigrated(ctx, conn, address(opts), files); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// checkMigrated returns nil when the database has all of the files. It may have
// newer ones: workers are replaced one by one, after the migration.
func checkMigrated(ctx context.Context, conn driver.Conn, address string, files []schema.Migration) error {
	all, err := (&migrator{conn: conn, address: address}).applied(ctx)
	if err != nil {
		return err
	}
	known := slices.DeleteFunc(all, func(a applied) bool { return int(a.number) >= len(files) })
	pending, err := compare(files, known)
	if err == nil && len(pending) > 0 {
		err = fmt.Errorf("use ClickHouse at %s: %w (it lacks %s)", address, ErrNotMigrated, pending[0])
	}
	return err
}

func open(ctx context.Context, opts *clickhouse.Options) (driver.Conn, error) {
	conn, err := clickhouse.Open(opts)
	if err != nil {
		return nil, fmt.Errorf("read --clickhouse-dsn: %w", err)
	}
	if err := conn.Ping(ctx); err != nil {
		return nil, errors.Join(explain(err, address(opts)), conn.Close())
	}
	return conn, nil
}

// parse reads a DSN and fills in what it leaves open.
func parse(dsn string) (*clickhouse.Options, error) {
	opts, err := clickhouse.ParseDSN(dsn)
	if err != nil {
		// clickhouse-go takes secrets out of what it says.
		return nil, fmt.Errorf("read --clickhouse-dsn: %w; it looks like clickhouse://user:password@host:9000/%s", err, defaultDatabase)
	}
	if scheme, _, found := strings.Cut(dsn, "://"); !found || scheme != "clickhouse" && scheme != "tcp" {
		// Not what it names: without a scheme that would be the password.
		return nil, errors.New("read --clickhouse-dsn: it does not begin with clickhouse://; leastwise speaks the native protocol, clickhouse://host:9000")
	}
	if opts.Auth.Database == "" {
		opts.Auth.Database = defaultDatabase
	}
	if opts.Compression == nil {
		opts.Compression = &clickhouse.Compression{Method: clickhouse.CompressionLZ4}
	}
	if opts.DialTimeout == 0 {
		opts.DialTimeout = 5 * time.Second
	}
	opts.ClientInfo.Comment = append(opts.ClientInfo.Comment, "leastwise")
	return opts, nil
}

// address is what logs and errors may say of a connection.
func address(opts *clickhouse.Options) string {
	return strings.Join(opts.Addr, ",") + "/" + opts.Auth.Database
}
