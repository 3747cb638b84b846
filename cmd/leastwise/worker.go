package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/spf13/pflag"
	"go.uber.org/zap"

	stages "github.com/leastwise/leastwise/collectors"
	"github.com/leastwise/leastwise/internal/bus"
	"github.com/leastwise/leastwise/internal/daemon"
)

// workerConfig is what every worker process has in common.
type workerConfig struct {
	bus bus.Config
	// metricsListen is where /metrics and /healthz are served; empty: nowhere.
	metricsListen string
	// grace bounds how long each service may take to stop.
	grace time.Duration
	// migrateWait is how long to wait for somebody to migrate.
	migrateWait time.Duration
	// noStreams is for a worker that answers requests and needs no JetStream.
	noStreams bool
}

func defaultWorkerConfig() workerConfig {
	return workerConfig{bus: bus.DefaultConfig(), grace: 20 * time.Second, migrateWait: time.Minute}
}

func (c *workerConfig) addFlags(fs *pflag.FlagSet) {
	c.bus.AddFlags(fs)
	c.addLoopFlags(fs)
	fs.DurationVar(&c.migrateWait, "migrate-wait", c.migrateWait, "how long to wait for 'leastwise migrate' to have run")
}

func (c *workerConfig) addLoopFlags(fs *pflag.FlagSet) {
	fs.StringVar(&c.metricsListen, "metrics-listen", c.metricsListen, "`address` that serves /metrics and /healthz, such as 127.0.0.1:9464")
	fs.DurationVar(&c.grace, "grace", c.grace, "how long each part may take to stop")
}

// host is what services are built from.
type host struct {
	nc      *nats.Conn
	js      jetstream.JetStream
	bus     bus.Config
	metrics *prometheus.Registry
	log     *zap.Logger
	fatal   context.CancelCauseFunc
	// collecting are the metrics of scheduler and collectors, once one exists.
	collecting *stages.Metrics
}

// connect opens another connection, for a service that needs its own.
func (r *host) connect() (*nats.Conn, error) {
	return bus.Dial(r.bus, r.fatal, r.log)
}

// build makes the services of a process, in the order in which to start them.
type build func(ctx context.Context, r *host) ([]daemon.Service, error)

// runWorker connects, waits until the streams exist where it needs them, and runs
// services until ctx ends or one of them fails.
func (a *app) runWorker(ctx context.Context, c workerConfig, make build) error {
	log, err := a.logger()
	if err != nil {
		return err
	}
	ctx, fatal := context.WithCancelCause(ctx)
	defer fatal(nil)
	r, err := c.host(ctx, fatal, log)
	if err != nil {
		return stopped(ctx, err)
	}
	defer r.nc.Close()
	services, err := make(ctx, r)
	if err != nil {
		return stopped(ctx, err)
	}
	return daemon.Run(ctx, log, c.grace, append(services, r.http(c.metricsListen))...)
}

// stopped is what to return when starting ended with err: nothing if the process
// was asked to stop, and if it was ended for a reason, that reason.
func stopped(ctx context.Context, err error) error {
	cause := context.Cause(ctx)
	switch {
	case cause == nil:
		return err
	case errors.Is(cause, context.Canceled):
		return nil
	}
	return cause
}

// host returns what a worker's services are built from, once they can be.
func (c *workerConfig) host(ctx context.Context, fatal context.CancelCauseFunc, log *zap.Logger) (*host, error) {
	if c.noStreams {
		resolved, err := c.bus.Resolve()
		if err != nil {
			return nil, usage(err)
		}
		nc, err := bus.Dial(resolved, fatal, log)
		if err != nil {
			return nil, err
		}
		return hostOn(nc, nil, resolved, fatal, log), nil
	}
	r, err := newHost(ctx, c.bus, fatal, log)
	if err != nil {
		return nil, err
	}
	if err := r.waitMigrated(ctx, c.migrateWait); err != nil {
		r.nc.Close()
		return nil, err
	}
	return r, nil
}

func newHost(ctx context.Context, c bus.Config, fatal context.CancelCauseFunc, log *zap.Logger) (*host, error) {
	c, err := c.Resolve()
	if err != nil {
		return nil, usage(err)
	}
	nc, js, err := bus.Connect(ctx, c, fatal, log)
	if err != nil {
		return nil, err
	}
	return hostOn(nc, js, c, fatal, log), nil
}

func hostOn(nc *nats.Conn, js jetstream.JetStream, c bus.Config, fatal context.CancelCauseFunc, log *zap.Logger) *host {
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return &host{nc: nc, js: js, bus: c, metrics: metrics, log: log, fatal: fatal}
}

// waitMigrated waits until the streams are there, and says that it does.
func (r *host) waitMigrated(ctx context.Context, patience time.Duration) error {
	return bus.WaitMigrated(ctx, r.js, patience, func(missing string) {
		r.log.Info("waiting for 'leastwise migrate'", zap.String("missing_stream", missing))
	})
}

// http is the service that serves health and metrics.
func (r *host) http(listen string) daemon.Service {
	h := daemon.HTTP{Listen: listen, Metrics: r.metrics, Healthy: func() error {
		if s := r.nc.Status(); s != nats.CONNECTED {
			return fmt.Errorf("NATS connection is %s", s)
		}
		return nil
	}}
	return daemon.Service{Name: "http", Run: h.Run}
}
