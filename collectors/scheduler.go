package collectors

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/spf13/pflag"
	"go.uber.org/zap"

	"github.com/leastwise/leastwise/internal/pause"
	"github.com/leastwise/leastwise/schemas/event"
	"github.com/leastwise/leastwise/schemas/stream"
)

// SchedulerConfig says when accounts are collected.
type SchedulerConfig struct {
	// Interval is the time between two collections of an account. They fall on
	// multiples of it since midnight UTC of year 1, so every scheduler agrees on
	// them.
	Interval time.Duration
	// Once schedules every account now, whatever the interval, and ends.
	Once bool
}

// DefaultSchedulerConfig returns a schedule of once a day, at midnight UTC.
func DefaultSchedulerConfig() SchedulerConfig { return SchedulerConfig{Interval: 24 * time.Hour} }

// AddFlags adds the flags that set c.
func (c *SchedulerConfig) AddFlags(fs *pflag.FlagSet) {
	fs.DurationVar(&c.Interval, "interval", c.Interval, "`time` between two collections of an account")
	fs.BoolVar(&c.Once, "once", c.Once, "schedule every account now and exit")
}

// Validate returns what is wrong with c.
func (c SchedulerConfig) Validate() error {
	if c.Interval < time.Minute {
		return fmt.Errorf("--interval is %s: must be at least 1m", c.Interval)
	}
	return nil
}

// SchedulerDependencies are what a Scheduler works with.
type SchedulerDependencies struct {
	JetStream jetstream.JetStream
	Accounts  Accounts
	Metrics   *Metrics
	Log       *zap.Logger
	// Now is the clock; time.Now when nil.
	Now func() time.Time
}

// Scheduler publishes one job per account and interval. Several schedulers at
// once, or one that restarts, publish each job once: a job's id is made of its
// account and time, and JOBS drops an id that it has seen within
// stream.Limits.Dedupe. After that, or after NATS itself started again, RAW says
// which accounts have a run of the present interval that collected something; the
// others are collected again, as runs of their own.
type Scheduler struct {
	cfg      SchedulerConfig
	js       jetstream.JetStream
	accounts Accounts
	stored   *documents
	metrics  *Metrics
	log      *zap.Logger
	now      func() time.Time
}

// NewScheduler returns a scheduler; Run starts it.
func NewScheduler(cfg SchedulerConfig, d SchedulerDependencies) *Scheduler {
	if d.Now == nil {
		d.Now = time.Now
	}
	return &Scheduler{
		cfg: cfg, js: d.JetStream, accounts: d.Accounts, stored: newDocuments(d.JetStream),
		metrics: d.Metrics, log: d.Log.Named("schedule"), now: d.Now,
	}
}

// Run schedules the present interval and then each coming one, until ctx ends;
// it returns nil then, or after the first round with Once. When the very first
// round fails it returns why, because that is most often a wrong setting; later
// failures are logged and tried again.
func (s *Scheduler) Run(ctx context.Context) error {
	if s.cfg.Once {
		_, err := s.Schedule(ctx, s.now())
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	err := s.scheduleSlot(ctx)
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return err
	}
	for pause.For(ctx, s.slot().Add(s.cfg.Interval).Sub(s.now())) {
		s.persist(ctx)
	}
	return nil
}

// slot is the start of the present interval.
func (s *Scheduler) slot() time.Time { return s.now().Truncate(s.cfg.Interval) }

// persist schedules the present slot until it succeeds or ctx ends. A slot that
// passes meanwhile is passed over: what it would have seen is gone.
func (s *Scheduler) persist(ctx context.Context) {
	for {
		err := s.scheduleSlot(ctx)
		if err == nil || ctx.Err() != nil {
			return
		}
		s.log.Error("round failed, will try again", zap.Error(err))
		if !pause.For(ctx, min(retryAfter, s.cfg.Interval)) {
			return
		}
	}
}

// scheduleSlot schedules the present slot for the accounts that RAW does not show to
// be collected for it.
func (s *Scheduler) scheduleSlot(ctx context.Context) error {
	raw, err := s.js.Stream(ctx, stream.Raw)
	if err != nil {
		return fmt.Errorf("open stream %s: %w", stream.Raw, err)
	}
	at := s.slot()
	_, err = s.schedule(ctx, at, func(account string) (bool, error) { return collected(ctx, raw, account, at) })
	return err
}

// Round counts what became of the jobs of one round.
type Round struct {
	// Published jobs are new.
	Published int
	// Known jobs were published before, by this or another scheduler, or have been
	// done.
	Known int
	// Pending jobs were not published: an earlier job of the account is still
	// waiting or being worked on.
	Pending int
}

