package bus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/leastwise/leastwise/internal/pause"
	"github.com/leastwise/leastwise/schemas/stream"
)

// Migrate creates the streams that do not exist and brings the limits of those
// that do to what l says. It changes nothing else and deletes nothing.
func Migrate(ctx context.Context, js jetstream.JetStream, l stream.Limits) error {
	var errs []error
	for _, cfg := range stream.Streams(l) {
		if _, err := js.CreateOrUpdateStream(ctx, cfg); err != nil {
			errs = append(errs, fmt.Errorf("create stream %s: %w", cfg.Name, err))
		}
	}
	return errors.Join(errs...)
}

// WaitMigrated waits until every stream exists, so that workers and the
// migration may be started in any order. After patience it returns
// ErrNotMigrated.
func WaitMigrated(ctx context.Context, js jetstream.JetStream, patience time.Duration, waiting func(stream string)) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for _, cfg := range stream.Streams(stream.DefaultLimits()) {
		for told := false; ; told = true {
			_, err := js.Stream(ctx, cfg.Name)
			if err == nil {
				break
			}
			if ctx.Err() != nil {
				return fmt.Errorf("open stream %s: %w", cfg.Name, ErrNotMigrated)
			}
			if !errors.Is(err, jetstream.ErrStreamNotFound) {
				return fmt.Errorf("open stream %s: %w", cfg.Name, err)
			}
			if !told {
				waiting(cfg.Name)
			}
			pause.For(ctx, 500*time.Millisecond)
		}
	}
	return nil
}
