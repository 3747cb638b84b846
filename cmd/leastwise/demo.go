package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/leastwise/leastwise/internal/awssim"
	"github.com/leastwise/leastwise/internal/daemon"
	"github.com/leastwise/leastwise/internal/engine"
)

// demoConfig is what one can set of a demo.
type demoConfig struct {
	accounts int
	days     int
	seed     uint64
	// roles is the mean number of roles in an account, to try large ones.
	roles   int
	dataDir string
	keep    bool
	summary string
	risk    riskFlags
}

// maxDays bounds how far back a demo goes: ten years.
const maxDays = 3650

func (c demoConfig) validate() error {
	var errs []error
	if c.accounts < 1 || c.accounts > 10_000 {
		errs = append(errs, fmt.Errorf("--accounts is %d; it takes 1 to 10000", c.accounts))
	}
	if c.days < 1 || c.days > maxDays {
		errs = append(errs, fmt.Errorf("--days is %d; it takes 1 to %d", c.days, maxDays))
	}
	if c.summary != "text" && c.summary != "json" {
		errs = append(errs, fmt.Errorf("--summary is %q; it takes text or json", c.summary))
	}
	if c.dataDir == "" {
		errs = append(errs, errors.New("--data-dir is empty; name a directory"))
	}
	return usage(errors.Join(errs...))
}

func (a *app) demoCommand() *cobra.Command {
	cfg := demoConfig{accounts: 5, days: 30, seed: 1, roles: awssim.DefaultConfig().Roles, dataDir: defaultDataDir, summary: "text"}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Collect a simulated organization through the real pipeline and show what is in it",
		Long: `Collect a simulated organization through the real pipeline.

It starts NATS and ClickHouse, and a simulated AWS organization that changes
from day to day, and collects every account for each of its days with the
scheduler, workers, streams and tables that production uses. Then it shows what
came of it. The organization is the only simulated part.

A second demo on the same --data-dir keeps the history of the first. With --keep
it goes on serving until it is stopped; <data-dir>/endpoints.json says how to
connect. It exits with 1 when any of its runs did not arrive whole.`,
		Example: "  leastwise demo\n  leastwise demo --accounts 20 --days 90 --keep",
		GroupID: groupWhole,
		Args:    args(noArguments),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := cfg.validate(); err != nil {
				return err
			}
			if !cmd.Flags().Changed("log-level") {
				a.messages.logLevel = "error" // the progress and the summary say it all
			}
			return a.demo(cmd.Context(), cfg, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	fs := cmd.Flags()
	fs.IntVar(&cfg.accounts, "accounts", cfg.accounts, "`number` of accounts in the organization")
	fs.IntVar(&cfg.days, "days", cfg.days, "`number` of days to collect, ending today")
	fs.Uint64Var(&cfg.seed, "seed", cfg.seed, "`number` that the organization grows from")
	fs.IntVar(&cfg.roles, "roles", cfg.roles, "mean `number` of roles in an account")
	fs.StringVar(&cfg.dataDir, "data-dir", cfg.dataDir, "`directory` that keeps everything")
	fs.BoolVar(&cfg.keep, "keep", cfg.keep, "go on serving NATS, ClickHouse and policies until stopped")
	fs.StringVar(&cfg.summary, "summary", cfg.summary, "`format` of the summary on standard output: text or json")
	cfg.risk.addFlags(fs)
	complete(cmd, "summary", []string{"text", "json"})
	a.catalog.addFlags(fs)
	return cmd
}

func (a *app) demo(ctx context.Context, cfg demoConfig, stdout, stderr io.Writer) (err error) {
	log, err := a.logger()
	if err != nil {
		return err
	}
	c, err := a.catalog.open(ctx)
	if err != nil {
		return err
	}
	book, err := cfg.risk.open(ctx, c)
	if err != nil {
		return err
	}
	defer limitMemory()()
	p := newProgress(stderr, isTerminal(stderr))
	defer p.close()
	e, err := startEngines(ctx, cfg.dataDir, fetchProgress(p), log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.close(context.WithoutCancel(ctx))) }()
	org, err := startOrganization(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, org.Close()) }()

	d := &demo{cfg: cfg, book: book, org: org, engines: e, progress: p, stdout: stdout, stderr: stderr, log: log, verdict: errStopped}
	return d.run(ctx)
}

// demo is a demo with its engines and its organization running.
type demo struct {
	cfg            demoConfig
	book           rulebook
	org            *awssim.Organization
	engines        *engines
	progress       *progress
	stdout, stderr io.Writer
	log            *zap.Logger
	// verdict is what the demo ends with once it is asked to stop.
	verdict error
}

// run starts the pipeline, drives it through the days and shows the summary. The
// pipeline's failure ends the drive, and the drive's end stops the pipeline.
func (d *demo) run(ctx context.Context) error {
	ctx, fatal := context.WithCancelCause(ctx)
	defer fatal(nil)
	r, err := newHost(ctx, d.engines.busConfig(), fatal, d.log)
	if err != nil {
		return err
	}
	defer r.nc.Close()
	if err := forgetJobs(ctx, r.js); err != nil {
		return err
	}
	cfg := d.pipelineConfig()
	services, err := pipeline(ctx, r, cfg, d.book, d.engines.clickhouse.DSN(engine.Writer))
	if err != nil {
		return err
	}
	services = append([]daemon.Service{{Name: "engines", Run: d.engines.watch}}, services...)
	services = append(services, daemon.Service{Name: "demo", Run: func(ctx context.Context) error {
		if err := d.drive(ctx, r, cfg); err != nil {
			return err
		}
		if !d.cfg.keep {
			return daemon.ErrDone
		}
		<-ctx.Done()
		return nil
	}})
	if err := daemon.Run(ctx, d.log, defaultWorkerConfig().grace, services...); err != nil {
		return err
	}
	return d.verdict
}

// drive collects every day, waits until all of it is stored, and summarizes.
func (d *demo) drive(ctx context.Context, r *host, cfg pipelineConfig) error {
	began := time.Now()
	if err := d.collectDays(ctx, r, cfg); err != nil {
		return err
	}
	d.progress.close()
	s, err := summarize(ctx, d.engines.clickhouse.DSN(engine.Reader), began)
	if err != nil {
		return err
	}
	if s.Policy, err = askForPolicy(ctx, r.nc, policyTemplate(d.org.World().Management().ID())); err != nil {
		return err
	}
	if err := s.print(d.stdout, d.cfg.summary); err != nil {
		return err
	}
	d.verdict = nil
	if !s.whole() {
		d.verdict = errIncomplete
	}
	if d.cfg.keep {
		d.announce()
	}
	return nil
}

// announce says on standard error where to connect.
func (d *demo) announce() {
	path := engine.EndpointsPath(d.cfg.dataDir)
	ends := engine.EndpointsOf(d.engines.nats, d.engines.clickhouse, time.Now())
	fmt.Fprintf(d.stderr, "\nServing until stopped (Ctrl-C). Users and passwords are in %s.\n", path)
	fmt.Fprintf(d.stderr, "  NATS              %s\n  ClickHouse HTTP   %s\n  AWS (simulated)   %s\n",
		ends.NATS.URL, ends.ClickHouse.HTTPURL, d.org.URL())
}
