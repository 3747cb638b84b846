package aws

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"golang.org/x/sync/errgroup"

	"github.com/leastwise/leastwise/internal/pause"
	"github.com/leastwise/leastwise/schemas/event"
)

// target is an entity to get a last-accessed report for.
type target struct {
	kind    event.Kind
	id, arn string
}

// ordered is a report that IAM was asked to make, or what became of asking.
type ordered struct {
	target
	job     string
	outcome outcome
}

// outcome says how a report ended; the zero one is still open.
type outcome struct {
	state  event.State
	reason string
}

// advisor gets the last-accessed reports of an account, in their order. Some are
// ordered ahead, because IAM takes seconds to make one. A job belongs to the
// session that ordered it, so the same client fetches it.
type advisor struct {
	*reader
	// givenUp is set once reports keep failing in a way that the rest would too.
	givenUp atomic.Pointer[outcome]
	failing int // reports in a row, so far
}

// patience is the number of reports in a row that may be refused, throttled or
// timed out before the rest of them is not ordered any more.
const patience = 10

// lastAccessed emits one access event for every target. A report that cannot be
// had is an event with a state and a problem of the run; it never ends the run.
func (r *reader) lastAccessed(ctx context.Context) error {
	a := &advisor{reader: r}
	orders := make(chan ordered, r.cfg.ReportsAhead)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(orders)
		for _, t := range r.targets {
			select {
			case orders <- a.order(ctx, t):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	g.Go(func() error {
		for o := range orders {
			if err := a.deliver(ctx, o); err != nil {
				return err
			}
		}
		return nil
	})
	return g.Wait()
}

// order asks IAM to make a report.
func (a *advisor) order(ctx context.Context, t target) ordered {
	if given := a.givenUp.Load(); given != nil {
		a.run.Problem(actionGenerateAccess, given.state, given.reason)
		return ordered{target: t, outcome: *given}
	}
	out, err := a.iam.GenerateServiceLastAccessedDetails(ctx, &iam.GenerateServiceLastAccessedDetailsInput{
		Arn: &t.arn, Granularity: types.AccessAdvisorUsageGranularityType(a.cfg.granularity()),
	})
	if err != nil {
		return ordered{target: t, outcome: a.failed(ctx, actionGenerateAccess, err)}
	}
	return ordered{target: t, job: aws.ToString(out.JobId)}
}

// failed is the outcome of a failing call. An entity that is gone since it was
// listed is no fault of the run.
func (a *advisor) failed(ctx context.Context, action string, err error) outcome {
	f := classify(err)
	if f.code == codeNoSuchEntity {
		return outcome{event.StateNotCollected, "the entity was deleted before its report was made"}
	}
	if ctx.Err() == nil {
		a.run.Problem(action, f.state, f.reason)
	}
	return outcome{f.state, f.reason}
}

// deliver fetches an ordered report and emits it.
func (a *advisor) deliver(ctx context.Context, o ordered) error {
	var services []event.ServiceAccess
	if o.job != "" {
		services, o.outcome = a.fetch(ctx, o, reorders)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	a.watch(o.outcome)
	_, err := a.run.Emit(ctx, event.Access{
		Common: a.run.Common(o.id), Entity: o.kind, ARN: o.arn, Granularity: a.cfg.granularity(),
		State: o.outcome.state, Reason: o.outcome.reason, Services: services,
	})
	return err
}

// watch gives up on the rest when too many reports in a row failed in a way that
// is not their own.
func (a *advisor) watch(o outcome) {
	switch o.state {
	case event.StateAccessDenied, event.StateThrottled, event.StateTimedOut:
		a.failing++
	default:
		a.failing = 0
	}
	if a.failing == patience {
		// The first reason holds: what is given up fails in a row too.
		a.givenUp.CompareAndSwap(nil, &outcome{o.state, fmt.Sprintf("not asked for, after %d in a row: %s", patience, o.reason)})
	}
}

// reorders is how often a report is ordered again when IAM does not know its job
// any more, because the session that ordered it has ended meanwhile.
const reorders = 3

// fetch waits for a report and reads all its pages.
func (a *advisor) fetch(ctx context.Context, o ordered, reorders int) ([]event.ServiceAccess, outcome) {
	var services []event.ServiceAccess
	const pageSize = 1000 // the most that the API gives
	in := &iam.GetServiceLastAccessedDetailsInput{JobId: &o.job, MaxItems: aws.Int32(pageSize)}
	poll := newPoll(a.cfg)
	for {
		page, err := a.iam.GetServiceLastAccessedDetails(ctx, in)
		switch {
		case err != nil && classify(err).code == codeNoSuchEntity:
			if reorders == 0 {
				return nil, a.reported(event.StateFailed, "IAM took the order of a report and then did not know it, again and again")
			}
			if o = a.order(ctx, o.target); o.job == "" {
				return nil, o.outcome
			}
			return a.fetch(ctx, o, reorders-1)
		case err != nil:
			return nil, a.failed(ctx, actionGetAccess, err)
		case page.JobStatus == types.JobStatusTypeFailed:
			return nil, a.reported(event.StateFailed, failureOf(page.Error))
		case page.JobStatus != types.JobStatusTypeCompleted:
			if !poll.wait(ctx) {
				return nil, a.reported(event.StateTimedOut, fmt.Sprintf("IAM had not made the report after %s", a.cfg.ReportTimeout))
			}
			continue
		}
		services = append(services, servicesOf(page.ServicesLastAccessed)...)
		next := aws.ToString(page.Marker)
		if !page.IsTruncated {
			return services, outcome{state: event.StateOK}
		}
		if next == "" || next == aws.ToString(in.Marker) {
			return services, a.reported(event.StateTruncated, "IAM says that more of the report follows and not where")
		}
		in.Marker = page.Marker
	}
}

// reported is an outcome that is a problem of the run.
func (a *advisor) reported(state event.State, reason string) outcome {
	a.run.Problem(actionGetAccess, state, reason)
	return outcome{state, reason}
}

func failureOf(e *types.ErrorDetails) string {
	if e == nil {
		return "IAM could not make the report"
	}
	return fmt.Sprintf("IAM could not make the report: %s: %s", aws.ToString(e.Code), aws.ToString(e.Message))
}

// poll waits between looks at something in the making, longer each time.
type poll struct {
	interval, longest time.Duration
	deadline          time.Time
}

func newPoll(cfg Config) *poll {
	return &poll{interval: cfg.PollInterval, longest: 8 * cfg.PollInterval, deadline: time.Now().Add(cfg.ReportTimeout)}
}

// wait reports whether to look again; not when time is up or ctx has ended.
func (p *poll) wait(ctx context.Context) bool {
	if time.Now().After(p.deadline) || !pause.For(ctx, p.interval) {
		return false
	}
	p.interval = min(p.interval*2, p.longest)
	return true
}
