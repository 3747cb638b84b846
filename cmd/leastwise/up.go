package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/leastwise/leastwise/internal/daemon"
	"github.com/leastwise/leastwise/internal/engine"
	"github.com/leastwise/leastwise/processors/policygen"
	"github.com/leastwise/leastwise/sinks/clickhouse"
)

// pipelineConfig sets every stage of a process that runs them all.
type pipelineConfig struct {
	collect  collectConfig
	schedule scheduleConfig
	process  processConfig
	sink     clickhouse.Config
	policy   policygen.Config
}

func defaultPipelineConfig() pipelineConfig {
	return pipelineConfig{
		collect:  defaultCollectConfig(),
		schedule: defaultScheduleConfig(),
		process:  defaultProcessConfig(),
		sink:     clickhouse.DefaultConfig(),
		policy:   policygen.DefaultConfig(),
	}
}

func (c pipelineConfig) validate() error {
	return usage(errors.Join(c.collect.validate(), c.schedule.scheduler.Validate(), c.process.validate(), c.sink.Validate(), c.policy.Validate()))
}

func (a *app) upCommand() *cobra.Command {
	worker, cfg := defaultWorkerConfig(), defaultPipelineConfig()
	dataDir := defaultDataDir
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Collect real AWS accounts in one process, with NATS and ClickHouse embedded",
		Long: `Collect real AWS accounts in one process, with NATS and ClickHouse embedded.

It uses the default AWS credentials: the environment, the shared files, SSO, or
the instance's role. Without --organization it reads the one account of these
credentials; with it, every ACTIVE account, through --role-name in each. What
the role needs is in deploy/aws. Every AWS endpoint can be overridden with the
AWS_ENDPOINT_URL* variables.

It goes on until it is stopped, and collects again every --interval. How to
connect is in <data-dir>/endpoints.json.`,
		Example: "  leastwise up\n  leastwise up --organization --role-name leastwise-collector --external-id ...",
		GroupID: groupWhole,
		Args:    args(noArguments),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg.collect.aws = cfg.schedule.aws
			if err := cfg.validate(); err != nil {
				return err
			}
			return a.up(cmd.Context(), worker, cfg, dataDir, newProgress(cmd.ErrOrStderr(), isTerminal(cmd.ErrOrStderr())))
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&dataDir, "data-dir", dataDir, "`directory` that keeps everything")
	worker.addLoopFlags(fs)
	fs.DurationVar(&cfg.schedule.scheduler.Interval, "interval", cfg.schedule.scheduler.Interval, "`time` between two collections of an account")
	cfg.schedule.aws.AddFlags(fs)
	complete(cmd, "granularity", []string{"service", "action"})
	cfg.collect.worker.AddFlags(fs)
	cfg.process.addFlags(fs)
	cfg.sink.AddFlags(fs)
	cfg.policy.AddFlags(fs)
	a.catalog.addFlags(fs)
	return cmd
}

// defaultDataDir is where `up` and `demo` keep everything, unless told otherwise.
const defaultDataDir = "leastwise-data"

func (a *app) up(ctx context.Context, worker workerConfig, cfg pipelineConfig, dataDir string, p *progress) error {
	log, err := a.logger()
	if err != nil {
		return err
	}
	c, err := a.catalog.open(ctx)
	if err != nil {
		return err
	}
	book, err := cfg.process.risk.open(ctx, c)
	if err != nil {
		return err
	}
	// Ask AWS before starting anything: wrong credentials are the most likely fault.
	if err := cfg.schedule.check(ctx); err != nil {
		return err
	}
	e, err := startEngines(ctx, dataDir, fetchProgress(p), log)
	p.close()
	if err != nil {
		return err
	}
	log.Info("up", zap.String("endpoints", engine.EndpointsPath(dataDir)))
	worker.bus = e.busConfig()
	err = a.runWorker(ctx, worker, func(ctx context.Context, r *host) ([]daemon.Service, error) {
		services, err := pipeline(ctx, r, cfg, book, e.clickhouse.DSN(engine.Writer))
		if err != nil {
			return nil, err
		}
		schedule, err := scheduleServices(ctx, r, cfg.schedule)
		if err != nil {
			return nil, err
		}
		engines := daemon.Service{Name: "engines", Run: e.watch}
		return append(append([]daemon.Service{engines}, services...), schedule...), nil
	})
	return errors.Join(err, e.close(context.WithoutCancel(ctx)))
}

// pipeline returns all stages but the scheduler, the last stage first: so none
// stops before what feeds it.
func pipeline(ctx context.Context, r *host, cfg pipelineConfig, book rulebook, dsn string) ([]daemon.Service, error) {
	sink, err := sinkServices(ctx, r, cfg.sink, dsn, 0)
	if err != nil {
		return nil, err
	}
	process, err := processServices(ctx, r, cfg.process, book)
	if err != nil {
		return nil, err
	}
	policy, err := policyServices(r, cfg.policy, book)
	if err != nil {
		return nil, err
	}
	collect, err := collectServices(ctx, r, cfg.collect)
	if err != nil {
		return nil, err
	}
	return append(append(append(sink, process...), policy...), collect...), nil
}

// fetchProgress shows the fetching of an engine.
func fetchProgress(p *progress) engine.Progress {
	tasks := map[string]*task{}
	return func(stage string, done, total int64) {
		const mib = 1 << 20
		if tasks[stage] == nil {
			tasks[stage] = p.task("ClickHouse: "+stage+" (MiB)", total/mib)
		}
		tasks[stage].set(done/mib, total/mib)
	}
}
