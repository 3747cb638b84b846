package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"go.uber.org/zap"

	"github.com/leastwise/leastwise/internal/bus"
	"github.com/leastwise/leastwise/internal/engine"
	"github.com/leastwise/leastwise/schemas/stream"
	"github.com/leastwise/leastwise/sinks/clickhouse"
)

// engines are an embedded NATS and an embedded ClickHouse over one data
// directory, with streams and tables in place.
type engines struct {
	dataDir    string
	lock       *engine.Lock
	nats       *engine.NATS
	clickhouse *engine.ClickHouse
}

// startEngines starts both and migrates them. It writes <data-dir>/endpoints.json.
func startEngines(ctx context.Context, dataDir string, fetching engine.Progress, log *zap.Logger) (_ *engines, err error) {
	if err := os.MkdirAll(dataDir, 0o700); err != nil {
		return nil, fmt.Errorf("create --data-dir: %w", err)
	}
	e := &engines{dataDir: dataDir}
	defer func() {
		if err != nil {
			err = errors.Join(err, e.close(context.WithoutCancel(ctx)))
		}
	}()
	if e.lock, err = engine.LockDataDir(dataDir); err != nil {
		return nil, err
	}
	ch := engine.DefaultClickHouseConfig(dataDir)
	ch.Progress, ch.Logger = fetching, log
	if e.clickhouse, err = engine.StartClickHouse(ctx, ch); err != nil {
		return nil, err
	}
	nc := engine.DefaultNATSConfig(dataDir)
	nc.Logger = log
	if e.nats, err = engine.StartNATS(ctx, nc); err != nil {
		return nil, err
	}
	if err := e.migrate(ctx, log); err != nil {
		return nil, err
	}
	return e, engine.WriteEndpoints(engine.EndpointsPath(dataDir), engine.EndpointsOf(e.nats, e.clickhouse, time.Now()))
}

func (e *engines) migrate(ctx context.Context, log *zap.Logger) error {
	nc, js, err := bus.Connect(ctx, e.busConfig(), func(error) {}, log)
	if err != nil {
		return err
	}
	defer nc.Close()
	limits := stream.DefaultLimits()
	// Ids are kept in memory, some 200 bytes each, and a publisher sends again
	// within seconds.
	limits.Dedupe = 10 * time.Minute
	if err := bus.Migrate(ctx, js, limits); err != nil {
		return err
	}
	return clickhouse.Migrate(ctx, e.clickhouse.DSN(engine.Admin), log)
}

func (e *engines) busConfig() bus.Config {
	c := bus.DefaultConfig()
	c.URL = e.nats.ClientURL()
	return c
}

// watch returns when an engine is gone that nobody stopped.
func (e *engines) watch(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-e.nats.Done():
		return errors.New("the embedded NATS ended")
	case <-e.clickhouse.Done():
		return fmt.Errorf("the embedded ClickHouse ended: %w", e.clickhouse.Wait(ctx))
	}
}

// close stops both; what they hold stays in the data directory.
func (e *engines) close(ctx context.Context) error {
	var errs []error
	if e.nats != nil {
		errs = append(errs, e.nats.Close(ctx))
	}
	if e.clickhouse != nil {
		errs = append(errs, e.clickhouse.Close(ctx))
	}
	if e.lock != nil {
		errs = append(errs, e.lock.Release())
	}
	return errors.Join(errs...)
}
