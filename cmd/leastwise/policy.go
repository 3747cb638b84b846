package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/leastwise/leastwise/catalog/risk"
	"github.com/leastwise/leastwise/internal/daemon"
	"github.com/leastwise/leastwise/processors/policygen"
)

func (a *app) policyCommand() *cobra.Command {
	worker, cfg := defaultWorkerConfig(), policygen.DefaultConfig()
	worker.noStreams = true
	var rules riskFlags
	cmd := &cobra.Command{
		Use:   "policy",
		Short: "Run the policy service: templates in, least-privilege policies out",
		Long: `Run the policy service, which answers over NATS: iam.policy.write, analyze,
expand and minimize, and iam.catalog.services, actions, resources and conditions.
Any NATS will do: it needs neither JetStream nor 'leastwise migrate'.

  nats micro info leastwise-policy
  nats req iam.policy.write '{"mode":"crud","read":["arn:aws:s3:::my-bucket"]}'`,
		GroupID: groupWorker,
		Args:    args(noArguments),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := cfg.Validate(); err != nil {
				return usage(err)
			}
			c, err := a.catalog.open(cmd.Context())
			if err != nil {
				return err
			}
			book, err := rules.open(cmd.Context(), c)
			if err != nil {
				return err
			}
			return a.runWorker(cmd.Context(), worker, func(_ context.Context, r *host) ([]daemon.Service, error) {
				return policyServices(r, cfg, book)
			})
		},
	}
	worker.addFlags(cmd.Flags())
	hide(cmd, "migrate-wait")
	cfg.AddFlags(cmd.Flags())
	rules.addFlags(cmd.Flags())
	a.catalog.addFlags(cmd.Flags())
	return cmd
}

func policyServices(r *host, cfg policygen.Config, book rulebook) ([]daemon.Service, error) {
	nc, err := r.connect()
	if err != nil {
		return nil, err
	}
	options := risk.DefaultOptions()
	options.Exclusions = book.exclusions
	s := policygen.NewService(policygen.Dependencies{
		NATS: nc, Engine: risk.NewEngine(book.rules, options), Metrics: r.metrics, Log: r.log,
	}, cfg)
	return []daemon.Service{{Name: "policy", Run: s.Run}}, nil
}
