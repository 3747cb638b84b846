package engine

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestServesBothProtocolsInUTC(t *testing.T) {
	t.Parallel()
	ch := shared.get(t)
	var zone, database string
	err := connectAs(t, ch, Admin).QueryRow(t.Context(), "SELECT timezone(), currentDatabase()").Scan(&zone, &database)
	if err != nil {
		t.Fatal(err)
	}
	if zone != "UTC" || database != "leastwise" {
		t.Errorf("time zone %q and database %q, want UTC and leastwise", zone, database)
	}
	resp, err := http.Get(ch.HTTPURL() + "/ping")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("GET /ping: %s", resp.Status)
	}
}

// A sink that sets async_insert still gets an insert that is stored when it
// returns, and its deduplication.
func TestInsertsIntoLibraryAreNeverAsynchronous(t *testing.T) {
	t.Parallel()
	if !isLibraryHere(t) {
		t.Skip("a server has a queue for them")
	}
	ch := startClickHouse(t, testConfig(t.TempDir()))
	admin := connectAs(t, ch, Admin)
	execAll(t, admin, "CREATE TABLE t (x UInt64) ENGINE = MergeTree ORDER BY x SETTINGS non_replicated_deduplication_window = 10")
	writer := connectAs(t, ch, Writer)
	for range 2 {
		execAll(t, writer, "INSERT INTO t SETTINGS async_insert = 1, wait_for_async_insert = 0, insert_deduplication_token = 'a' VALUES (1)")
		if got := count(t, admin, "SELECT count() FROM t"); got != 1 {
			t.Errorf("%d rows, want 1", got)
		}
	}
}

func TestDataAndPasswordsSurviveARestart(t *testing.T) {
	t.Parallel()
	cfg := testConfig(t.TempDir())
	ch := startClickHouse(t, cfg)
	before := password(t, ch.DSN(Reader))
	admin := connectAs(t, ch, Admin)
	execAll(t, admin, "CREATE TABLE t (x UInt64) ENGINE = MergeTree ORDER BY x", "INSERT INTO t SELECT number FROM numbers(1000)")
	if err := ch.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := ch.Wait(t.Context()); err != nil {
		t.Errorf("after Close, Wait returns %v", err)
	}

	ch = startClickHouse(t, cfg)
	if got := count(t, connectAs(t, ch, Reader), "SELECT sum(x) FROM t"); got != 499500 {
		t.Errorf("sum is %d, want 499500", got)
	}
	if after := password(t, ch.DSN(Reader)); after != before {
		t.Error("the reader has another password")
	}
}

func TestDataSurvivesAKilledEngine(t *testing.T) {
	t.Parallel()
	cfg := testConfig(t.TempDir())
	ch := startClickHouse(t, cfg)
	execAll(t, connectAs(t, ch, Admin), "CREATE TABLE t (x UInt64) ENGINE = MergeTree ORDER BY x")
	writer := connectAs(t, ch, Writer)
	for i := range 20 {
		execAll(t, writer, fmt.Sprintf("INSERT INTO t SELECT number FROM numbers(%d, 1000)", i*1000))
	}
	if err := syscall.Kill(ch.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-ch.Done()
	if err := ch.Wait(t.Context()); err == nil || !strings.Contains(err.Error(), "signal: killed") {
		t.Errorf("Wait returns %v, want that the engine was killed", err)
	}

	ch = startClickHouse(t, cfg)
	if got := count(t, connectAs(t, ch, Reader), "SELECT uniqExact(x) FROM t"); got != 20000 {
		t.Errorf("%d rows, want the 20000 that were acknowledged", got)
	}
}

func TestEngineDiesWithItsParent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), beParent+"="+dir)
	parent.Stderr = os.Stderr
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	child, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait()
	// The next parent may come while the orphan is still shutting down.
	startClickHouse(t, testConfig(dir))
	for !errors.Is(syscall.Kill(child, 0), syscall.ESRCH) && !isZombie(child) {
		time.Sleep(10 * time.Millisecond) // until the test's time is up, if it must be
	}
}

// isZombie reports whether a process has ended and nobody has asked for its
// exit code; whoever inherited it may take its time.
func isZombie(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && strings.Contains(string(stat), ") Z ")
}

