package bus

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/leastwise/leastwise/schemas/stream"
)

func TestConnectSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	plain := startServer(t, func(o *server.Options) { o.JetStream = false })
	secret := startServer(t, func(o *server.Options) { o.Username, o.Password = "u", "p4ss" })
	tests := map[string]struct {
		cfg  Config
		want string
	}{
		"nobody listens":    {Config{URL: "nats://127.0.0.1:1"}, "reach NATS at nats://127.0.0.1:1"},
		"no JetStream":      {Config{URL: plain.ClientURL()}, "enable JetStream"},
		"wrong password":    {Config{URL: strings.Replace(secret.ClientURL(), "nats://", "nats://u:wr0ng@", 1)}, "Authorization"},
		"no scheme":         {Config{URL: "u:p4ss@127.0.0.1:1"}, "reach NATS at nats://127.0.0.1:1"},
		"unreadable file":   {Config{URLFile: filepath.Join(t.TempDir(), "none")}, "read --nats-url-file"},
		"unreadable URL":    {Config{URL: "nats://u:p4ss@[::1"}, "the URL cannot be read"},
		"missing credsfile": {Config{URL: plain.ClientURL(), Credentials: filepath.Join(t.TempDir(), "none")}, "read --nats-creds"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.cfg.Timeout = time.Second
			_, _, err := Connect(t.Context(), tt.cfg, func(error) {}, testLog())
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want %q in it", err, tt.want)
			}
			for _, secret := range []string{"p4ss", "wr0ng"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error tells a password: %v", err)
				}
			}
		})
	}
}

func TestConnectReadsTheURLFromAFile(t *testing.T) {
	t.Parallel()
	s := startServer(t, nil)
	file := filepath.Join(t.TempDir(), "url")
	if err := os.WriteFile(file, []byte(s.ClientURL()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := DefaultConfig()
	cfg.URL, cfg.URLFile = "nats://127.0.0.1:1", file
	nc, _, err := Connect(t.Context(), cfg, func(error) {}, testLog())
	if err != nil {
		t.Fatal(err)
	}
	nc.Close()
}

// A shell's <(command) is a pipe, and what has been read from it is gone.
func TestConnectReadsTheURLOnce(t *testing.T) {
	t.Parallel()
	s := startServer(t, nil)
	cfg := DefaultConfig()
	cfg.URLFile = filepath.Join(t.TempDir(), "url")
	if err := syscall.Mkfifo(cfg.URLFile, 0o600); err != nil {
		t.Skip("the file system has no named pipes: ", err)
	}
	connected := make(chan error, 1)
	go func() {
		nc, _, err := Connect(t.Context(), cfg, func(error) {}, testLog())
		if err == nil {
			nc.Close()
		}
		connected <- err
	}()
	if err := os.WriteFile(cfg.URLFile, []byte(s.ClientURL()), 0o600); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-connected:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the file is read again")
	}
}

func TestConnectTreatsARefusedPublishAsFatal(t *testing.T) {
	t.Parallel()
	s := startServer(t, func(o *server.Options) {
		o.Users = []*server.User{{Username: "u", Password: "p", Permissions: &server.Permissions{
			Publish: &server.SubjectPermission{Deny: []string{"iam.raw.>"}},
		}}}
	})
	fatal := make(chan error, 1)
	cfg := DefaultConfig()
	cfg.URL = strings.Replace(s.ClientURL(), "nats://", "nats://u:p@", 1)
	nc, _, err := Connect(t.Context(), cfg, func(err error) { fatal <- err }, testLog())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	if err := nc.Publish("iam.raw.role.1.2", nil); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-fatal:
		if !errors.Is(err, nats.ErrPermissionViolation) {
			t.Errorf("fatal got %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("nobody was told")
	}
}

func TestConnectOutlivesAServerThatRefusesItsUserForAWhile(t *testing.T) {
	t.Parallel()
	const right = "p4ss"
	protected := func(port int, password string) func(*server.Options) {
		return func(o *server.Options) { o.Port, o.Username, o.Password = port, "u", password }
	}
	s := startServer(t, protected(server.RANDOM_PORT, right))
	cfg := DefaultConfig()
	cfg.URL = strings.Replace(s.ClientURL(), "nats://", "nats://u:p4ss@", 1)
	core, logged := observer.New(zap.WarnLevel)
	nc, _, err := Connect(t.Context(), cfg, func(err error) { t.Errorf("fatal: %v", err) }, zap.New(core))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	same := s.Addr().(*net.TCPAddr).Port
	s.Shutdown()
	s.WaitForShutdown()
	s = startServer(t, protected(same, "another"))
	refusals := func() int { return logged.FilterField(zap.Error(nats.ErrAuthorization)).Len() }
	for refusals() < 3 && !nc.IsClosed() {
		time.Sleep(5 * time.Millisecond)
	}
	s.Shutdown()
	s.WaitForShutdown()
	startServer(t, protected(same, right))
	for !nc.IsConnected() {
		if nc.IsClosed() {
			t.Fatal("the connection was given up")
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestMigrateIsIdempotentAndWaitedFor(t *testing.T) {
	t.Parallel()
	js := migrated(t, nil)
	limits := stream.DefaultLimits()
	limits.RawBytes, limits.EnrichedBytes, limits.DeadBytes = 32<<20, 32<<20, 32<<20
	if err := Migrate(t.Context(), js, limits); err != nil {
		t.Fatalf("migrating again: %v", err)
	}
	raw, err := js.Stream(t.Context(), stream.Raw)
	if err != nil {
		t.Fatal(err)
	}
	if got := raw.CachedInfo().Config.MaxBytes; got != 32<<20 {
		t.Errorf("RAW holds up to %d bytes after the second migration", got)
	}
	if err := WaitMigrated(t.Context(), js, time.Second, func(s string) { t.Errorf("waited for %s", s) }); err != nil {
		t.Fatal(err)
	}
	if err := js.DeleteStream(t.Context(), stream.Enriched); err != nil {
		t.Fatal(err)
	}
	var waited []string
	err = WaitMigrated(context.WithoutCancel(t.Context()), js, 100*time.Millisecond, func(s string) { waited = append(waited, s) })
	if !errors.Is(err, ErrNotMigrated) || len(waited) != 1 || waited[0] != stream.Enriched {
		t.Errorf("got %v after waiting for %v", err, waited)
	}
}
