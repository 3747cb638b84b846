package stream_test

import (
	"context"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/leastwise/leastwise/schemas/stream"
)

// startJetStream runs a real server for one test and returns a connection to it.
func startJetStream(t *testing.T) jetstream.JetStream {
	t.Helper()
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true,
	})
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
	nc, err := nats.Connect(s.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

// withStreams is startJetStream with every stream created, small enough for a
// test's disk.
func withStreams(t *testing.T) jetstream.JetStream {
	t.Helper()
	js := startJetStream(t)
	create(t, js, testLimits())
	return js
}

func testLimits() stream.Limits {
	l := stream.DefaultLimits()
	l.RawBytes, l.EnrichedBytes, l.DeadBytes = 64<<20, 64<<20, 16<<20
	return l
}

func create(t *testing.T, js jetstream.JetStream, l stream.Limits) {
	t.Helper()
	for _, cfg := range stream.Streams(l) {
		if _, err := js.CreateOrUpdateStream(soon(t), cfg); err != nil {
			t.Fatalf("create %s: %v", cfg.Name, err)
		}
	}
}

// soon is a context that ends before the test's own time does.
func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func openStream(t *testing.T, js jetstream.JetStream, name string) jetstream.Stream {
	t.Helper()
	s, err := js.Stream(soon(t), name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
