package bus

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/leastwise/leastwise/schemas/event"
	"github.com/leastwise/leastwise/schemas/stream"
)

func rawMessage(i, size int) *nats.Msg {
	id := fmt.Sprintf("AROA%d", i)
	subject := stream.RawSubject(event.KindRole, "111122223333", id)
	return stream.NewMessage(subject, stream.RawType(event.KindRole), "test", "run.role."+id, time.Now(), bytes.Repeat([]byte("x"), size))
}

func rawMessages(from, to, size int) []*nats.Msg {
	var msgs []*nats.Msg
	for i := from; i < to; i++ {
		msgs = append(msgs, rawMessage(i, size))
	}
	return msgs
}

func stored(t *testing.T, js jetstream.JetStream, name string) uint64 {
	t.Helper()
	s, err := js.Stream(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return s.CachedInfo().State.Msgs
}

func TestPublishStoresEveryMessageOnce(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		batches [][]*nats.Msg
		want    uint64
	}{
		"nothing":                           {nil, 0},
		"one message":                       {[][]*nats.Msg{rawMessages(0, 1, 10)}, 1},
		"more than one atomic batch":        {[][]*nats.Msg{rawMessages(0, 2500, 10)}, 2500},
		"more bytes than one atomic batch":  {[][]*nats.Msg{rawMessages(0, 30, 900_000)}, 30},
		"the same batch again":              {[][]*nats.Msg{rawMessages(0, 100, 10), rawMessages(0, 100, 10)}, 100},
		"a batch that overlaps an old one":  {[][]*nats.Msg{rawMessages(0, 100, 10), rawMessages(50, 150, 10)}, 150},
		"one message twice in the same one": {[][]*nats.Msg{append(rawMessages(0, 10, 10), rawMessages(3, 4, 10)...)}, 10},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			js := migrated(t, nil)
			p := NewPublisher(js, testLog())
			for _, batch := range tt.batches {
				if err := p.Publish(t.Context(), batch...); err != nil {
					t.Fatal(err)
				}
			}
			if got := stored(t, js, stream.Raw); got != tt.want {
				t.Errorf("the stream has %d messages, want %d", got, tt.want)
			}
		})
	}
}

func TestPublishRefusesAtOnceWhatWaitingCannotHelp(t *testing.T) {
	t.Parallel()
	js := migrated(t, nil)
	err := NewPublisher(js, testLog()).Publish(t.Context(), rawMessage(1, 2<<20))
	if !errors.Is(err, nats.ErrMaxPayload) {
		t.Errorf("got %v, want %v", err, nats.ErrMaxPayload)
	}
}

func TestMessagesOfARefusedBatchCanBePublishedAlone(t *testing.T) {
	t.Parallel()
	js := migrated(t, nil)
	p := NewPublisher(js, testLog())
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	msgs := append(rawMessages(0, 3, 10), rawMessage(3, 2<<20), rawMessage(4, 10))
	if err := p.Publish(ctx, msgs...); !errors.Is(err, nats.ErrMaxPayload) {
		t.Fatalf("got %v, want %v", err, nats.ErrMaxPayload)
	}
	for i, m := range msgs {
		if err := p.Publish(ctx, m); (err == nil) == (i == 3) {
			t.Fatalf("message %d: %v", i, err)
		}
	}
	if got := stored(t, js, stream.Raw); got != 4 {
		t.Errorf("%d messages are stored, want 4", got)
	}
}

func TestPublishWaitsOutAFullStream(t *testing.T) {
	t.Parallel()
	js := migrated(t, func(l *stream.Limits) { l.RawBytes = 100_000 })
	p := NewPublisher(js, testLog())
	if err := p.Publish(t.Context(), rawMessages(0, 9, 10_000)...); err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := p.Publish(short, rawMessages(9, 12, 10_000)...); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("publishing into a full stream: got %v, want it to wait until its context ends", err)
	}
	done := make(chan error, 1)
	go func() { done <- p.Publish(t.Context(), rawMessages(9, 12, 10_000)...) }()
	s, err := js.Stream(t.Context(), stream.Raw)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got := stored(t, js, stream.Raw); got != 3 {
		t.Errorf("the stream has %d messages, want the 3 that waited", got)
	}
}

func TestPublishedSubjectsCarryAPartition(t *testing.T) {
	t.Parallel()
	js := migrated(t, nil)
	if err := NewPublisher(js, testLog()).Publish(t.Context(), rawMessages(0, 2, 1)...); err != nil {
		t.Fatal(err)
	}
	s, err := js.Stream(t.Context(), stream.Raw)
	if err != nil {
		t.Fatal(err)
	}
	for seq := range uint64(2) {
		m, err := s.GetMsg(t.Context(), seq+1)
		if err != nil {
			t.Fatal(err)
		}
		if k, ok := stream.KindOf(m.Subject); !ok || k != event.KindRole {
			t.Errorf("KindOf(%q) = %q, %v", m.Subject, k, ok)
		}
	}
}
