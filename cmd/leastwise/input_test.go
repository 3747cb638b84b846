package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A command that waits for standard input stops when it is asked to.
func TestReadingStandardInputCanBeInterrupted(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"write-policy", "expand-policy", "minimize-policy", "analyze policy-file -"} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			in, out := io.Pipe()
			defer out.Close()
			done := make(chan result, 1)
			go func() {
				var stdout, stderr strings.Builder
				code := run(ctx, strings.Fields(command), in, &stdout, &stderr)
				done <- result{code, stdout.String(), stderr.String()}
			}()
			if _, err := out.Write([]byte("{")); err != nil { // ends when it is read
				t.Fatal(err)
			}
			cancel()
			got := <-done
			if got.code != exitFailure || !strings.Contains(got.stderr, context.Canceled.Error()) {
				t.Errorf("exit code %d: %s", got.code, got.stderr)
			}
			checkOneSentence(t, got)
		})
	}
}

// So does one that waits for the other end of a named pipe, to read or to write.
func TestNamedPipesCanBeInterrupted(t *testing.T) {
	t.Parallel()
	file := filepath.Join(writeFiles(t, map[string]string{"a.yml": template}), "a.yml")
	for _, command := range []string{
		"write-policy -i PIPE", "expand-policy -i PIPE", "analyze policy-file --policy PIPE", "create-template -t crud -o PIPE --force",
		"write-policy -i FILE --catalog PIPE", "write-policy -i FILE --access-level-overrides PIPE", "query service-table --catalog PIPE",
		"catalog diff PIPE", "analyze policy-file FILE --risk-rules PIPE", "analyze policy-file FILE --exclusions PIPE",
		"analyze account PIPE",
	} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			pipe := filepath.Join(t.TempDir(), "pipe")
			if err := syscall.Mkfifo(pipe, 0o600); err != nil {
				t.Skip("the file system has no named pipes: ", err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(20*time.Millisecond, cancel)
			got := leastwise(ctx, "", strings.Fields(strings.NewReplacer("PIPE", pipe, "FILE", file).Replace(command))...)
			if got.code != exitFailure || !strings.Contains(got.stderr, context.Canceled.Error()) {
				t.Errorf("exit code %d: %s", got.code, got.stderr)
			}
			checkOneSentence(t, got)
			// It has both ends, so that what still waits goes on.
			if f, err := os.OpenFile(pipe, os.O_RDWR, 0); err == nil {
				f.Close()
			}
		})
	}
}

// A named pipe in a directory has no end: it is named, and the rest is read.
func TestPipesInDirectoriesAreNotWaitedFor(t *testing.T) {
	t.Parallel()
	dir := writeFiles(t, map[string]string{"a.json": harmless})
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.json"), 0o600); err != nil {
		t.Skip("the file system has no named pipes: ", err)
	}
	got := leastwise(t.Context(), "", "analyze", "downloaded-policies", dir)
	if got.code != exitFailure || !strings.Contains(got.stderr, "pipe.json: it is no regular file") || !strings.Contains(got.stdout, "pipe.json") {
		t.Errorf("exit code %d: %s%s", got.code, got.stdout, got.stderr)
	}
	dir, out := writeFiles(t, map[string]string{"b.yml": template}), t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.yml"), 0o600); err != nil {
		t.Fatal(err)
	}
	got = leastwise(t.Context(), "", "write-policy-dir", "--input-dir", dir, "--output-dir", out)
	if got.code != exitFailure || !strings.Contains(got.stderr, "pipe.yml: it is no regular file") || len(readDir(t, out)) != 1 {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
}
