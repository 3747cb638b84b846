package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/risk"
	"github.com/leastwise/leastwise/internal/daemon"
	"github.com/leastwise/leastwise/processors/enrich"
)

func (a *app) processCommand() *cobra.Command {
	worker, cfg := defaultWorkerConfig(), enrich.DefaultConfig()
	cmd := &cobra.Command{
		Use:     "process",
		Short:   "Run a processor: raw events in, enriched events out",
		GroupID: groupWorker,
		Args:    args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := cfg.Validate(); err != nil {
				return usage(err)
			}
			c, err := a.catalog.open()
			if err != nil {
				return err
			}
			return a.runWorker(cmd.Context(), worker, func(_ context.Context, r *host) ([]daemon.Service, error) {
				return processServices(r, cfg, c)
			})
		},
	}
	worker.addFlags(cmd.Flags())
	cfg.AddFlags(cmd.Flags())
	a.catalog.addFlags(cmd.Flags())
	return cmd
}

func processServices(r *host, cfg enrich.Config, c *catalog.Catalog) ([]daemon.Service, error) {
	rules, err := risk.Load(c)
	if err != nil {
		return nil, err
	}
	enricher := enrich.NewEnricher(risk.NewEngine(rules, risk.DefaultOptions()))
	p := enrich.NewProcessor(enrich.Dependencies{JetStream: r.js, Enricher: enricher, Metrics: r.metrics, Log: r.log}, cfg)
	return []daemon.Service{{Name: "process", Run: p.Run}}, nil
}
