package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/leastwise/leastwise/internal/bus"
	"github.com/leastwise/leastwise/internal/daemon"
	"github.com/leastwise/leastwise/sinks/clickhouse"
)

func (a *app) sinkCommand() *cobra.Command {
	worker, conn, cfg := defaultWorkerConfig(), clickhouse.DefaultConnConfig(), clickhouse.DefaultConfig()
	cmd := &cobra.Command{
		Use:   "sink",
		Short: "Run a sink: enriched events and dead letters into ClickHouse",
		Long: `Run a sink: enriched events and dead letters into ClickHouse.

It acknowledges an event once its rows are inserted, and waits for a ClickHouse
that is away. Any number of sinks share the events.`,
		GroupID: groupWorker,
		Args:    args(noArguments),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := usage(cfg.Validate()); err != nil {
				return err
			}
			dsn, err := conn.Resolve()
			if err != nil {
				return usage(err)
			}
			return a.runWorker(cmd.Context(), worker, func(ctx context.Context, r *host) ([]daemon.Service, error) {
				return sinkServices(ctx, r, cfg, dsn, worker.migrateWait)
			})
		},
	}
	worker.addFlags(cmd.Flags())
	conn.AddFlags(cmd.Flags())
	cfg.AddFlags(cmd.Flags())
	return cmd
}

func sinkServices(ctx context.Context, r *host, cfg clickhouse.Config, dsn string, patience time.Duration) ([]daemon.Service, error) {
	waiting := func(reason error) { r.log.Info("waiting for 'leastwise migrate'", zap.Error(reason)) }
	conn, err := clickhouse.OpenMigrated(ctx, dsn, patience, waiting)
	if err != nil {
		return nil, err
	}
	s := clickhouse.New(clickhouse.Dependencies{JetStream: r.js, Conn: conn, Metrics: r.metrics, Log: r.log}, cfg)
	return []daemon.Service{
		{Name: "sink", Run: func(ctx context.Context) error {
			defer conn.Close()
			return s.Run(ctx)
		}},
		// What it buries, the sink stores.
		{Name: "safety-net", Run: bus.NewSafetyNet(r.js, r.log).Run},
	}, nil
}