// Schedule publishes one job per account for a time, also for those that were
// collected for this time before. It goes on after an account whose job cannot be
// published, and returns all such errors, joined.
func (s *Scheduler) Schedule(ctx context.Context, at time.Time) (Round, error) {
	return s.schedule(ctx, at, func(string) (bool, error) { return false, nil })
}

// schedule is Schedule for the accounts that are not done.
func (s *Scheduler) schedule(ctx context.Context, at time.Time, done func(account string) (bool, error)) (Round, error) {
	// An AWS that does not answer is asked again for minutes.
	s.log.Info("listing accounts", zap.Time("at", at))
	accounts, err := s.accounts.List(ctx)
	if err != nil {
		return Round{}, err
	}
	if err := s.stored.refresh(ctx); err != nil {
		return Round{}, err
	}
	describer := newDescriber(s.js, s.stored)
	var round Round
	var errs []error
	for _, a := range accounts {
		result := "known"
		collected, err := done(a.ID)
		if err == nil && !collected {
			result, err = s.publish(ctx, describer, a, at)
		}
		switch {
		case err != nil:
			errs = append(errs, err)
			result = "failed"
		case result == "published":
			round.Published++
		case result == "known":
			round.Known++
		case result == "pending":
			round.Pending++
			s.log.Warn("account still has a job", zap.String("account", a.ID))
		}
		s.metrics.jobs.WithLabelValues(result).Inc()
	}
	s.log.Info("round done", zap.Time("at", at), zap.Int("published", round.Published),
		zap.Int("known", round.Known), zap.Int("pending", round.Pending), zap.Int("failed", len(errs)))
	return round, errors.Join(errs...)
}

// collected reports whether the latest run of an account that RAW knows is of the
// job for a time, and is complete or partial. When the run observed the account says
// nothing: a collector that comes late observes it then.
func collected(ctx context.Context, raw jetstream.Stream, account string, at time.Time) (bool, error) {
	last, err := raw.GetLastMsgForSubject(ctx, stream.StoredRuns(account))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read the latest run of %s: %w", account, err)
	}
	var run event.Run
	if err := json.Unmarshal(last.Data, &run); err != nil {
		return false, nil //nolint:nilerr // What cannot be read is no proof; the processors send it to the dead letters.
	}
	return event.NewJob(account, at).HasRun(run.Run) && (run.Status == event.RunComplete || run.Status == event.RunPartial), nil
}

// Job makes the job of an account for a time, and publishes nothing but the
// documents that it names.
func (s *Scheduler) Job(ctx context.Context, a Account, at time.Time) (event.Job, error) {
	return makeJob(ctx, newDescriber(s.js, s.stored), a, at)
}

func makeJob(ctx context.Context, d *describer, a Account, at time.Time) (event.Job, error) {
	job := event.NewJob(a.ID, at)
	job.Name, job.Partition, job.AssumeRole, job.JoinedAt = a.Name, a.Partition, a.AssumeRole, a.JoinedAt
	if err := d.describe(ctx, a, &job); err != nil {
		return event.Job{}, fmt.Errorf("make job of %s: %w", a.ID, err)
	}
	return job, job.Validate()
}

// publish offers one job to JOBS and says what became of it.
func (s *Scheduler) publish(ctx context.Context, d *describer, a Account, at time.Time) (string, error) {
	job, err := makeJob(ctx, d, a, at)
	if err != nil {
		return "", err
	}
	data, err := json.Marshal(job)
	if err != nil {
		return "", fmt.Errorf("encode job of %s: %w", a.ID, err)
	}
	msg := stream.NewMessage(stream.JobSubject(a.ID), jobType, "/collectors/scheduler", job.ID, job.At, data)
	ack, err := publish(ctx, s.js, msg)
	switch {
	case isPending(err):
		return "pending", nil
	case err != nil:
		return "", fmt.Errorf("publish job of %s: %w", a.ID, err)
	case ack.Duplicate:
		return "known", nil
	}
	return "published", nil
}

const (
	// retryAfter is the wait between two tries of a round that failed.
	retryAfter = time.Minute
	// jobType is the ce-type of a job.
	jobType = "leastwise.job.v1"
	// publishTimeout bounds the wait for a stream to take one message, retries
	// included.
	publishTimeout = 30 * time.Second
)

// isPending reports whether JOBS refused a job because its account has one. The
// server says so with its general code for a store that takes no more, and in
// words (ErrMaxMsgsPerSubject of nats-server).
func isPending(err error) bool {
	const storeFailed = 10077
	var api *jetstream.APIError
	return errors.As(err, &api) && api.ErrorCode == storeFailed &&
		strings.Contains(api.Description, "maximum messages per subject")
}
