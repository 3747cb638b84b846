package awssim

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/leastwise/leastwise/internal/awssim/world"
)

// throttle holds a token bucket per account and limited action.
type throttle struct {
	limits  []Limit
	mu      sync.Mutex
	buckets map[Call]*bucket
}

type bucket = rate.Limiter

// allow takes a token, if there is one.
func (t *throttle) allow(call Call, now time.Time) bool {
	for _, l := range t.limits {
		if world.Match(l.Action, call.Action) {
			return t.bucket(call, l).AllowN(now, 1)
		}
	}
	return true
}

func (t *throttle) bucket(call Call, l Limit) *bucket {
	t.mu.Lock()
	defer t.mu.Unlock()
	b, ok := t.buckets[call]
	if !ok {
		b = rate.NewLimiter(rate.Limit(l.PerSecond), l.Burst)
		t.buckets[call] = b
	}
	return b
}
