package policygen

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/pflag"
	"go.uber.org/zap"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/catalog/risk"
)

// Name is the service's name in NATS's service discovery, and Version the
// version of its requests and replies.
const (
	Name    = "leastwise-policy"
	Version = "1.3.0"
)

// flushTimeout bounds the wait for the server to know the subscriptions.
const flushTimeout = 10 * time.Second

// Config is what one can set of a Service.
type Config struct {
	// Parallel is the number of requests of each subject to work on at once.
	Parallel int
}

// DefaultConfig suits two cores.
func DefaultConfig() Config { return Config{Parallel: 4} }

// AddFlags adds the flags that set c.
func (c *Config) AddFlags(fs *pflag.FlagSet) {
	fs.IntVar(&c.Parallel, "policy-parallel", c.Parallel, "`requests` of each kind to work on at once")
}

// Validate returns what is wrong with c.
func (c Config) Validate() error {
	if c.Parallel < 1 || c.Parallel > 256 {
		return fmt.Errorf("--policy-parallel is %d; it takes 1 to 256", c.Parallel)
	}
	return nil
}

// Dependencies are what a Service works with.
type Dependencies struct {
	// NATS is a connection of the service's own: Run drains and closes it.
	NATS *nats.Conn
	// Engine judges policies; its rules have the catalog that everything else is
	// answered from.
	Engine  *risk.Engine
	Metrics prometheus.Registerer
	Log     *zap.Logger
}

// Service answers requests for policies.
type Service struct {
	nc       *nats.Conn
	cfg      Config
	engine   *risk.Engine
	catalog  *catalog.Catalog
	writer   *policy.Writer
	requests *prometheus.CounterVec
	// memory is there once Run has begun.
	memory memory
	// maxPayload returns how many bytes a reply can have.
	maxPayload func() int64
	log        *zap.Logger
}

// NewService returns a service; Run starts it.
func NewService(d Dependencies, c Config) *Service {
	facts := d.Engine.Rules().Catalog()
	s := &Service{
		nc: d.NATS, maxPayload: d.NATS.MaxPayload, cfg: c, engine: d.Engine, catalog: facts, writer: policy.NewWriter(facts), log: d.Log.Named("policy"),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "leastwise_policy_requests_total", Help: "Requests for policies that were answered, by subject and code; an empty code is success.",
		}, []string{"subject", "code"}),
	}
	d.Metrics.MustRegister(s.requests)
	return s
}

// Run answers until ctx ends; then it finishes what it works on, and returns nil.
func (s *Service) Run(ctx context.Context) (err error) {
	if s.memory, err = newMemory(); err != nil {
		return err
	}
	info := s.catalog.Info()
	service, err := micro.AddService(s.nc, micro.Config{
		Name:        Name,
		Version:     Version,
		Description: "Least-privilege IAM policies from templates, policies judged and rewritten, and the catalog of IAM",
		Metadata:    map[string]string{"catalog": info.Versions[0], "catalog-date": info.Date.Format("2006-01-02")},
	})
	if err != nil {
		return fmt.Errorf("register service %s: %w", Name, err)
	}
	defer func() { err = errors.Join(err, s.stop(service)) }()
	for _, e := range s.endpoints() {
		handler := func() micro.HandlerFunc { return s.handler(e.subject, e.answer) }
		if err := e.add(service, handler, s.cfg.Parallel); err != nil {
			return err
		}
	}
	// Only a flush tells that the server knows the subscriptions.
	if err := s.nc.FlushTimeout(flushTimeout); err != nil {
		return fmt.Errorf("register service %s: %w", Name, err)
	}
	s.log.Info("answering", zap.Int("subjects", len(s.endpoints())))
	<-ctx.Done()
	return nil
}

// stop takes no more requests, answers those that it has, and closes the
// connection. micro's own Stop returns while handlers still run; a drained
// connection has none.
func (s *Service) stop(service micro.Service) error {
	if err := service.Stop(); err != nil {
		return fmt.Errorf("stop service %s: %w", Name, err)
	}
	closed := make(chan struct{})
	// Only now: Stop puts back the handler that the connection had before.
	s.nc.SetClosedHandler(func(*nats.Conn) { close(closed) })
	if err := s.nc.Drain(); err != nil {
		return fmt.Errorf("drain service %s: %w", Name, err)
	}
	<-closed
	return nil
}
