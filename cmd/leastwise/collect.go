package main

import (
	"context"
	"errors"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/spf13/cobra"

	"github.com/leastwise/leastwise/collectors"
	"github.com/leastwise/leastwise/collectors/aws"
	"github.com/leastwise/leastwise/internal/bus"
	"github.com/leastwise/leastwise/internal/daemon"
)

// collectConfig says how accounts are read.
type collectConfig struct {
	worker collectors.WorkerConfig
	aws    aws.Config
	// base replaces the default AWS configuration, where it is set.
	base *awssdk.Config
}

func defaultCollectConfig() collectConfig {
	return collectConfig{worker: collectors.DefaultWorkerConfig(), aws: aws.DefaultConfig()}
}

func (c *collectConfig) validate() error { return errors.Join(c.worker.Validate(), c.aws.Validate()) }

func (a *app) collectCommand() *cobra.Command {
	worker, cfg := defaultWorkerConfig(), defaultCollectConfig()
	cmd := &cobra.Command{
		Use:   "collect",
		Short: "Run a collector: jobs in, what the accounts hold out",
		Long: `Run a collector: jobs in, what the accounts hold out.

It reads the account of its own AWS credentials, and assumes --role-name in the
accounts of an organization. What it needs is in deploy/aws. Any number of
collectors share the jobs.`,
		GroupID: groupWorker,
		Args:    args(noArguments),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := usage(cfg.validate()); err != nil {
				return err
			}
			return a.runWorker(cmd.Context(), worker, func(ctx context.Context, r *host) ([]daemon.Service, error) {
				return collectServices(ctx, r, cfg)
			})
		},
	}
	worker.addFlags(cmd.Flags())
	cfg.worker.AddFlags(cmd.Flags())
	cfg.aws.AddFlags(cmd.Flags())
	complete(cmd, "granularity", []string{"service", "action"})
	hide(cmd, "organization", "organization-role-arn", "exclude-accounts", "service-control-policies") // the scheduler's
	return cmd
}

func collectServices(ctx context.Context, r *host, cfg collectConfig) ([]daemon.Service, error) {
	base, err := awsConfig(ctx, cfg.base)
	if err != nil {
		return nil, err
	}
	w := collectors.NewWorker(cfg.worker, collectors.WorkerDependencies{
		JetStream: r.js, Emitter: r.emitter(), Source: aws.NewSource(cfg.aws, base), Log: r.log,
	})
	return []daemon.Service{{Name: "collect", Run: w.Run}}, nil
}

// emitter opens runs.
func (r *host) emitter() *collectors.Emitter {
	return collectors.NewEmitter(collectors.Dependencies{
		JetStream: r.js, Publisher: bus.NewPublisher(r.js, r.log), Metrics: r.collectMetrics(), Log: r.log,
	})
}

// collectMetrics are shared by the scheduler and the collectors of a process.
func (r *host) collectMetrics() *collectors.Metrics {
	if r.collecting == nil {
		r.collecting = collectors.NewMetrics(r.metrics)
	}
	return r.collecting
}
