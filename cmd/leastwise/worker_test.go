package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// startForbidding runs a NATS whose only user may not publish to a subject.
func startForbidding(t *testing.T, subject string) (url string) {
	t.Helper()
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true,
		Users: []*server.User{{Username: "u", Password: "p4ss", Permissions: &server.Permissions{
			Publish: &server.SubjectPermission{Deny: []string{subject}},
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	go s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server did not get ready")
	}
	return strings.Replace(s.ClientURL(), "nats://", "nats://u:p4ss@", 1)
}

func TestWorkerThatMayNotUseNATSFailsAndSaysSo(t *testing.T) {
	t.Parallel()
	for _, subject := range []string{"$JS.API.INFO", "$JS.API.STREAM.INFO.>"} {
		t.Run(subject, func(t *testing.T) {
			t.Parallel()
			got := leastwise(t.Context(), "", "process", "--nats-url", startForbidding(t, subject))
			if got.code != exitFailure || !strings.Contains(got.stderr, "grant this client the subject") || strings.Contains(got.stderr, "p4ss") {
				t.Errorf("exit code %d: %s", got.code, got.stderr)
			}
		})
	}
}

func TestWorkerThatIsStoppedWhileItWaitsEndsWell(t *testing.T) {
	t.Parallel()
	url := startForbidding(t, "nothing")
	ctx, stop := context.WithCancel(t.Context())
	time.AfterFunc(200*time.Millisecond, stop)
	if got := leastwise(ctx, "", "process", "--nats-url", url); got.code != exitOK {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
}

// A shell's <(command) is a pipe, and what has been read from it is gone.
func TestWorkerReadsTheURLOfNATSOnce(t *testing.T) {
	t.Parallel()
	pipe := filepath.Join(t.TempDir(), "url")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip("the file system has no named pipes: ", err)
	}
	done := make(chan result, 1)
	go func() { done <- leastwise(t.Context(), "", "process", "--nats-url-file", pipe) }()
	if err := os.WriteFile(pipe, []byte(startForbidding(t, "$JS.API.INFO")), 0o600); err != nil {
		t.Fatal(err)
	}
	select {
	case got := <-done:
		if got.code != exitFailure || !strings.Contains(got.stderr, "grant this client the subject") {
			t.Errorf("exit code %d: %s", got.code, got.stderr)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the file is read again")
	}
}
