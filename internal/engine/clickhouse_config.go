package engine

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"go.uber.org/zap"
)

// User is a ClickHouse user that [StartClickHouse] creates with a generated
// password. What it may do is written in templates/users.xml.tmpl.
type User string

// The users of the embedded ClickHouse.
const (
	Admin  User = "leastwise_admin"  // everything on the database: migrations
	Writer User = "leastwise_writer" // SELECT and INSERT on the database: sinks
	Reader User = "leastwise_reader" // SELECT on the database, within limits: Grafana, analysts
)

// Progress is told how far a slow step is. Stage is "wait" (another process
// fetches), "download" or "extract"; done and total are bytes, total is 0 where
// it is not known. It is called from one goroutine at a time.
type Progress func(stage string, done, total int64)

// ClickHouseConfig says how the embedded ClickHouse runs.
type ClickHouseConfig struct {
	// DataDir is the directory that everything is kept under, in its
	// subdirectory clickhouse. The caller holds its lock, see [LockDataDir].
	DataDir string
	// Database is created at the start; the users' grants are on it.
	Database string
	// GrantPrefix extends the grants to every database whose name starts with
	// Database. It is for tests, which create databases of their own.
	GrantPrefix bool
	// TCPPort of the native protocol and HTTPPort, on 127.0.0.1. 0 takes a free
	// one.
	TCPPort, HTTPPort int

	// MaxMemory is what the server may allocate, in bytes. It never takes more
	// than half of the machine's memory.
	MaxMemory int64
	// ReaderMaxMemory is what one query of [Reader] may allocate, in bytes.
	ReaderMaxMemory int64
	// ReaderMaxTime is how long one query of [Reader] may run, in whole seconds.
	ReaderMaxTime time.Duration
	// QueryLogDays is how long system.query_log keeps a query, in days. 0 turns
	// the log off.
	QueryLogDays int
	// Sync makes an insert return only when its data is on the disk, not in the
	// page cache, so that it survives a loss of power.
	Sync bool

	// StartTimeout bounds the wait for the first answer to a ping. Fetching an
	// engine is not part of it.
	StartTimeout time.Duration
	// StopTimeout bounds the orderly shutdown; after it the engine is killed.
	StopTimeout time.Duration

	// Engine is the path of a clickhouse executable or of a libchdb. Empty looks
	// for one and fetches one where there is none.
	Engine string
	// CacheDir holds fetched engines. Empty is $LEASTWISE_CACHE_DIR, else the
	// directory leastwise in the user's cache directory.
	CacheDir string

	// Progress is told about fetching. It may be nil.
	Progress Progress
	// Logger gets what concerns the process; the engine itself writes to
	// clickhouse.log in its directory. It may be nil.
	Logger *zap.Logger
}

// DefaultClickHouseConfig suits a small machine.
func DefaultClickHouseConfig(dataDir string) ClickHouseConfig {
	return ClickHouseConfig{
		DataDir:         dataDir,
		Database:        "leastwise",
		MaxMemory:       2 << 30,
		ReaderMaxMemory: 1 << 30,
		ReaderMaxTime:   time.Minute,
		QueryLogDays:    7,
		Sync:            true,
		StartTimeout:    time.Minute,
		StopTimeout:     20 * time.Second,
	}
}

// databaseName is narrower than what ClickHouse takes, so that a name needs no
// quoting in a grant, where a quote would turn GrantPrefix's wildcard off.
var databaseName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

// Validate returns every fault of c, joined.
func (c ClickHouseConfig) Validate() error {
	var errs []error
	fault := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	fault(c.DataDir != "", "data directory: is empty")
	fault(databaseName.MatchString(c.Database),
		"database %q: must be lower-case letters, digits and underscores, starting with a letter", c.Database)
	// The reader of `default` could read files: libchdb shows the file system in it.
	fault(!slices.Contains([]string{"default", "system", "information_schema"}, c.Database),
		"database %q: is ClickHouse's own", c.Database)
	fault(c.TCPPort >= 0 && c.TCPPort < 1<<16, "tcp port %d: must be from 0 to 65535", c.TCPPort)
	fault(c.HTTPPort >= 0 && c.HTTPPort < 1<<16, "http port %d: must be from 0 to 65535", c.HTTPPort)
	fault(c.TCPPort == 0 || c.TCPPort != c.HTTPPort, "http port %d: is the tcp port too", c.HTTPPort)
	fault(c.MaxMemory >= 512<<20, "max memory %d: must be at least 512 MiB", c.MaxMemory)
	fault(c.ReaderMaxMemory > 0, "reader's max memory %d: must be positive", c.ReaderMaxMemory)
	fault(c.ReaderMaxTime >= time.Second, "reader's max time %s: must be at least 1s", c.ReaderMaxTime)
	fault(c.QueryLogDays >= 0, "query log days %d: must not be negative", c.QueryLogDays)
	fault(c.StartTimeout > 0, "start timeout %s: must be positive", c.StartTimeout)
	fault(c.StopTimeout > 0, "stop timeout %s: must be positive", c.StopTimeout)
	if len(errs) > 0 {
		return fmt.Errorf("configure clickhouse: %w", errors.Join(errs...))
	}
	return nil
}
