package collectors_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/leastwise/leastwise/collectors"
	"github.com/leastwise/leastwise/internal/bus"
	"github.com/leastwise/leastwise/schemas/event"
)

const account = "123456789012"

var at = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

func job(id string) event.Job {
	j := event.NewJob(id, at)
	j.Partition = "aws"
	return j
}

func newEmitter(js jetstream.JetStream) *collectors.Emitter {
	return emitterWith(js, bus.NewPublisher(js, zap.NewNop()))
}

func emitterWith(js jetstream.JetStream, p collectors.Publisher) *collectors.Emitter {
	return collectors.NewEmitter(collectors.Dependencies{
		JetStream: js, Publisher: p, Metrics: collectors.NewMetrics(nil), Log: zap.NewNop(),
	})
}

// emitterAt returns an emitter whose clock is now.
func emitterAt(js jetstream.JetStream, now func() time.Time) *collectors.Emitter {
	return collectors.NewEmitter(collectors.Dependencies{
		JetStream: js, Publisher: bus.NewPublisher(js, zap.NewNop()), Metrics: collectors.NewMetrics(nil), Log: zap.NewNop(), Now: now,
	})
}

func open(t testing.TB, e *collectors.Emitter) *collectors.Run {
	t.Helper()
	run, err := e.Open(t.Context(), collectors.Pass{Job: job(account), Attempt: 1, Source: event.SourceAWS})
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func emit(t testing.TB, run *collectors.Run, e collectors.Event) bool {
	t.Helper()
	fresh, err := run.Emit(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	return fresh
}

func closed(t testing.TB, run *collectors.Run, cause error) collectors.Summary {
	t.Helper()
	s, err := run.Close(t.Context(), cause)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func roleARN(i int) string { return fmt.Sprintf("arn:aws:iam::%s:role/r%d", account, i) }

// role is a role that carries one inline policy.
func role(run *collectors.Run, i int, document string) event.Role {
	return event.Role{
		Common:   run.Common(fmt.Sprintf("AROA%017d", i)),
		Identity: event.Identity{Name: fmt.Sprintf("r%d", i), Path: "/", ARN: roleARN(i), CreatedAt: at},
		Policies: []event.PolicyRef{{Source: event.SourceInline, Name: "inline", Document: document}},
	}
}

// publisherFunc is a Publisher.
type publisherFunc func(ctx context.Context, msgs ...*nats.Msg) error

func (f publisherFunc) Publish(ctx context.Context, msgs ...*nats.Msg) error { return f(ctx, msgs...) }

// sourceFunc is a Source.
type sourceFunc func(ctx context.Context, run *collectors.Run) error

func (f sourceFunc) Collect(ctx context.Context, run *collectors.Run) error { return f(ctx, run) }

// gathered returns the counters of a registry by name and label.
func gathered(t *testing.T, reg *prometheus.Registry) map[string]float64 {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			name := f.GetName()
			for _, label := range m.GetLabel() {
				name += " " + label.GetValue()
			}
			got[name] = m.GetCounter().GetValue()
		}
	}
	return got
}
