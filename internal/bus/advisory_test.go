package bus

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/leastwise/leastwise/schemas/stream"
)

// abandon takes the one message of a stream as a worker that dies each time would,
// until the server gives up on it.
func abandon(t *testing.T, js jetstream.JetStream, from, durable string) {
	t.Helper()
	c, err := js.CreateConsumer(t.Context(), from, jetstream.ConsumerConfig{
		Durable: durable, AckPolicy: jetstream.AckExplicitPolicy, AckWait: 50 * time.Millisecond, MaxDeliver: 2,
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := c.Next(jetstream.FetchMaxWait(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	// The server notices at the next attempt to deliver.
	for messages(t, js, stream.Advisories) == 0 {
		if _, err := c.Next(jetstream.FetchMaxWait(100 * time.Millisecond)); err == nil {
			t.Fatal("delivered once too often")
		}
	}
}

func messages(t *testing.T, js jetstream.JetStream, name string) uint64 {
	t.Helper()
	s, err := js.Stream(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return s.CachedInfo().State.Msgs
}

// catchAll runs the safety net until it has worked off every advisory.
func catchAll(t *testing.T, js jetstream.JetStream) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- NewSafetyNet(js, testLog()).Run(ctx) }()
	for messages(t, js, stream.Advisories) > 0 {
		if ctx.Err() != nil {
			t.Fatal("the advisories were not worked off in time")
		}
		time.Sleep(5 * time.Millisecond)
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestAJobThatNobodyFinishesIsBuriedAndFreesItsAccount(t *testing.T) {
	t.Parallel()
	js := migrated(t, nil)
	const subject = "iam.jobs.123456789012"
	if _, err := js.Publish(t.Context(), subject, []byte("the job")); err != nil {
		t.Fatal(err)
	}
	abandon(t, js, stream.Jobs, "collect")
	if _, err := js.Publish(t.Context(), subject, []byte("the next job")); err == nil {
		t.Fatal("the account was not blocked")
	}
	catchAll(t, js)
	letters := deadLetters(t, js)
	if len(letters) != 1 {
		t.Fatalf("%d dead letters", len(letters))
	}
	l := letters[0]
	if l.Subject != stream.DeadSubject("collect", stream.Jobs, 1) || string(l.Data) != "the job" {
		t.Errorf("%s: %s", l.Subject, l.Data)
	}
	for name, want := range map[string]string{
		stream.HeaderDeadStage: "collect", stream.HeaderDeadStream: stream.Jobs, stream.HeaderDeadSubject: subject,
		stream.HeaderDeadSequence: "1", stream.HeaderDeadDeliveries: "2",
	} {
		if got := l.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if reason := l.Header.Get(stream.HeaderDeadReason); !strings.HasPrefix(reason, "no answer after 2 deliveries") {
		t.Error(reason)
	}
	if _, err := js.Publish(t.Context(), subject, []byte("the next job")); err != nil {
		t.Errorf("the account is still blocked: %v", err)
	}
}

// Other streams keep their messages: they are history.
func TestAnEventThatNobodyFinishesIsBuriedAndKept(t *testing.T) {
	t.Parallel()
	js := migrated(t, nil)
	if _, err := js.Publish(t.Context(), "iam.raw.user.123456789012.AIDA", []byte("event")); err != nil {
		t.Fatal(err)
	}
	abandon(t, js, stream.Raw, "process")
	catchAll(t, js)
	if n := len(deadLetters(t, js)); n != 1 {
		t.Errorf("%d dead letters", n)
	}
	if n := messages(t, js, stream.Raw); n != 1 {
		t.Errorf("%d events", n)
	}
}

// A stage that buried its message and died before it said so has done enough.
func TestAMessageIsBuriedOnce(t *testing.T) {
	t.Parallel()
	js := migrated(t, nil)
	if _, err := js.Publish(t.Context(), "iam.raw.user.123456789012.AIDA", []byte("event")); err != nil {
		t.Fatal(err)
	}
	if err := (&burier{js: js, stage: "process"}).bury(t.Context(), deadLetter{stream: stream.Raw, sequence: 1, reason: "broken"}); err != nil {
		t.Fatal(err)
	}
	abandon(t, js, stream.Raw, "process")
	catchAll(t, js)
	letters := deadLetters(t, js)
	if len(letters) != 1 || letters[0].Header.Get(stream.HeaderDeadReason) != "broken" {
		t.Errorf("%d dead letters", len(letters))
	}
}

func TestAdvisoriesThatNeedNothing(t *testing.T) {
	t.Parallel()
	js := migrated(t, nil)
	for _, name := range []string{stream.Jobs, "NO_SUCH_STREAM", stream.Dead, stream.Advisories} {
		advise(t, js, fmt.Sprintf(`{"stream":%q,"consumer":"c","stream_seq":7,"deliveries":8}`, name))
	}
	catchAll(t, js)
	if n := len(deadLetters(t, js)); n != 0 {
		t.Errorf("%d dead letters", n)
	}
}

func TestAMalformedAdvisoryIsBuried(t *testing.T) {
	t.Parallel()
	js := migrated(t, nil)
	advise(t, js, `{"stream":`)
	advise(t, js, `{"stream":"RAW"}`)
	catchAll(t, js)
	letters := deadLetters(t, js)
	if len(letters) != 2 {
		t.Fatalf("%d dead letters", len(letters))
	}
	for _, l := range letters {
		if stage, reason := l.Header.Get(stream.HeaderDeadStage), l.Header.Get(stream.HeaderDeadReason); stage != "safety-net" || !strings.HasPrefix(reason, "read advisory: ") {
			t.Errorf("%s: %s", stage, reason)
		}
	}
}

func advise(t *testing.T, js jetstream.JetStream, payload string) {
	t.Helper()
	if _, err := js.Publish(t.Context(), "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.X.c", []byte(payload)); err != nil {
		t.Fatal(err)
	}
}
