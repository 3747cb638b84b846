package bus

import (
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"
	"go.uber.org/zap"

	"github.com/leastwise/leastwise/schemas/stream"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// The server's own routines end a moment after its shutdown.
		goleak.IgnoreAnyFunction("github.com/nats-io/nats-server/v2/server.(*Server).startGoRoutine.func1"),
		goleak.IgnoreAnyFunction("github.com/nats-io/nats-server/v2/server.(*fileStore).flushLoop"))
}

// startServer runs a real server with JetStream for one test.
func startServer(t *testing.T, change func(*server.Options)) *server.Server {
	t.Helper()
	opts := &server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true,
	}
	if change != nil {
		change(opts)
	}
	s, err := server.NewServer(opts)
	if err != nil {
		t.Fatal(err)
	}
	go s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server did not get ready")
	}
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	return s
}

// migrated returns JetStream on a fresh server that has every stream, within
// limits that suit a test.
func migrated(t *testing.T, change func(*stream.Limits)) jetstream.JetStream {
	t.Helper()
	s := startServer(t, nil)
	nc, err := nats.Connect(s.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	limits := stream.DefaultLimits()
	limits.RawBytes, limits.EnrichedBytes, limits.DeadBytes = 64<<20, 64<<20, 64<<20
	if change != nil {
		change(&limits)
	}
	if err := Migrate(t.Context(), js, limits); err != nil {
		t.Fatal(err)
	}
	return js
}

func testLog() *zap.Logger { return zap.NewNop() }
