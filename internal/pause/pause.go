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
