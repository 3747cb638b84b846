package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.uber.org/zap"

	"github.com/leastwise/leastwise/catalog/risk"
	"github.com/leastwise/leastwise/internal/daemon"
	"github.com/leastwise/leastwise/processors/enrich"
	"github.com/leastwise/leastwise/processors/judge"
)

// processConfig sets the stages of a processor.
type processConfig struct {
	enrich enrich.Config
	judge  judge.Config
	risk   riskFlags
}

func defaultProcessConfig() processConfig {
	return processConfig{enrich: enrich.DefaultConfig(), judge: judge.DefaultConfig()}
}

func (c *processConfig) addFlags(fs *pflag.FlagSet) {
	c.enrich.AddFlags(fs)
	c.judge.AddFlags(fs)
	c.risk.addFlags(fs)
}

func (c *processConfig) validate() error { return errors.Join(c.enrich.Validate(), c.judge.Validate()) }

func (a *app) processCommand() *cobra.Command {
	worker, cfg := defaultWorkerConfig(), defaultProcessConfig()
	cmd := &cobra.Command{
		Use:   "process",
		Short: "Run a processor: raw events in, enriched events and judgements out",
		Long: `Run a processor: raw events in, enriched events and judgements out.

It says of every user, role, group and policy what it may do, and judges each
account's run by the risk rules once the run is closed. Any number of processors
share the events. Runs are judged one after the other, by one of them at a time.`,
		GroupID: groupWorker,
		Args:    args(noArguments),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := cfg.validate(); err != nil {
				return usage(err)
			}
			c, err := a.catalog.open(cmd.Context())
			if err != nil {
				return err
			}
			book, err := cfg.risk.open(cmd.Context(), c)
			if err != nil {
				return err
			}
			return a.runWorker(cmd.Context(), worker, func(ctx context.Context, r *host) ([]daemon.Service, error) {
				return processServices(ctx, r, cfg, book)
			})
		},
	}
	worker.addFlags(cmd.Flags())
	cfg.addFlags(cmd.Flags())
	a.catalog.addFlags(cmd.Flags())
	return cmd
}

func processServices(ctx context.Context, r *host, cfg processConfig, book rulebook) ([]daemon.Service, error) {
	for _, unfit := range book.rules.Unfit() {
		r.log.Warn("rules and catalog do not fit", zap.String("what", unfit.String()))
	}
	options := risk.DefaultOptions()
	options.Exclusions = book.exclusions
	enricher := enrich.NewEnricher(risk.NewEngine(book.rules, options))
	// Both stages find documents in one store, so that each is analysed once.
	store, err := enrich.OpenStore(ctx, r.js, enricher, cfg.enrich.Documents)
	if err != nil {
		return nil, err
	}
	p := enrich.NewProcessor(enrich.Dependencies{JetStream: r.js, Enricher: enricher, Store: store, Metrics: r.metrics, Log: r.log}, cfg.enrich)
	j := judge.New(judge.Dependencies{
		JetStream: r.js, Documents: store, Rules: book.rules, Exclusions: book.exclusions, Metrics: r.metrics, Log: r.log,
	}, cfg.judge)
	return []daemon.Service{{Name: "process", Run: p.Run}, {Name: "judge", Run: j.Run}}, nil
}
