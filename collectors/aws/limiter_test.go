package aws

import (
	"context"
	"testing"
)

func TestLimiterGivesWayAndComesBack(t *testing.T) {
	t.Parallel()
	l := newLimiter(8)
	steps := func(n int, step func()) float64 {
		for range n {
			step()
		}
		return float64(l.tokens.Limit())
	}
	for _, tc := range []struct {
		name string
		got  float64
		want float64
	}{
		{"a good call changes nothing", steps(1, l.succeeded), 8},
		{"a throttled call halves", steps(1, l.throttled), 4},
		{"and again", steps(1, l.throttled), 2},
		{"but not for ever", steps(20, l.throttled), 0.25},
		{"a good call gives a little back", steps(1, l.succeeded), 0.33},
		{"many give all back", steps(1000, l.succeeded), 8},
	} {
		if diff := tc.got - tc.want; diff > 1e-9 || diff < -1e-9 {
			t.Errorf("%s: %g calls a second, want %g", tc.name, tc.got, tc.want)
		}
	}
}

func TestLimiterEndsWithItsContext(t *testing.T) {
	t.Parallel()
	l := newLimiter(1e-9)
	ctx, cancel := context.WithCancel(t.Context())
	if err := l.wait(ctx); err != nil {
		t.Fatal(err)
	}
	cancel()
	if l.wait(ctx) == nil {
		t.Error("a call was let through")
	}
}
