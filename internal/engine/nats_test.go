package engine

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/conf"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

func startNATS(t *testing.T, cfg NATSConfig) *NATS {
	t.Helper()
	n, err := StartNATS(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return n
}

func connectNATS(t *testing.T, url string) (*nats.Conn, jetstream.JetStream) {
	t.Helper()
	nc, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return nc, js
}

func TestMessagesAndPasswordsSurviveARestartOfNATS(t *testing.T) {
	t.Parallel()
	cfg := DefaultNATSConfig(filepath.Join(t.TempDir(), `a "b" \ c`))
	n := startNATS(t, cfg)
	before := password(t, n.ClientURL())
	_, js := connectNATS(t, n.ClientURL())
	if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "S", Subjects: []string{"s.>"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := js.Publish(t.Context(), "s.1", []byte("hello")); err != nil {
		t.Fatal(err)
	}
	if err := n.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-n.Done()

	n = startNATS(t, cfg)
	if password(t, n.ClientURL()) != before {
		t.Error("the user has another password")
	}
	_, js = connectNATS(t, n.ClientURL())
	stream, err := js.Stream(t.Context(), "S")
	if err != nil {
		t.Fatal(err)
	}
	msg, err := stream.GetMsg(t.Context(), 1)
	if err != nil || string(msg.Data) != "hello" {
		t.Errorf("message %v, %v", msg, err)
	}
}

func TestNATSIsConfiguredAsDocumented(t *testing.T) {
	t.Parallel()
	cfg := DefaultNATSConfig(t.TempDir())
	cfg.MaxPayload = 2 << 20
	n := startNATS(t, cfg)
	path := filepath.Join(cfg.DataDir, "nats", "nats.conf")
	opts, err := server.ProcessConfigFile(path) // as a standalone server does
	if err != nil {
		t.Fatal(err)
	}
	if !opts.SyncAlways || !opts.JetStream || opts.Host != "127.0.0.1" || opts.SystemAccount != "SYS" {
		t.Errorf("options: %+v", opts)
	}
	nc, _ := connectNATS(t, n.ClientURL())
	if nc.MaxPayload() != cfg.MaxPayload {
		t.Errorf("max payload is %d, want %d", nc.MaxPayload(), cfg.MaxPayload)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{n.ClientURL(), n.SystemURL()} {
		if strings.Contains(string(text), password(t, url)) {
			t.Error("the configuration holds a password")
		}
	}
	for _, name := range []string{"nats.conf", "passwords.json"} {
		if info, err := os.Stat(filepath.Join(cfg.DataDir, "nats", name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v", name, info.Mode(), err)
		}
	}
}

func TestNATSLetsOnlyItsUsersIn(t *testing.T) {
	t.Parallel()
	n := startNATS(t, DefaultNATSConfig(t.TempDir()))
	address := n.server.Addr().String()
	for _, url := range []string{"nats://" + address, "nats://leastwise@" + address, "nats://leastwise:wrong@" + address} {
		nc, err := nats.Connect(url)
		if !errors.Is(err, nats.ErrAuthorization) {
			t.Errorf("%s: %v, want %v", url, err, nats.ErrAuthorization)
		}
		if err == nil {
			nc.Close()
		}
	}
}

func TestSystemUserSeesTheServerAndNoStreams(t *testing.T) {
	t.Parallel()
	n := startNATS(t, DefaultNATSConfig(t.TempDir()))
	nc, js := connectNATS(t, n.SystemURL())
	reply, err := nc.Request("$SYS.REQ.SERVER.PING", nil, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	var pong struct {
		Server struct {
			Name string `json:"name"`
		} `json:"server"`
	}
	if err := json.Unmarshal(reply.Data, &pong); err != nil || pong.Server.Name != "leastwise" {
		t.Errorf("%s: %v", reply.Data, err)
	}
	if _, err := js.AccountInfo(t.Context()); err == nil {
		t.Error("the system account has JetStream")
	}
}

func TestNATSLogsIntoZap(t *testing.T) {
	t.Parallel()
	core, logs := observer.New(zap.DebugLevel)
	cfg := DefaultNATSConfig(t.TempDir())
	cfg.Logger = zap.New(core)
	startNATS(t, cfg)
	entries := logs.FilterMessage("Server is ready").All()
	if len(entries) != 1 || entries[0].LoggerName != "nats" || entries[0].Level != zap.DebugLevel {
		t.Errorf("entries: %+v", entries)
	}
	if bad := logs.FilterLevelExact(zap.WarnLevel).Len() + logs.FilterLevelExact(zap.ErrorLevel).Len(); bad != 0 {
		t.Errorf("%d warnings and errors: %+v", bad, logs.All())
	}
}

func TestNATSThatCannotStartSaysWhy(t *testing.T) {
	t.Parallel()
	taken := startNATS(t, DefaultNATSConfig(t.TempDir()))
	_, port, _ := strings.Cut(taken.server.Addr().String(), ":")
	cfg := DefaultNATSConfig(t.TempDir())
	if err := json.Unmarshal([]byte(port), &cfg.Port); err != nil {
		t.Fatal(err)
	}
	cfg.StartTimeout = 200 * time.Millisecond
	if _, err := StartNATS(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("error is %v, want that the port is taken", err)
	}
}

func TestNATSConfigReportsEveryFault(t *testing.T) {
	t.Parallel()
	if err := DefaultNATSConfig("dir").Validate(); err != nil {
		t.Errorf("the default is refused: %v", err)
	}
	_, err := StartNATS(t.Context(), NATSConfig{Port: -1})
	for _, want := range []string{"data directory", "port -1", "max payload 0", "start timeout", "stop timeout"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %q in it", err, want)
		}
	}
}

// FuzzQuoteNATS holds the quoting to nats-server's own parser.
func FuzzQuoteNATS(f *testing.F) {
	for _, s := range []string{"", "/var/lib/x", `a "b" \ c`, "$HOME", "#", `\x41`, "é"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		quoted, err := quoteNATS(s)
		if err != nil {
			t.Skip(err)
		}
		parsed, err := conf.Parse("key: " + quoted + "\n")
		if err != nil {
			t.Fatalf("%q: %v", quoted, err)
		}
		if parsed["key"] != s {
			t.Errorf("%q is read as %q", quoted, parsed["key"])
		}
	})
}
