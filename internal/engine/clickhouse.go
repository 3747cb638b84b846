package engine

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"go.uber.org/zap"
)

// portAttempts is how often a start that takes free ports tries others, when
// another program was faster.
const portAttempts = 5

// ClickHouse is a running server that this process started.
type ClickHouse struct {
	proc     *process
	ports    ports
	secrets  map[string]string
	database string
	grace    time.Duration
}

// StartClickHouse finds an engine, or fetches one, and returns when it answers
// on both ports and the database exists. It needs [ChildMain] in main. Where no
// engine can be had the error is [ErrNoEngine]; where the engine ends during
// the start it holds the last lines of the engine's log.
func StartClickHouse(ctx context.Context, cfg ClickHouseConfig) (*ClickHouse, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	logger := cfg.Logger
	if logger == nil {
		logger = zap.NewNop()
	}
	// The engine has a working directory of its own.
	dataDir, err := filepath.Abs(cfg.DataDir)
	if err != nil {
		return nil, fmt.Errorf("find data directory: %w", err)
	}
	found, err := findEngine(ctx, cfg)
	if err != nil {
		return nil, err
	}
	files := clickhouseFilesIn(filepath.Join(dataDir, "clickhouse"))
	if err := os.MkdirAll(files.data, 0o700); err != nil {
		return nil, fmt.Errorf("create data directory: %w", err)
	}
	secrets, err := loadSecrets(files.secrets, string(Admin), string(Writer), string(Reader))
	if err != nil {
		return nil, err
	}
	begin := time.Now()
	ch, err := start(ctx, cfg, found, files, secrets)
	if err != nil {
		return nil, err
	}
	logger.Info("clickhouse is up", zap.String("engine", found.path), zap.Int("pid", ch.proc.cmd.Process.Pid),
		zap.Int("tcp_port", ch.ports.tcp), zap.Int("http_port", ch.ports.http), zap.Duration("took", time.Since(begin)))
	return ch, nil
}

// start runs the engine, on other ports where the free ones it took are gone.
func start(ctx context.Context, cfg ClickHouseConfig, found foundEngine, files clickhouseFiles,
	secrets map[string]string) (*ClickHouse, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, cfg.StartTimeout,
		fmt.Errorf("no answer within %s", cfg.StartTimeout))
	defer cancel()
	for attempt := 1; ; attempt++ {
		ports, err := choosePorts(ctx, cfg.TCPPort, cfg.HTTPPort)
		if err != nil {
			return nil, err
		}
		if err := files.write(cfg, found.library, ports, secrets); err != nil {
			return nil, err
		}
		ch, err := startOn(ctx, cfg, found, files, ports, secrets)
		retry := errors.Is(err, errPortTaken) && (cfg.TCPPort == 0 || cfg.HTTPPort == 0)
		if !retry || attempt == portAttempts {
			return ch, err
		}
	}
}

func startOn(ctx context.Context, cfg ClickHouseConfig, found foundEngine, files clickhouseFiles,
	ports ports, secrets map[string]string) (*ClickHouse, error) {
	args := childArgs{kind: found.kind(), engine: found.path, dir: files.dir, grace: cfg.StopTimeout}
	proc, err := startProcess(args, files.log)
	if err != nil {
		return nil, err
	}
	ch := &ClickHouse{proc: proc, ports: ports, secrets: secrets, database: cfg.Database, grace: cfg.StopTimeout}
	if err := ch.ready(ctx); err != nil {
		proc.kill()
		return nil, err
	}
	return ch, nil
}

// DSN is what a user connects with over the native protocol:
// clickhouse://user:password@127.0.0.1:port/database. It holds the password.
func (c *ClickHouse) DSN(user User) string {
	u := url.URL{
		Scheme: "clickhouse",
		User:   url.UserPassword(string(user), c.secrets[string(user)]),
		Host:   c.ports.address(c.ports.tcp),
		Path:   "/" + c.database,
	}
	return u.String()
}

// HTTPURL is where the HTTP protocol is served, without a user.
func (c *ClickHouse) HTTPURL() string {
	return "http://" + c.ports.address(c.ports.http)
}

// PID is the process that holds the engine.
func (c *ClickHouse) PID() int { return c.proc.cmd.Process.Pid }

// Done is closed when the engine is gone, wanted or not.
func (c *ClickHouse) Done() <-chan struct{} { return c.proc.done }

// Wait returns when the engine is gone: nil after [ClickHouse.Close], else an
// error with the last lines of its log. It returns nil when ctx ends first.
func (c *ClickHouse) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-c.proc.done:
	}
	if c.proc.wanted.Load() {
		return nil
	}
	return c.proc.ended()
}

// Close stops the engine in order, and kills it when ctx or the configured
// StopTimeout ends before that is done, which it reports. What was inserted is
// kept either way.
func (c *ClickHouse) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, c.grace, fmt.Errorf("it did not within %s", c.grace))
	defer cancel()
	c.proc.stop()
	select {
	case <-c.proc.done:
		return nil
	case <-ctx.Done():
		c.proc.kill()
		return fmt.Errorf("stop clickhouse: %w: killed it", context.Cause(ctx))
	}
}

// ports are those of the two protocols on the loopback address.
type ports struct{ tcp, http int }

func (ports) address(port int) string { return "127.0.0.1:" + strconv.Itoa(port) }
