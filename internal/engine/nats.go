package engine

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"text/template"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"golang.org/x/crypto/bcrypt"
)

// NATS is a running server in this process.
type NATS struct {
	server  *server.Server
	secrets map[string]string
	grace   time.Duration
	done    chan struct{}
}

// StartNATS writes the configuration of a standalone server, runs one in this
// process from it, and returns when it takes connections.
func StartNATS(ctx context.Context, cfg NATSConfig) (*NATS, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	dataDir, err := filepath.Abs(cfg.DataDir)
	if err != nil {
		return nil, fmt.Errorf("find data directory: %w", err)
	}
	dir := filepath.Join(dataDir, "nats")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create data directory: %w", err)
	}
	secrets, err := loadSecrets(filepath.Join(dir, "passwords.json"), natsUser, natsSystem)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "nats.conf")
	if err := writeNATSConfig(path, cfg, filepath.Join(dir, "store"), secrets); err != nil {
		return nil, err
	}
	opts, err := server.ProcessConfigFile(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	opts.NoSigs = true // signals are for the program around it
	srv, err := server.NewServer(opts)
	if err != nil {
		return nil, fmt.Errorf("start nats: %w", err)
	}
	logger := newNATSLogger(cfg.Logger)
	srv.SetLoggerV2(logger, false, false, false)
	srv.Start()
	n := &NATS{server: srv, secrets: secrets, grace: cfg.StopTimeout, done: make(chan struct{})}
	go func() {
		defer close(n.done)
		srv.WaitForShutdown()
	}()
	if !srv.ReadyForConnections(min(cfg.StartTimeout, untilDone(ctx, cfg.StartTimeout))) {
		return nil, errors.Join(logger.startError(cfg.StartTimeout), n.Close(context.WithoutCancel(ctx)))
	}
	return n, nil
}

// untilDone is the time that ctx leaves, or d where it sets no limit.
func untilDone(ctx context.Context, d time.Duration) time.Duration {
	if deadline, ok := ctx.Deadline(); ok {
		return time.Until(deadline)
	}
	return d
}

// natsParams are what the template sees. It gets hashes, not passwords.
type natsParams struct {
	Port                                      int
	MaxPayload                                int64
	Store, User, UserHash, System, SystemHash string
}

func writeNATSConfig(path string, cfg NATSConfig, store string, secrets map[string]string) error {
	params := natsParams{
		Port: cfg.Port, MaxPayload: cfg.MaxPayload, Store: store, User: natsUser, System: natsSystem,
	}
	if params.Port == 0 {
		params.Port = server.RANDOM_PORT
	}
	for user, hash := range map[string]*string{natsUser: &params.UserHash, natsSystem: &params.SystemHash} {
		// The passwords are random, so the least work per connection will do.
		b, err := bcrypt.GenerateFromPassword([]byte(secrets[user]), bcrypt.MinCost)
		if err != nil {
			return fmt.Errorf("hash password: %w", err)
		}
		*hash = string(b)
	}
	text, err := render("nats.conf", natsTemplate, template.FuncMap{"quote": quoteNATS}, params)
	if err != nil {
		return err
	}
	return writeFileAtomic(path, text)
}

// ClientURL is what workers connect with. It holds the password.
func (n *NATS) ClientURL() string { return n.url(natsUser) }

// SystemURL is what an operator's tools connect with, in the system account. It
// holds the password.
func (n *NATS) SystemURL() string { return n.url(natsSystem) }

func (n *NATS) url(user string) string {
	u := url.URL{Scheme: "nats", User: url.UserPassword(user, n.secrets[user]), Host: n.server.Addr().String()}
	return u.String()
}

// Done is closed when the server is gone, wanted or not.
func (n *NATS) Done() <-chan struct{} { return n.done }

// Close stops the server: it takes no more connections, ends those it has and
// closes its streams. When ctx or the configured StopTimeout ends before that is
// done it says so.
func (n *NATS) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, n.grace, fmt.Errorf("it did not within %s", n.grace))
	defer cancel()
	n.server.Shutdown()
	select {
	case <-n.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stop nats: %w", context.Cause(ctx))
	}
}
