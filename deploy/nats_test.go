package deploy_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/leastwise/leastwise/schemas/stream"
)

// The passwords look like numbers: nats-server must not take them for such.
const (
	natsPassword   = "12e45"
	systemPassword = "0123456789"
)

// startNATS runs a server from nats.conf, moved to a free port and a directory
// of the test.
func startNATS(t *testing.T) *server.Server {
	t.Helper()
	// As docker-compose.yml passes them: in quotes.
	t.Setenv("LEASTWISE_NATS_PASSWORD", `"`+natsPassword+`"`)
	t.Setenv("LEASTWISE_NATS_SYSTEM_PASSWORD", `"`+systemPassword+`"`)
	opts, err := server.ProcessConfigFile(filepath.Join("nats", "nats.conf"))
	if err != nil {
		t.Fatalf("read nats.conf: %v", err)
	}
	if !opts.SyncAlways || opts.MaxPayload != 1<<20 || opts.StoreDir != "/data" {
		t.Errorf("nats.conf: sync always %v, payload %d, store %s", opts.SyncAlways, opts.MaxPayload, opts.StoreDir)
	}
	opts.Host, opts.Port, opts.HTTPPort = "127.0.0.1", server.RANDOM_PORT, 0
	opts.StoreDir, opts.NoLog, opts.NoSigs = t.TempDir(), true, true
	s, err := server.NewServer(opts)
	if err != nil {
		t.Fatal(err)
	}
	go s.Start()
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server did not get ready")
	}
	return s
}

func TestNATSHoldsTheStreamsInTheirDefaultSizes(t *testing.T) {
	s := startNATS(t)
	nc, err := nats.Connect(s.ClientURL(), nats.UserInfo("leastwise", natsPassword))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	for _, cfg := range stream.Streams(stream.DefaultLimits()) {
		if _, err := js.CreateOrUpdateStream(t.Context(), cfg); err != nil {
			t.Errorf("create %s: %v", cfg.Name, err)
		}
	}
}

func TestNATSKnowsItsUsersOnly(t *testing.T) {
	s := startNATS(t)
	for name, option := range map[string]nats.Option{
		"nobody":         func(*nats.Options) error { return nil },
		"wrong password": nats.UserInfo("leastwise", "x"),
		"other's":        nats.UserInfo("leastwise", systemPassword),
	} {
		if _, err := nats.Connect(s.ClientURL(), option); !errors.Is(err, nats.ErrAuthorization) {
			t.Errorf("%s: connect: %v, want %v", name, err, nats.ErrAuthorization)
		}
	}
	nc, err := nats.Connect(s.ClientURL(), nats.UserInfo("leastwise_sys", systemPassword))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	if _, err := nc.Request("$SYS.REQ.SERVER.PING", nil, 10*time.Second); err != nil {
		t.Errorf("the system account cannot ask for the server: %v", err)
	}
}
