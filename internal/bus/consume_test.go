package bus

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/leastwise/leastwise/schemas/stream"
)

// consume runs a consumer until stop says so, and fails the test if it does not
// within its patience.
func consume(t *testing.T, js jetstream.JetStream, change func(*ConsumerConfig), handle Handler, stop func() bool) {
	t.Helper()
	cfg := DefaultConsumerConfig()
	cfg.Stage, cfg.Stream, cfg.Durable = "test", stream.Raw, "test"
	cfg.Linger = 10 * time.Millisecond
	if change != nil {
		change(&cfg)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- NewConsumer(js, cfg, handle, testLog()).Run(ctx) }()
	for !stop() {
		if ctx.Err() != nil {
			t.Fatal("the consumer did not get there in time")
		}
		time.Sleep(5 * time.Millisecond)
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatalf("Run returned %v after it was asked to stop", err)
	}
}

// settled reports whether the consumer has nothing pending, in flight or to come.
func settled(t *testing.T, js jetstream.JetStream) func() bool {
	return func() bool {
		c, err := js.Consumer(t.Context(), stream.Raw, "test")
		if err != nil {
			return false
		}
		info := c.CachedInfo()
		return info.NumPending == 0 && info.NumAckPending == 0 && info.Delivered.Consumer > 0
	}
}

// deadLetters returns the dead letters in their order.
func deadLetters(t *testing.T, js jetstream.JetStream) []*jetstream.RawStreamMsg {
	t.Helper()
	s, err := js.Stream(t.Context(), stream.Dead)
	if err != nil {
		t.Fatal(err)
	}
	var out []*jetstream.RawStreamMsg
	state := s.CachedInfo().State
	for i := range state.Msgs {
		m, err := s.GetMsg(t.Context(), state.FirstSeq+i)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, m)
	}
	return out
}

func publish(t *testing.T, js jetstream.JetStream, n int) {
	t.Helper()
	if err := NewPublisher(js, testLog()).Publish(t.Context(), rawMessages(0, n, 10)...); err != nil {
		t.Fatal(err)
	}
}

// counter counts deliveries by subject.
type counter struct {
	mu sync.Mutex
	by map[string]int
}

func (c *counter) seen(subject string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.by == nil {
		c.by = make(map[string]int)
	}
	c.by[subject]++
	return c.by[subject]
}

func TestConsumeDeliversEverythingOnceWhenAllGoesWell(t *testing.T) {
	t.Parallel()
	js := migrated(t, nil)
	publish(t, js, 1200)
	var deliveries counter
	consume(t, js, nil, func(_ context.Context, batch []jetstream.Msg) []error {
		for _, m := range batch {
			if n := deliveries.seen(m.Subject()); n > 1 {
				t.Errorf("%s was delivered %d times", m.Subject(), n)
			}
		}
		return nil
	}, settled(t, js))
	if got := len(deliveries.by); got != 1200 {
		t.Errorf("%d messages were delivered, want 1200", got)
	}
	if dead := deadLetters(t, js); len(dead) > 0 {
		t.Errorf("%d dead letters, want none", len(dead))
	}
}

func TestConsumeBuriesPoisonAndGoesOn(t *testing.T) {
	t.Parallel()
	js := migrated(t, nil)
	publish(t, js, 3)
	var deliveries counter
	consume(t, js, nil, func(_ context.Context, batch []jetstream.Msg) []error {
		errs := make([]error, len(batch))
		for i, m := range batch {
			deliveries.seen(m.Subject())
			if strings.HasSuffix(m.Subject(), "AROA1") {
				errs[i] = Poison(errors.New("it is\nbroken"))
			}
		}
		return errs
	}, settled(t, js))
	dead := deadLetters(t, js)
	if len(dead) != 1 {
		t.Fatalf("%d dead letters, want 1", len(dead))
	}
	want := map[string]string{
		stream.HeaderDeadReason:     "it is broken",
		stream.HeaderDeadStage:      "test",
		stream.HeaderDeadStream:     stream.Raw,
		stream.HeaderDeadSequence:   "2",
		stream.HeaderDeadDeliveries: "1",
		stream.HeaderID:             "run.role.AROA1",
	}
	for k, v := range want {
		if got := dead[0].Header.Get(k); got != v {
			t.Errorf("header %s is %q, want %q", k, got, v)
		}
	}
	if got := string(dead[0].Data); got != "xxxxxxxxxx" {
		t.Errorf("the payload is %q", got)
	}
	for subject, n := range deliveries.by {
		if n != 1 {
			t.Errorf("%s was delivered %d times, want once", subject, n)
		}
	}
}