func TestSurvivesClientsThatResetTheirConnections(t *testing.T) {
	t.Parallel()
	ch := startClickHouse(t, testConfig(t.TempDir()))
	for _, port := range []int{ch.ports.tcp, ch.ports.http} {
		for _, said := range []string{"", "GET / HTTP/1.1\r\n", strings.Repeat("\x80", 50)} {
			for i := range 40 {
				conn, err := net.Dial("tcp", ch.ports.address(port))
				if err != nil {
					t.Fatalf("after %d resets having said %q: %v: %v", i, said, err, ch.Wait(t.Context()))
				}
				if _, err := conn.Write([]byte(said)); err != nil {
					t.Fatal(err)
				}
				runtime.Gosched() // let it be taken in some cases, and not in others
				if err := conn.(*net.TCPConn).SetLinger(0); err != nil {
					t.Fatal(err)
				}
				if err := conn.Close(); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if got := count(t, connectAs(t, ch, Admin), "SELECT count() FROM system.one"); got != 1 {
		t.Errorf("count is %d", got)
	}
}

func TestConfiguredPortThatIsTakenIsAnError(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	free, err := choosePorts(t.Context(), 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	cfg := testConfig(t.TempDir())
	cfg.TCPPort, cfg.HTTPPort = free.tcp, taken.Addr().(*net.TCPAddr).Port
	_, err = StartClickHouse(t.Context(), cfg)
	if !errors.Is(err, errPortTaken) || !strings.Contains(err.Error(), strconv.Itoa(cfg.HTTPPort)) {
		t.Errorf("error is %v, want that port %d is taken", err, cfg.HTTPPort)
	}
}

func TestEarlyEndShowsTheLog(t *testing.T) {
	t.Parallel()
	lib := filepath.Join(t.TempDir(), "libchdb.so")
	if err := os.WriteFile(lib, []byte("not a library"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := testConfig(t.TempDir())
	cfg.Engine = lib
	_, err := StartClickHouse(t.Context(), cfg)
	if err == nil || !strings.Contains(err.Error(), "load "+lib) {
		t.Errorf("error is %v, want what the child wrote about %s", err, lib)
	}
}

func TestStartEndsWithItsContext(t *testing.T) {
	t.Parallel()
	shared.get(t) // fetches the library where it is missing
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("changed my mind"))
	if _, err := StartClickHouse(ctx, testConfig(t.TempDir())); err == nil || !strings.Contains(err.Error(), "changed my mind") {
		t.Errorf("error is %v, want the cause", err)
	}
}

func TestCloseDoesNotWaitForIdleClients(t *testing.T) {
	t.Parallel()
	cfg := testConfig(t.TempDir())
	cfg.StopTimeout = 4 * time.Second // it would wait for five
	ch := startClickHouse(t, cfg)
	for _, port := range []int{ch.ports.tcp, ch.ports.http} {
		conn, err := net.Dial("tcp", ch.ports.address(port))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	native := connectAs(t, ch, Reader)
	if got := count(t, native, "SELECT count() FROM system.one"); got != 1 {
		t.Fatalf("count is %d", got)
	}
	if err := ch.Close(t.Context()); err != nil {
		t.Error(err)
	}
	// An orderly end, not the end of its patience.
	if err := ch.proc.err; err != nil {
		t.Errorf("the child ended with %v:\n%s", err, ch.proc.output())
	}
}

func TestCloseKillsAnEngineThatTakesTooLong(t *testing.T) {
	t.Parallel()
	ch := startClickHouse(t, testConfig(t.TempDir()))
	if err := syscall.Kill(ch.PID(), syscall.SIGSTOP); err != nil { // it does not hear us
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := ch.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Close returns %v, want that the time was up", err)
	}
	<-ch.Done()
}

// A clickhouse executable is run by the same child, with the same files.
func TestRunsAServerFromPath(t *testing.T) {
	library, err := findEngine(t.Context(), testConfig(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	if !library.library {
		t.Skip("there is a clickhouse on PATH: all other tests run on it")
	}
	fakeServer(t, "26.7.2.1", fmt.Sprintf("%s=%s exec %s \"$@\"", beServer, library.path, os.Args[0]))

	cfg := testConfig(t.TempDir())
	ch := startClickHouse(t, cfg)
	admin := connectAs(t, ch, Admin)
	execAll(t, admin, "CREATE TABLE t (x UInt64) ENGINE = MergeTree ORDER BY x", "INSERT INTO t VALUES (7)")
	if got := count(t, connectAs(t, ch, Reader), "SELECT x FROM t"); got != 7 {
		t.Errorf("x is %d", got)
	}
	users, err := os.ReadFile(clickhouseFilesIn(filepath.Join(cfg.DataDir, "clickhouse")).users)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(users), "<default>\n            <password/>") {
		t.Error("a server has a passwordless user too")
	}
	if err := ch.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// fakeServer puts a clickhouse on PATH that knows its version and runs a line
// of shell for anything else.
func fakeServer(t *testing.T, version, run string) {
	t.Helper()
	dir := t.TempDir()
	script := fmt.Sprintf("#!/bin/sh\n[ \"$1\" = --version ] && echo 'ClickHouse server version %s.' && exit\n%s\n", version, run)
	if err := os.WriteFile(filepath.Join(dir, "clickhouse"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}
