package engine

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Environment variables that make this test binary another program.
const (
	beParent = "LEASTWISE_TEST_PARENT" // starts ClickHouse in this directory and waits to be killed
	beServer = "LEASTWISE_TEST_SERVER" // a clickhouse server made of this libchdb
	beHolder = "LEASTWISE_TEST_HOLDER" // holds the lock of this data directory and waits to be killed
)

func TestMain(m *testing.M) {
	if ChildMain() {
		return
	}
	for name, role := range map[string]func(string) error{beParent: parentRole, beServer: serverRole, beHolder: holderRole} {
		if value := os.Getenv(name); value != "" {
			if err := role(value); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			return
		}
	}
	code := m.Run()
	if err := shared.stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func parentRole(dir string) error {
	ch, err := StartClickHouse(context.Background(), testConfig(dir))
	if err != nil {
		return err
	}
	fmt.Println(ch.PID())
	select {}
}

func holderRole(dir string) error {
	if _, err := LockDataDir(dir); err != nil {
		return err
	}
	fmt.Println(os.Getpid())
	select {}
}

// serverRole is what the tests have in place of a clickhouse executable: it
// takes the same arguments, signals and configuration. Only the passwordless
// user, which libchdb needs and a server does not, is added.
func serverRole(library string) error {
	dir := filepath.Dir(os.Args[2][len("--config-file="):])
	if err := os.MkdirAll(filepath.Join(dir, "users.d"), 0o700); err != nil {
		return err
	}
	const users = `<clickhouse><users><default><password/><networks><ip>127.0.0.1</ip></networks><profile>default</profile>` +
		`<quota>default</quota><grants><query>GRANT SYSTEM LISTEN ON *.*</query></grants></default></users></clickhouse>`
	if err := os.WriteFile(filepath.Join(dir, "users.d", "default.xml"), []byte(users), 0o600); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	return runLibrary(ctx, childArgs{engine: library, dir: dir, grace: 20 * time.Second})
}

// testConfig is a server that takes little.
func testConfig(dir string) ClickHouseConfig {
	cfg := DefaultClickHouseConfig(dir)
	cfg.MaxMemory = 1 << 30
	cfg.ReaderMaxMemory = 256 << 20
	cfg.QueryLogDays = 0
	return cfg
}

// isLibraryHere reports whether the tests run on libchdb, not on a clickhouse
// that is on PATH.
func isLibraryHere(t *testing.T) bool {
	t.Helper()
	found, err := findEngine(t.Context(), testConfig(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	return found.library
}

// startClickHouse runs a server for the time of the test.
func startClickHouse(t *testing.T, cfg ClickHouseConfig) *ClickHouse {
	t.Helper()
	ch, err := StartClickHouse(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := ch.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return ch
}

// sharedServer is for tests that leave a server as they found it.
type sharedServer struct {
	once sync.Once
	dir  string
	ch   *ClickHouse
	err  error
}

var shared sharedServer

func (s *sharedServer) get(t testing.TB) *ClickHouse {
	t.Helper()
	s.once.Do(func() {
		s.dir, s.err = os.MkdirTemp("", "leastwise-engine-")
		if s.err == nil {
			s.ch, s.err = StartClickHouse(context.Background(), testConfig(s.dir))
		}
	})
	if s.err != nil {
		t.Fatal(s.err)
	}
	return s.ch
}

func (s *sharedServer) stop() error {
	if s.ch != nil {
		if err := s.ch.Close(context.Background()); err != nil {
			return err
		}
	}
	return os.RemoveAll(s.dir)
}

// connectAs opens a connection over the native protocol.
func connectAs(t testing.TB, ch *ClickHouse, user User) driver.Conn {
	t.Helper()
	return connectDSN(t, ch.DSN(user))
}

func connectDSN(t testing.TB, dsn string) driver.Conn {
	t.Helper()
	opts, err := clickhouse.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := clickhouse.Open(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// execAll runs statements that must go well.
func execAll(t testing.TB, conn driver.Conn, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if err := conn.Exec(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// count is the single number that a query returns.
func count(t testing.TB, conn driver.Conn, query string) uint64 {
	t.Helper()
	var n uint64
	if err := conn.QueryRow(t.Context(), query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// password takes a DSN apart.
func password(t testing.TB, dsn string) string {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	p, _ := u.User.Password()
	return p
}
