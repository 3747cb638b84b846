package enginetest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/leastwise/leastwise/internal/engine"
)

// shared is the server of this test binary. It is a global because testing has
// no other way from TestMain to a test.
var shared server //nolint:gochecknoglobals // see above

// server is a ClickHouse that starts when it is first asked for.
type server struct {
	mu        sync.Mutex
	main      bool // Main runs, so that a child can be started and is stopped
	configure []func(*engine.ClickHouseConfig)
	dir       string
	running   *engine.ClickHouse
	err       error // of the start, for every test that asks
}

// Main runs the tests of a package and stops what they started. It also is the
// child process that ClickHouse runs in, so call it first thing in TestMain. It
// does not return.
func Main(m *testing.M, configure ...func(*engine.ClickHouseConfig)) {
	if engine.ChildMain() {
		os.Exit(0)
	}
	shared.mu.Lock()
	shared.main, shared.configure = true, configure
	shared.mu.Unlock()
	code := m.Run()
	if err := shared.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "enginetest:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// get returns the running server. It starts it at the first call.
func (s *server) get(ctx context.Context) (*engine.ClickHouse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running != nil || s.err != nil {
		return s.running, s.err
	}
	if !s.main {
		return nil, errors.New("start clickhouse for a test: TestMain does not call enginetest.Main")
	}
	s.dir, s.err = os.MkdirTemp("", "leastwise-enginetest-")
	if s.err != nil {
		return nil, s.err
	}
	cfg := engine.DefaultClickHouseConfig(s.dir)
	cfg.GrantPrefix = true
	cfg.MaxMemory = 1 << 30
	cfg.ReaderMaxMemory = 512 << 20
	cfg.QueryLogDays = 0
	cfg.Sync = false
	for _, change := range s.configure {
		change(&cfg)
	}
	s.running, s.err = engine.StartClickHouse(ctx, cfg)
	return s.running, s.err
}

// stop ends the server, if there is one, and removes its data.
func (s *server) stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	if s.running != nil {
		err = s.running.Close(context.Background())
	}
	if s.dir != "" {
		err = errors.Join(err, os.RemoveAll(s.dir))
	}
	return err
}

// Database is a database of one test.
type Database struct {
	Name string
	// HTTPURL of the server, without a user.
	HTTPURL string

	dsns map[engine.User]string
}

// ClickHouse makes an empty database, which is dropped when the test ends.
func ClickHouse(t testing.TB) *Database {
	t.Helper()
	// Not the test's context: the server outlives the test that starts it.
	ch, err := shared.get(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	db := &Database{
		Name:    "leastwise_test_" + strings.ToLower(rand.Text()[:12]),
		HTTPURL: ch.HTTPURL(),
		dsns:    map[engine.User]string{},
	}
	for _, user := range []engine.User{engine.Admin, engine.Writer, engine.Reader} {
		u, err := url.Parse(ch.DSN(user))
		if err != nil {
			t.Fatal(err)
		}
		u.Path = "/" + db.Name
		db.dsns[user] = u.String()
	}
	admin := connect(t, ch.DSN(engine.Admin))
	if err := admin.Exec(t.Context(), "CREATE DATABASE "+db.Name); err != nil {
		t.Fatalf("create the test's database: %v", err)
	}
	t.Cleanup(func() {
		if err := admin.Exec(context.Background(), "DROP DATABASE IF EXISTS "+db.Name+" SYNC"); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	return db
}

// DSN is what a user connects to the database with.
func (d *Database) DSN(user engine.User) string { return d.dsns[user] }

// Connect opens a connection of a user to the database, for the time of the
// test.
func (d *Database) Connect(t testing.TB, user engine.User) driver.Conn {
	t.Helper()
	return connect(t, d.DSN(user))
}

func connect(t testing.TB, dsn string) driver.Conn {
	t.Helper()
	opts, err := clickhouse.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := clickhouse.Open(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Errorf("close connection: %v", err)
		}
	})
	return conn
}

// NATS runs a server with JetStream for the time of the test.
func NATS(t testing.TB) *engine.NATS {
	t.Helper()
	srv, err := engine.StartNATS(t.Context(), engine.DefaultNATSConfig(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := srv.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return srv
}
