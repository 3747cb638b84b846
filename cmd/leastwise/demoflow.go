package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/leastwise/leastwise/processors/enrich"
	"github.com/leastwise/leastwise/processors/judge"
	"github.com/leastwise/leastwise/schemas/stream"
	"github.com/leastwise/leastwise/sinks/clickhouse"
)

// flow follows the events through the streams: how many there are, and how many
// the stage behind each stream has acknowledged.
type flow struct {
	js   jetstream.JetStream
	hops []*hop
}

// hop is a stream and the consumer of the stage behind it.
type hop struct {
	stream, consumer string
	// filter are the subjects that the consumer is limited to; empty for all.
	filter      string
	task        *task
	done, total uint64
	known       bool
}

func newFlow(p *progress, js jetstream.JetStream) *flow {
	return &flow{js: js, hops: []*hop{
		{stream: stream.Raw, consumer: enrich.Stage, task: p.task("enriched", 0)},
		{stream: stream.Raw, consumer: judge.Stage, filter: judge.Filter, task: p.task("judged", 0)},
		{stream: stream.Enriched, consumer: clickhouse.Stage, task: p.task("stored", 0)},
	}}
}

// update looks at the streams.
func (f *flow) update(ctx context.Context) error {
	for _, h := range f.hops {
		if err := h.update(ctx, f.js); err != nil {
			return err
		}
	}
	return nil
}

func (h *hop) update(ctx context.Context, js jetstream.JetStream) error {
	c, err := js.Consumer(ctx, h.stream, h.consumer)
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		return nil // its worker is still starting
	}
	if err != nil {
		return fmt.Errorf("look at consumer %s: %w", h.consumer, err)
	}
	// What is below the consumer's floor is acknowledged, all of it.
	h.done = c.CachedInfo().AckFloor.Stream
	if h.total, err = h.last(ctx, js); err != nil {
		return err
	}
	h.known = true
	h.task.set(int64(h.done), int64(h.total))
	return nil
}

// last is the sequence of the last message that the consumer gets.
func (h *hop) last(ctx context.Context, js jetstream.JetStream) (uint64, error) {
	st, err := js.Stream(ctx, h.stream)
	if err != nil {
		return 0, fmt.Errorf("look at stream %s: %w", h.stream, err)
	}
	if h.filter == "" {
		return st.CachedInfo().State.LastSeq, nil
	}
	m, err := st.GetLastMsgForSubject(ctx, h.filter)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("look at stream %s: %w", h.stream, err)
	}
	return m.Sequence, nil
}

// drained reports whether every stage has done all that it was given. A stage
// acknowledges only after its own output is stored, so looking at the streams in
// their order misses nothing.
func (f *flow) drained() bool {
	for _, h := range f.hops {
		if !h.known || h.done < h.total {
			return false
		}
	}
	return true
}

func (f *flow) finish() {
	for _, h := range f.hops {
		h.task.finish()
	}
}