func TestADeadLetterThatWouldBeTooLargeIsCutShort(t *testing.T) {
	t.Parallel()
	js := migrated(t, nil)
	const size = 1<<20 - 400 // with its own headers just within max_payload
	if _, err := js.PublishMsg(t.Context(), rawMessage(0, size)); err != nil {
		t.Fatal(err)
	}
	consume(t, js, nil, func(context.Context, []jetstream.Msg) []error {
		return []error{Poison(errors.New(strings.Repeat("reason ", 500)))}
	}, settled(t, js))
	dead := deadLetters(t, js)
	if len(dead) != 1 {
		t.Fatalf("%d dead letters, want 1", len(dead))
	}
	if n := len(dead[0].Data); n >= size || n < size-4096 {
		t.Errorf("it has %d of %d bytes", n, size)
	}
}

func TestConsumeDeliversAgainAfterAnError(t *testing.T) {
	t.Parallel()
	js := migrated(t, nil)
	publish(t, js, 2)
	var deliveries counter
	consume(t, js, nil, func(_ context.Context, batch []jetstream.Msg) []error {
		errs := make([]error, len(batch))
		for i, m := range batch {
			if deliveries.seen(m.Subject()) == 1 {
				errs[i] = errors.New("not yet")
			}
		}
		return errs
	}, settled(t, js))
	for subject, n := range deliveries.by {
		if n != 2 {
			t.Errorf("%s was delivered %d times, want twice", subject, n)
		}
	}
	if dead := deadLetters(t, js); len(dead) > 0 {
		t.Errorf("%d dead letters, want none", len(dead))
	}
}

func TestConsumeBuriesAfterTheLastDelivery(t *testing.T) {
	t.Parallel()
	js := migrated(t, nil)
	publish(t, js, 1)
	consume(t, js, func(c *ConsumerConfig) { c.MaxDeliver = 2 }, func(context.Context, []jetstream.Msg) []error {
		return []error{errors.New("never")}
	}, settled(t, js))
	dead := deadLetters(t, js)
	if len(dead) != 1 || dead[0].Header.Get(stream.HeaderDeadDeliveries) != "2" {
		t.Fatalf("dead letters: %v, want one after 2 deliveries", dead)
	}
}

func TestConsumeKeepsSlowBatchesAlive(t *testing.T) {
	t.Parallel()
	js := migrated(t, nil)
	publish(t, js, 1)
	var deliveries counter
	consume(t, js, func(c *ConsumerConfig) { c.AckWait = time.Second }, func(_ context.Context, batch []jetstream.Msg) []error {
		deliveries.seen(batch[0].Subject())
		time.Sleep(2500 * time.Millisecond)
		return nil
	}, settled(t, js))
	for subject, n := range deliveries.by {
		if n != 1 {
			t.Errorf("%s was delivered %d times while it was worked on", subject, n)
		}
	}
}

