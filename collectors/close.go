package collectors

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/leastwise/leastwise/schemas/event"
	"github.com/leastwise/leastwise/schemas/stream"
)

// closeGrace is how long closing a run may go on after it was asked to stop.
const closeGrace = 5 * time.Second

// Summary is what became of a run.
type Summary struct {
	Run     string
	Account string
	Status  event.RunStatus
	// Reason says why a run failed, in one sentence.
	Reason string
	// Events counts the published events by kind.
	Events map[event.Kind]int64
	// Documents counts the documents that the bucket did not have yet, as far
	// as this process knew.
	Documents int64
	Problems  []event.Problem
	Took      time.Duration
}

// Close publishes what is buffered and then the run's closing event. With a
// cause the run has failed, and what is buffered is dropped; else it is partial
// if it has problems, and complete if not or if all that it lacks was left out on
// purpose. When ctx has ended, it still tries
// for a few seconds. It returns an error when the closing event could not be
// stored: nothing then counts as collected.
func (r *Run) Close(ctx context.Context, cause error) (Summary, error) {
	ctx, cancel := outlive(ctx, closeGrace)
	defer cancel()
	r.mu.Lock()
	defer r.mu.Unlock()
	if cause == nil {
		cause = r.flush(ctx)
	}
	closing := event.Run{Phase: event.PhaseClosed, Status: event.RunComplete, EndedAt: r.e.now().UTC().Truncate(time.Second)}
	r.ledger.fill(&closing)
	if cause != nil {
		closing.Status = event.RunFailed
		closing.Reason = sentence(reason(cause))
	}
	switch err := r.announce(ctx, closing); {
	case err != nil && cause != nil:
		return Summary{}, fmt.Errorf("close run %s, which had failed (%w): %w", r.id, cause, err)
	case err != nil:
		return Summary{}, fmt.Errorf("close run %s: %w", r.id, err)
	}
	return r.summarize(closing), nil
}

func reason(cause error) string {
	if errors.Is(cause, context.Canceled) {
		return "the collector was stopped before the run was done"
	}
	return cause.Error()
}

// announce publishes an opening or closing event.
func (r *Run) announce(ctx context.Context, e event.Run) error {
	e.Common = r.Common(r.id)
	e.StartedAt = r.started
	e.Source = r.source
	if err := e.Validate(); err != nil {
		return err
	}
	data, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encode run event: %w", err)
	}
	msg := stream.NewMessage(stream.RawSubject(event.KindRun, r.job.Account, r.id), stream.RawType(event.KindRun),
		ceSource(r.source), e.EventID(event.KindRun), e.ObservedAt, data)
	return r.e.publisher.Publish(ctx, msg)
}

func (r *Run) summarize(e event.Run) Summary {
	s := Summary{
		Run: r.id, Account: r.job.Account, Status: e.Status, Reason: e.Reason,
		Events: e.Expected, Documents: r.written, Problems: e.Problems, Took: time.Since(r.since),
	}
	r.e.metrics.runs.WithLabelValues(string(s.Status)).Inc()
	r.e.metrics.seconds.Observe(s.Took.Seconds())
	fields := []zap.Field{zap.String("status", string(s.Status)), zap.Any("events", s.Events), zap.Duration("took", s.Took)}
	if s.Status == event.RunFailed {
		r.log.Warn("run closed", append(fields, zap.String("reason", s.Reason))...)
		return s
	}
	for _, p := range s.Problems {
		if s.Status == event.RunComplete {
			break // left out on purpose
		}
		r.log.Warn("problem", zap.String("part", p.Part), zap.String("state", string(p.State)),
			zap.Int64("count", p.Count), zap.String("reason", p.Reason))
	}
	r.log.Info("run closed", fields...)
	return s
}

// ceSource is the CloudEvents source of a run's events, a relative URI.
func ceSource(source string) string { return "/collectors/" + source }

// outlive returns a context that ends some grace after ctx does.
func outlive(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-longer.Done():
		case <-time.After(grace):
			cancel()
		}
	})
	return longer, func() {
		stop()
		cancel()
	}
}
