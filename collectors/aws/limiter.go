package aws

import (
	"context"
	"sync"

	"golang.org/x/time/rate"
)

// limiter paces the calls of one account to one group of APIs. Its rate halves
// with every throttled call and comes back slowly, as TCP's does, because other
// programs of the account share its quota and nobody knows how much they use.
type limiter struct {
	tokens *rate.Limiter

	mu      sync.Mutex
	full    float64
	current float64
}

func newLimiter(perSecond float64) *limiter {
	return &limiter{tokens: rate.NewLimiter(rate.Limit(perSecond), 1), full: perSecond, current: perSecond}
}

// wait returns when a call may be made, or when ctx ends.
func (l *limiter) wait(ctx context.Context) error { return l.tokens.Wait(ctx) }

const (
	// slowest is the share of the full rate below which a limiter does not go.
	slowest = 1.0 / 32
	// recovery is the share of the full rate that a good call gives back.
	recovery = 1.0 / 100
)

func (l *limiter) throttled() { l.set(func(now float64) float64 { return now / 2 }) }

func (l *limiter) succeeded() { l.set(func(now float64) float64 { return now + l.full*recovery }) }

func (l *limiter) set(next func(float64) float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	to := min(max(next(l.current), l.full*slowest), l.full)
	if to != l.current {
		l.current = to
		l.tokens.SetLimit(rate.Limit(to))
	}
}