// A message whose worker dies each time must not take its neighbours along.
func TestConsumeHandlesAloneWhatComesAgainAndAgain(t *testing.T) {
	t.Parallel()
	js := migrated(t, nil)
	const messages, maxDeliver = 5, 8
	change := func(c *ConsumerConfig) { c.AckWait, c.MaxDeliver, c.Workers = 200*time.Millisecond, maxDeliver, 1 }
	publish(t, js, messages)
	cfg := DefaultConsumerConfig()
	cfg.Stage, cfg.Stream, cfg.Durable = "test", stream.Raw, "test"
	change(&cfg)
	dying, err := NewConsumer(js, cfg, nil, testLog()).open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range maxDeliver / 2 {
		taken := 0
		for taken < messages {
			batch, err := fetchUpTo(dying, messages-taken, 10*time.Second)
			if err != nil {
				t.Fatal(err)
			}
			taken += len(batch)
		}
	}
	var handled []int
	consume(t, js, change, func(_ context.Context, batch []jetstream.Msg) []error {
		handled = append(handled, len(batch))
		return nil
	}, settled(t, js))
	if diff := cmp.Diff([]int{1, 1, 1, 1, 1}, handled); diff != "" {
		t.Errorf("messages in each batch (-want +got):\n%s", diff)
	}
}

func TestConsumeGivesBackWhatItIsStoppedIn(t *testing.T) {
	t.Parallel()
	js := migrated(t, nil)
	publish(t, js, 1)
	started := make(chan struct{})
	ended := false
	consume(t, js, nil, func(ctx context.Context, _ []jetstream.Msg) []error {
		close(started)
		<-ctx.Done()
		ended = true
		return []error{ctx.Err()}
	}, func() bool {
		select {
		case <-started:
			return true
		default:
			return false
		}
	})
	if !ended {
		t.Fatal("Run returned before its handler did")
	}
	got := false
	consume(t, js, nil, func(context.Context, []jetstream.Msg) []error {
		got = true
		return nil
	}, settled(t, js))
	if !got {
		t.Error("the message was not delivered to the next consumer")
	}
}

func TestConsumeGoesOnAfterItsConsumerIsGone(t *testing.T) {
	t.Parallel()
	js := migrated(t, nil)
	publish(t, js, 1)
	var handled atomic.Int64
	consume(t, js, func(c *ConsumerConfig) { c.AckWait = time.Second }, func(_ context.Context, batch []jetstream.Msg) []error {
		if handled.Add(int64(len(batch))) == 1 {
			if err := js.DeleteConsumer(context.Background(), stream.Raw, "test"); err != nil {
				t.Error(err)
			}
		}
		return nil
	}, func() bool { return handled.Load() >= 2 })
}

func TestConsumeSaysWhenTheStreamIsMissing(t *testing.T) {
	t.Parallel()
	js := migrated(t, nil)
	if err := js.DeleteStream(t.Context(), stream.Raw); err != nil {
		t.Fatal(err)
	}
	cfg := DefaultConsumerConfig()
	cfg.Stage, cfg.Stream, cfg.Durable = "test", stream.Raw, "test"
	err := NewConsumer(js, cfg, nil, testLog()).Run(t.Context())
	if !errors.Is(err, ErrNotMigrated) {
		t.Errorf("got %v, want %v", err, ErrNotMigrated)
	}
}

func TestPoisonKeepsItsCause(t *testing.T) {
	t.Parallel()
	cause := errors.New("cause")
	if Poison(nil) != nil {
		t.Error("Poison(nil) is not nil")
	}
	if err := Poison(cause); !IsPoison(err) || !errors.Is(err, cause) || err.Error() != "cause" {
		t.Errorf("Poison(cause) = %v", err)
	}
	if IsPoison(cause) {
		t.Error("an unmarked error is poison")
	}
}

func TestRedeliveryDelayGrowsToItsBound(t *testing.T) {
	t.Parallel()
	last := time.Duration(0)
	for n := range uint64(80) {
		d := redeliveryDelay(n)
		if d < last || d < time.Second/2 || d > 5*time.Minute {
			t.Fatalf("delivery %d waits %s after %s", n, d, last)
		}
		last = d
	}
}
