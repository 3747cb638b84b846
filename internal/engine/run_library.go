package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// startStatements are what the passwordless session of libchdb runs. Its quota
// in users.xml.tmpl is their number.
const startStatements = "SYSTEM START LISTEN TCP;\nSYSTEM START LISTEN HTTP;\n"

// runLibrary loads libchdb and serves until ctx ends.
func runLibrary(ctx context.Context, args childArgs) error {
	lib, err := openChDB(args.engine)
	if err != nil {
		return err
	}
	hangUp, err := lib.attachTerminal()
	if err != nil {
		return err
	}
	run, err := newRuntimeDir(args.dir)
	if err != nil {
		return err
	}
	defer os.RemoveAll(run.dir)
	hold, release, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("make pipe: %w", err)
	}
	defer hold.Close()
	go func() {
		if err := run.start(ctx); err != nil {
			fatal(err)
		}
	}()
	go func() {
		<-ctx.Done()
		fatal(shutDown(args.grace, run, release, hangUp))
	}()
	err = lib.cmdline("clickhouse", "--config-file="+clickhouseFilesIn(args.dir).config, "--log-level=warning",
		"--interactive", "--disable_suggestion", "--history_file=/dev/null",
		"--queries-file", run.statements, "/dev/fd/"+strconv.Itoa(int(hold.Fd())))
	if err == nil && ctx.Err() == nil {
		err = errors.New("run libchdb: it ended by itself")
	}
	return err
}

// shutDown makes the engine end, which ends this process; it returns when that
// fails.
//
// libchdb waits for five seconds if a client is connected, busy or idle. So
// clients are cut off: whoever stops an engine has stopped its own workers, and
// an insert that is cut off was not acknowledged.
func shutDown(grace time.Duration, run *runtimeDir, release *os.File, hangUp func() error) error {
	const again = 100 * time.Millisecond // for clients that come until the listeners are closed
	cutClients()
	// The shutdown aborts without a working directory. Then come the end of the
	// engine's queries and that of its terminal.
	if err := errors.Join(os.Chdir(run.dir), release.Close(), hangUp()); err != nil {
		return fmt.Errorf("stop libchdb: %w", err)
	}
	for end := time.Now().Add(grace); time.Now().Before(end); time.Sleep(again) {
		cutClients()
	}
	return fmt.Errorf("stop libchdb: it did not within %s", grace)
}

// cutClients ends the connections of this process, all of which are clients'.
func cutClients() {
	open, err := os.ReadDir("/dev/fd")
	if err != nil {
		return
	}
	for _, entry := range open {
		fd, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		if _, err := syscall.Getpeername(fd); err == nil {
			_ = syscall.Shutdown(fd, syscall.SHUT_RDWR)
		}
	}
}

// fatal ends a process whose main routine is inside the library.
func fatal(err error) {
	fmt.Fprintln(os.Stderr, "leastwise:", err)
	os.Exit(1)
}

// runtimeDir holds what a run of libchdb needs beside its files.
type runtimeDir struct {
	dir        string
	statements string // a named pipe, from which it reads what to do
	gone       string // its working directory, until it is initialized
}

// newRuntimeDir makes the directory, in place of one that a killed run left, and
// enters it.
func newRuntimeDir(parent string) (*runtimeDir, error) {
	dir := filepath.Join(parent, "run")
	r := &runtimeDir{dir: dir, statements: filepath.Join(dir, "statements.sql"), gone: filepath.Join(dir, "gone")}
	for _, step := range []func() error{
		func() error { return os.RemoveAll(dir) },
		func() error { return os.MkdirAll(r.gone, 0o700) },
		func() error { return syscall.Mkfifo(r.statements, 0o600) },
		func() error { return os.Chdir(r.gone) },
	} {
		if err := step(); err != nil {
			return nil, fmt.Errorf("create runtime directory: %w", err)
		}
	}
	return r, nil
}

// start waits until the engine opens its statements, which it does when it is
// initialized, removes its working directory, and lets it listen unless ctx has
// ended by then.
//
// The function file() of clickhouse-local reads any file for anybody: it asks
// for no grant and knows no user_files_path. But it begins by resolving a path
// against the working directory, as the table functions and settings do that
// take a file, and fails where there is none. Nothing else needs one.
func (r *runtimeDir) start(ctx context.Context) error {
	statements, err := os.OpenFile(r.statements, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("start listening: %w", err)
	}
	if err := os.Remove(r.gone); err != nil {
		return errors.Join(fmt.Errorf("remove working directory: %w", err), statements.Close())
	}
	if ctx.Err() == nil {
		_, err = statements.WriteString(startStatements)
	}
	if err = errors.Join(err, statements.Close()); err != nil {
		return fmt.Errorf("start listening: %w", err)
	}
	return nil
}
