package main

import (
	"context"
	"errors"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"

	"github.com/leastwise/leastwise/collectors"
	"github.com/leastwise/leastwise/collectors/aws"
	"github.com/leastwise/leastwise/internal/daemon"
)

// scheduleConfig says which accounts are collected, and when.
type scheduleConfig struct {
	scheduler collectors.SchedulerConfig
	aws       aws.Config
	// base replaces the default AWS configuration, where it is set.
	base *awssdk.Config
}

func defaultScheduleConfig() scheduleConfig {
	return scheduleConfig{scheduler: collectors.DefaultSchedulerConfig(), aws: aws.DefaultConfig()}
}

func (c *scheduleConfig) validate() error {
	return errors.Join(c.scheduler.Validate(), c.aws.Validate())
}

func (a *app) scheduleCommand() *cobra.Command {
	worker, cfg := defaultWorkerConfig(), defaultScheduleConfig()
	cmd := &cobra.Command{
		Use:   "schedule",
		Short: "Run a scheduler: one job per account and interval",
		Long: `Run a scheduler: one job per account and interval.

Without --organization there is the one account of the default AWS credentials.
Several schedulers at once schedule every account once.`,
		GroupID: groupWorker,
		Args:    args(noArguments),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := usage(cfg.validate()); err != nil {
				return err
			}
			return a.runWorker(cmd.Context(), worker, func(ctx context.Context, r *host) ([]daemon.Service, error) {
				return scheduleServices(ctx, r, cfg)
			})
		},
	}
	worker.addFlags(cmd.Flags())
	cfg.scheduler.AddFlags(cmd.Flags())
	cfg.aws.AddFlags(cmd.Flags())
	complete(cmd, "granularity", []string{"service", "action"})
	hide(cmd, "role-name", "granularity", "access-advisor-rate") // the collectors'
	return cmd
}

func scheduleServices(ctx context.Context, r *host, cfg scheduleConfig) ([]daemon.Service, error) {
	s, err := newScheduler(ctx, r, cfg)
	if err != nil {
		return nil, err
	}
	run := s.Run
	if cfg.scheduler.Once {
		run = func(ctx context.Context) error {
			if err := s.Run(ctx); err != nil {
				return err
			}
			return daemon.ErrDone
		}
	}
	return []daemon.Service{{Name: "schedule", Run: run}}, nil
}

func newScheduler(ctx context.Context, r *host, cfg scheduleConfig) (*collectors.Scheduler, error) {
	base, err := awsConfig(ctx, cfg.base)
	if err != nil {
		return nil, err
	}
	return collectors.NewScheduler(cfg.scheduler, collectors.SchedulerDependencies{
		JetStream: r.js, Accounts: aws.NewAccounts(cfg.aws, base, r.collectMetrics()), Metrics: r.collectMetrics(), Log: r.log,
	}), nil
}

// awsConfig is the default AWS configuration, unless another is given.
func awsConfig(ctx context.Context, given *awssdk.Config) (awssdk.Config, error) {
	if given != nil {
		return *given, nil
	}
	return aws.LoadConfig(ctx, "")
}

// checkAttempts is how often check asks an AWS that does not answer: somebody
// waits, and the collectors' own attempts take more than a minute.
const checkAttempts = 3

// check asks AWS once for the accounts, so that wrong credentials are told before
// anything is started.
func (c *scheduleConfig) check(ctx context.Context) error {
	base, err := awsConfig(ctx, c.base)
	if err != nil {
		return err
	}
	asked := c.aws
	asked.Attempts, asked.Controls = checkAttempts, false
	_, err = aws.NewAccounts(asked, base, collectors.NewMetrics(prometheus.NewRegistry())).List(ctx)
	return err
}
