package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// A child is recognised by both of these, and by having exactly the arguments
// of a child, so that no command line of a user is taken for one.
const (
	childArg0 = "leastwise-clickhouse"
	childEnv  = "LEASTWISE_CLICKHOUSE_CHILD"
)

// The kinds of engine that a child runs.
const (
	childLibrary = "libchdb"
	childServer  = "server"
)

// childParentFD is the read end of a pipe whose other end the parent holds. It
// ends when the parent closes it or dies.
const childParentFD = 3

// childArgs are a child's arguments after its name.
type childArgs struct {
	kind, engine, dir string
	grace             time.Duration // how long an orderly shutdown may take
}

func (a childArgs) strings() []string {
	return []string{childArg0, a.kind, a.engine, a.dir, a.grace.String()}
}

// ChildMain runs the engine and reports true, if this process is a child that
// [StartClickHouse] made. main and TestMain call it first and return when it
// ran; in any other process it does nothing and reports false. A failure of the
// engine ends the process with exit code 1.
func ChildMain() (ran bool) {
	if os.Getenv(childEnv) != "1" || len(os.Args) != 5 || os.Args[0] != childArg0 {
		return false
	}
	grace, err := time.ParseDuration(os.Args[4])
	if err == nil {
		err = runChild(childArgs{kind: os.Args[1], engine: os.Args[2], dir: os.Args[3], grace: grace})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "leastwise:", err)
		os.Exit(1)
	}
	return true
}

// runChild runs the engine until the parent wants it to stop.
func runChild(args childArgs) error {
	syscall.CloseOnExec(childParentFD)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	signal.Ignore(syscall.SIGINT) // Ctrl-C is for the parent, which then stops us
	ctx, orphaned := context.WithCancel(ctx)
	go func() {
		defer orphaned()
		_, _ = io.Copy(io.Discard, os.NewFile(childParentFD, "parent"))
	}()

	// The child of a parent that was killed may still be shutting down.
	path := clickhouseFilesIn(args.dir).lock
	say := sync.OnceFunc(func() {
		fmt.Fprintf(os.Stderr, "leastwise: waiting for process %s, which runs in %s\n", lockHolder(path), args.dir)
	})
	lock, err := waitLock(ctx, path, say)
	if err != nil {
		return err
	}
	defer lock.file.Close()
	if err := lock.name(os.Getpid()); err != nil {
		return fmt.Errorf("lock %s: %w", args.dir, err)
	}
	switch args.kind {
	case childLibrary:
		return runLibrary(ctx, args)
	case childServer:
		return runServer(ctx, args)
	}
	return fmt.Errorf("run engine: unknown kind %q", args.kind)
}

// runServer runs a clickhouse executable and stops it when ctx ends.
func runServer(ctx context.Context, args childArgs) error {
	files := clickhouseFilesIn(args.dir)
	cmd := exec.CommandContext(ctx, args.engine, "server", "--config-file="+files.config) //nolint:gosec // found by findEngine
	cmd.Dir = args.dir
	cmd.Env = append(engineEnv(args.dir), "CLICKHOUSE_WATCHDOG_ENABLE=0")
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = args.grace
	cmd.SysProcAttr = diesWithParent(syscall.SIGKILL)
	err := runLocked(cmd, nil)
	if ctx.Err() != nil {
		return nil
	}
	if err == nil {
		err = errors.New("it ended by itself")
	}
	return fmt.Errorf("run %s server: %w", args.engine, err)
}

// engineEnv is all that an engine sees of our environment: no credentials.
func engineEnv(dir string) []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TZ=UTC", "LC_ALL=C"}
}
