package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// The policy service keeps nothing, so that any NATS is enough for it.
func TestThePolicyServiceNeedsNoStreams(t *testing.T) {
	t.Parallel()
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true})
	if err != nil {
		t.Fatal(err)
	}
	go s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(time.Minute) {
		t.Fatal("the server did not get ready")
	}
	nc, err := nats.Connect(s.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan result, 1)
	go func() { done <- leastwise(ctx, "", "policy", "--nats-url", s.ClientURL()) }()
	for {
		reply, err := nc.Request("iam.policy.write", []byte(`{"mode":"crud","list":["arn:aws:s3:::orders"]}`), time.Minute)
		if err == nil {
			if !strings.Contains(string(reply.Data), "s3:ListBucket") {
				t.Errorf("it answers %s", reply.Data)
			}
			break
		}
		select {
		case got := <-done:
			t.Fatalf("it ended with %d: %s", got.code, got.stderr)
		case <-time.After(10 * time.Millisecond): // nobody answers yet
		}
	}
	cancel()
	if got := <-done; got.code != exitOK {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
}
