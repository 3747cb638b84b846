package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Lock is a data directory held by this process, for both engines. The kernel
// releases it when the process ends, however it ends.
type Lock struct{ file *os.File }

// LockDataDir creates dir if need be, readable by its owner only, and holds it
// for this process. Where another process holds it, the error is [ErrLocked]
// and names the process.
func LockDataDir(dir string) (*Lock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil { //nolint:gosec // the caller says where
		return nil, fmt.Errorf("create data directory: %w", err)
	}
	path := filepath.Join(dir, "lock")
	l, err := tryLock(path)
	if errors.Is(err, ErrLocked) {
		if pid := lockHolder(path); pid != "" {
			return nil, fmt.Errorf("lock data directory %s: %w, pid %s", dir, err, pid)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("lock data directory %s: %w", dir, err)
	}
	if err := l.name(os.Getpid()); err != nil {
		return nil, errors.Join(fmt.Errorf("lock data directory %s: %w", dir, err), l.Release())
	}
	return l, nil
}

// Release lets go of the directory. The lock file stays: removing it would let
// two processes hold two files of one name.
func (l *Lock) Release() error { return l.file.Close() }

// name writes into the file who holds it.
func (l *Lock) name(pid int) error {
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err := l.file.WriteAt(fmt.Appendln(nil, pid), 0)
	return err
}

// lockHolder returns the pid in the lock file, "" where there is none yet.
func lockHolder(path string) string {
	f, err := os.Open(path) //nolint:gosec // the lock of a directory that the caller named
	if err != nil {
		return ""
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 32))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

// tryLock takes an exclusive advisory lock on the file at path, or returns
// ErrLocked.
func tryLock(path string) (*Lock, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the caller says where
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = ErrLocked
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &Lock{file: f}, nil
}

// waitLock takes the lock as soon as its holder lets go of it. It calls waiting
// each time that it has to wait.
func waitLock(ctx context.Context, path string, waiting func()) (*Lock, error) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		l, err := tryLock(path)
		if !errors.Is(err, ErrLocked) {
			return l, err
		}
		waiting()
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for %s: %w", path, context.Cause(ctx))
		case <-tick.C:
		}
	}
}
