// Package natstest gives tests a NATS server of their own, in process, with the
// streams of the project.
package natstest

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/leastwise/leastwise/internal/bus"
	"github.com/leastwise/leastwise/schemas/event"
	"github.com/leastwise/leastwise/schemas/stream"
)

// Start returns JetStream on a new server that stores into a directory of the
// test, every write synced, with the streams migrated. Options may change the
// server's settings.
func Start(t testing.TB, options ...func(*server.Options)) jetstream.JetStream {
	t.Helper()
	o := &server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true,
		JetStream: true, StoreDir: t.TempDir(), SyncAlways: true, DontListen: true,
	}
	for _, option := range options {
		option(o)
	}
	s, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	if !s.ReadyForConnections(30 * time.Second) {
		t.Fatal("NATS did not start")
	}
	nc, err := nats.Connect("", nats.InProcessServer(s))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if err := bus.Migrate(context.Background(), js, stream.DefaultLimits()); err != nil {
		t.Fatal(err)
	}
	return js
}

// Stored returns the messages of a stream, in their order.
func Stored(t testing.TB, js jetstream.JetStream, name string) []*jetstream.RawStreamMsg {
	t.Helper()
	ctx := context.Background()
	s, err := js.Stream(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	info, err := s.Info(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var msgs []*jetstream.RawStreamMsg
	for seq := info.State.FirstSeq; seq > 0 && seq <= info.State.LastSeq; seq++ {
		m, err := s.GetMsg(ctx, seq)
		if err != nil {
			continue // deleted, or replaced by a newer one of its subject
		}
		msgs = append(msgs, m)
	}
	return msgs
}

// Events are the raw events of a stream, decoded, in their order by kind.
type Events struct {
	Runs        []event.Run
	Accounts    []event.Account
	Users       []event.User
	Groups      []event.Group
	Roles       []event.Role
	Policies    []event.Policy
	Access      []event.Access
	Credentials []event.Credential
	// Documents are the stored documents by hash.
	Documents map[string][]byte
}

// Read decodes everything that RAW and the documents' bucket hold.
func Read(t testing.TB, js jetstream.JetStream) Events {
	t.Helper()
	e := Events{Documents: map[string][]byte{}}
	for _, m := range Stored(t, js, stream.Documents) {
		e.Documents[m.Subject[len(stream.DocumentSubject("")):]] = m.Data
	}
	for _, m := range Stored(t, js, stream.Raw) {
		e.add(t, m)
	}
	return e
}

func (e *Events) add(t testing.TB, m *jetstream.RawStreamMsg) {
	t.Helper()
	kind, ok := stream.KindOf(m.Subject)
	if !ok {
		t.Fatalf("no kind in subject %s", m.Subject)
	}
	switch kind {
	case event.KindRun:
		e.Runs = append(e.Runs, decode[event.Run](t, m))
	case event.KindAccount:
		e.Accounts = append(e.Accounts, decode[event.Account](t, m))
	case event.KindUser:
		e.Users = append(e.Users, decode[event.User](t, m))
	case event.KindGroup:
		e.Groups = append(e.Groups, decode[event.Group](t, m))
	case event.KindRole:
		e.Roles = append(e.Roles, decode[event.Role](t, m))
	case event.KindPolicy:
		e.Policies = append(e.Policies, decode[event.Policy](t, m))
	case event.KindAccess:
		e.Access = append(e.Access, decode[event.Access](t, m))
	case event.KindCredential:
		e.Credentials = append(e.Credentials, decode[event.Credential](t, m))
	}
}

// decode reads one event and holds it against its message.
func decode[E interface {
	Validate() error
	EventID(event.Kind) string
}](t testing.TB, m *jetstream.RawStreamMsg) E {
	t.Helper()
	var e E
	if err := json.Unmarshal(m.Data, &e); err != nil {
		t.Fatalf("%s: %v", m.Subject, err)
	}
	if err := e.Validate(); err != nil {
		t.Fatalf("%s: %v", m.Subject, err)
	}
	kind, _ := stream.KindOf(m.Subject)
	if id := m.Header.Get(jetstream.MsgIDHeader); id != e.EventID(kind) || id != m.Header.Get(stream.HeaderID) {
		t.Fatalf("%s: message id %q, event id %q", m.Subject, id, e.EventID(kind))
	}
	return e
}
