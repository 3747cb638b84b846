package pause_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/leastwise/leastwise/internal/pause"
)

func TestForWaits(t *testing.T) {
	t.Parallel()
	const d = 20 * time.Millisecond
	began := time.Now()
	if !pause.For(t.Context(), d) || time.Since(began) < d {
		t.Errorf("it ended after %s", time.Since(began))
	}
}

func TestForEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	if pause.For(ctx, time.Hour) {
		t.Error("the hour has passed")
	}
	// No matter what of both it looks at first.
	for range 100 {
		if pause.For(ctx, -1) {
			t.Fatal("a context that has ended is still there")
		}
	}
}

func TestWhileEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	stuck := make(chan struct{})
	defer close(stuck)
	if err := pause.While(ctx, func() error { <-stuck; return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	want := errors.New("done")
	if err := pause.While(t.Context(), func() error { return want }); !errors.Is(err, want) {
		t.Errorf("error %v", err)
	}
}
