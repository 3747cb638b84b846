package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/leastwise/leastwise/internal/bus"
	"github.com/leastwise/leastwise/schemas/stream"
	"github.com/leastwise/leastwise/sinks/clickhouse"
)

func (a *app) migrateCommand() *cobra.Command {
	nats, conn, limits := bus.DefaultConfig(), clickhouse.DefaultConnConfig(), stream.DefaultLimits()
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Create the streams and the tables, or bring them up to date",
		Long: `Create the streams and the tables, or bring them up to date.

Run it once before the workers, and again with every new version of leastwise.
It deletes nothing. Several at once are safe.`,
		GroupID: groupWorker,
		Args:    args(noArguments),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.migrate(cmd.Context(), nats, limits, conn)
		},
	}
	nats.AddFlags(cmd.Flags())
	conn.AddFlags(cmd.Flags())
	addLimitFlags(cmd.Flags(), &limits)
	return cmd
}

// addLimitFlags adds the flags that size the streams.
func addLimitFlags(fs *pflag.FlagSet, l *stream.Limits) {
	fs.Int64Var(&l.RawBytes, "raw-bytes", l.RawBytes, "`size` of the stream RAW")
	fs.Int64Var(&l.EnrichedBytes, "enriched-bytes", l.EnrichedBytes, "`size` of the stream ENRICHED")
	fs.DurationVar(&l.EnrichedAge, "enriched-age", l.EnrichedAge, "how long the stream ENRICHED keeps events for a replay")
	fs.IntVar(&l.Replicas, "replicas", l.Replicas, "`number` of NATS servers that hold each stream: 1, 3 or 5")
}

func (a *app) migrate(ctx context.Context, nats bus.Config, limits stream.Limits, conn clickhouse.ConnConfig) error {
	log, err := a.logger()
	if err != nil {
		return err
	}
	dsn, err := conn.Resolve()
	nats, natsErr := nats.Resolve()
	if err := usage(errors.Join(err, natsErr)); err != nil {
		return err
	}
	nc, js, err := bus.Connect(ctx, nats, func(error) {}, log)
	if err != nil {
		return err
	}
	defer nc.Close()
	if err := bus.Migrate(ctx, js, limits); err != nil {
		return fmt.Errorf("migrate NATS: %w", err)
	}
	return clickhouse.Migrate(ctx, dsn, log)
}
