package collectors_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/synadia-io/orbit.go/jetstreamext"

	"github.com/leastwise/leastwise/collectors"
	"github.com/leastwise/leastwise/collectors/internal/natstest"
	"github.com/leastwise/leastwise/schemas/event"
	"github.com/leastwise/leastwise/schemas/stream"
)

// BenchmarkEmit publishes roles, of which each carries what roles do, and prints
// the events a second and their share of what a bare publisher reaches: one that
// does nothing but send finished messages of the same bytes in atomic batches to
// the same server, which syncs every write.
func BenchmarkEmit(b *testing.B) {
	const events = 20_000
	js := natstest.Start(b)
	emitter := newEmitter(js)
	emitRoles(b, emitter, events) // the first pays for the streams' files
	var emitting, bare time.Duration
	var bytes, rounds int
	for ; b.Loop(); rounds++ {
		b.StopTimer()
		msgs := recordRoles(b, js, events)
		for _, m := range msgs {
			bytes += len(m.Data)
		}
		b.StartTimer()
		first, second := &emitting, &bare
		do := []func(){func() { emitRoles(b, emitter, events) }, func() { publishBare(b, js, msgs) }}
		if rounds%2 == 1 { // whoever comes second finds the other's writes in progress
			first, second = second, first
			slices.Reverse(do)
		}
		*first += took(do[0])
		*second += took(do[1])
		if rounds%16 == 15 { // before the stream is full
			b.StopTimer()
			purge(b, js)
			b.StartTimer()
		}
	}
	total := float64(events * rounds)
	b.ReportMetric(total/emitting.Seconds(), "events/s")
	b.ReportMetric(total/bare.Seconds(), "bare-events/s")
	b.ReportMetric(bare.Seconds()/emitting.Seconds(), "of-bare")
	b.ReportMetric(float64(bytes)/total, "bytes/event")
}

func purge(b *testing.B, js jetstream.JetStream) {
	b.Helper()
	raw, err := js.Stream(b.Context(), stream.Raw)
	if err != nil {
		b.Fatal(err)
	}
	if err := raw.Purge(b.Context()); err != nil {
		b.Fatal(err)
	}
}

func took(do func()) time.Duration {
	began := time.Now()
	do()
	return time.Since(began)
}

// BenchmarkEncode emits without a server: what an event costs the collector.
func BenchmarkEncode(b *testing.B) {
	b.ReportAllocs()
	nowhere := publisherFunc(func(context.Context, ...*nats.Msg) error { return nil })
	run := open(b, emitterWith(natstest.Start(b), nowhere))
	for i := 0; b.Loop(); i++ {
		emit(b, run, fullRole(run, i))
	}
}

func emitRoles(b *testing.B, emitter *collectors.Emitter, n int) {
	b.Helper()
	run := open(b, emitter)
	for i := range n {
		if _, err := run.Document(b.Context(), fmt.Appendf(nil, `{"Statement":[{"Sid":"%d"}]}`, i%100)); err != nil {
			b.Fatal(err)
		}
		emit(b, run, fullRole(run, i))
	}
	if s := closed(b, run, nil); s.Events[event.KindRole] != int64(n) {
		b.Fatalf("%+v", s)
	}
}

// recordRoles returns the messages that emitRoles would publish, of another run.
func recordRoles(b *testing.B, js jetstream.JetStream, n int) []*nats.Msg {
	b.Helper()
	var msgs []*nats.Msg
	emitRoles(b, emitterWith(js, publisherFunc(func(_ context.Context, batch ...*nats.Msg) error {
		if _, ok := stream.KindOf(batch[0].Subject); ok {
			msgs = append(msgs, batch...)
		}
		return nil
	})), n)
	return msgs
}

func publishBare(b *testing.B, js jetstream.JetStream, msgs []*nats.Msg) {
	b.Helper()
	for len(msgs) > 0 {
		n := min(1000, len(msgs))
		if n == 1 {
			if _, err := js.PublishMsg(b.Context(), msgs[0]); err != nil {
				b.Fatal(err)
			}
		} else if _, err := jetstreamext.PublishMsgBatch(b.Context(), js, msgs[:n]); err != nil {
			b.Fatal(err)
		}
		msgs = msgs[n:]
	}
}

func fullRole(run *collectors.Run, i int) event.Role {
	r := role(run, i, "")
	r.Tags = map[string]string{"team": "payments", "environment": "production"}
	r.LastUsedAt, r.LastUsedRegion = at, "eu-central-1"
	r.Trust = event.HashDocument([]byte("trust"))
	for p := range 3 {
		name := fmt.Sprintf("SomeManagedPolicy%d", p)
		r.Policies = append(r.Policies, event.PolicyRef{
			Source: event.SourceManaged, Name: name, ARN: "arn:aws:iam::aws:policy/service-role/" + name, Document: r.Trust,
		})
	}
	return r
}
