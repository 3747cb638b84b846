// Package pause waits.
package pause

import (
	"context"
	"time"
)

// For waits for d, not at all when it is negative, and reports whether ctx is still
// there: when ctx ends, it returns at once.
func For(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
	return ctx.Err() == nil
}

// While does what may wait for somebody else, as opening a named pipe and using it do,
// with no signal that is caught to end it. Where ctx ends first it is left to wait,
// and the error is the context's.
func While(ctx context.Context, do func() error) error {
	done := make(chan error, 1)
	go func() { done <- do() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
