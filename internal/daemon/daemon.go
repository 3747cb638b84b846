package daemon

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"
)

// ErrDone is what a service returns that has done all that the process is for:
// Run then stops the others and returns nil.
var ErrDone = errors.New("done")

// Service is a named run loop. Run blocks until ctx ends, and returns nil when
// it was asked to stop.
type Service struct {
	Name string
	Run  func(ctx context.Context) error
}

// Run starts the services in their order and blocks until ctx ends or one of
// them ends; then it stops them in reverse order, each within grace. It returns
// the first failure, or ctx's cause if that is one, and which services did not
// stop in time; nil when there is nothing of that. What a service says that was
// asked to stop goes to the log: most often it is only a consequence.
func Run(ctx context.Context, log *zap.Logger, grace time.Duration, services ...Service) error {
	log = log.Named("daemon")
	failed := make(chan error, len(services))
	running := make([]*process, 0, len(services))
	for _, s := range services {
		running = append(running, start(ctx, s, failed, log))
		log.Info("started", zap.String("service", s.Name))
	}
	var errs []error
	select {
	case <-ctx.Done():
		if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
			errs = append(errs, cause)
		}
	case err := <-failed:
		if !errors.Is(err, ErrDone) {
			errs = append(errs, err)
		}
	}
	for i := len(running) - 1; i >= 0; i-- {
		if err := running[i].stop(grace); err != nil {
			errs = append(errs, err)
		}
		log.Info("stopped", zap.String("service", running[i].name))
	}
	return errors.Join(errs...)
}

// process is a started service.
type process struct {
	name   string
	cancel context.CancelFunc
	done   chan struct{}
}

// start detaches the service from ctx's end, so that stop alone decides the
// order in which services end.
func start(ctx context.Context, s Service, failed chan<- error, log *zap.Logger) *process {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	p := &process{name: s.Name, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		err := s.Run(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			failed <- fmt.Errorf("%s: %w", s.Name, err)
		case err == nil && ctx.Err() == nil:
			failed <- fmt.Errorf("%s: ended before it was asked to", s.Name)
		case err != nil && !errors.Is(err, context.Canceled):
			log.Warn("stopping went wrong", zap.String("service", s.Name), zap.Error(err))
		}
	}()
	return p
}

func (p *process) stop(grace time.Duration) error {
	p.cancel()
	select {
	case <-p.done:
		return nil
	case <-time.After(grace):
		return fmt.Errorf("%s: did not stop within %s", p.name, grace)
	}
}
