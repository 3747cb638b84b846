package bus

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/spf13/pflag"
	"go.uber.org/zap"
)

// Config says how to reach NATS.
type Config struct {
	// URL is a NATS URL, or several with commas. It may hold a user and a
	// password; then it belongs into the environment or into URLFile.
	URL string
	// URLFile names a file that holds the URL; it wins over URL.
	URLFile string
	// Credentials names a NATS credentials file (JWT and seed).
	Credentials string
	// Name is how the server's monitoring shows this client.
	Name string
	// Timeout bounds the first connection attempt.
	Timeout time.Duration
}

// DefaultConfig returns the settings for a NATS on this machine.
func DefaultConfig() Config {
	return Config{URL: nats.DefaultURL, Name: "leastwise", Timeout: 5 * time.Second}
}

// AddFlags adds the flags that set c.
func (c *Config) AddFlags(fs *pflag.FlagSet) {
	fs.StringVar(&c.URL, "nats-url", c.URL, "NATS `URL`; with a password, set LEASTWISE_NATS_URL instead")
	fs.StringVar(&c.URLFile, "nats-url-file", c.URLFile, "`file` that holds the NATS URL")
	fs.StringVar(&c.Credentials, "nats-creds", c.Credentials, "NATS credentials `file`")
}

// Resolve returns c with the content of URLFile as its URL, and reads that file once:
// it may be a pipe. Its error says what is wrong with c as it stands: a URL that is
// none, a file that is not there; it shows nothing of the URL.
func (c Config) Resolve() (Config, error) {
	if c.URLFile != "" {
		raw, err := os.ReadFile(c.URLFile)
		if err != nil {
			return c, fmt.Errorf("read --nats-url-file: %w", err)
		}
		c.URL, c.URLFile = strings.TrimSpace(string(raw)), ""
	}
	for _, one := range strings.Split(c.URL, ",") {
		// The parser's own error repeats the URL, and with it the password.
		if _, err := parse(one); err != nil {
			return c, errors.New("reach NATS: the URL cannot be read; it looks like nats://host:4222")
		}
	}
	if c.Credentials != "" {
		if _, err := os.Stat(c.Credentials); err != nil {
			return c, fmt.Errorf("read --nats-creds: %w", err)
		}
	}
	return c, nil
}

// Connect is Dial for those who need JetStream, which must be there.
func Connect(ctx context.Context, c Config, fatal func(error), log *zap.Logger) (*nats.Conn, jetstream.JetStream, error) {
	nc, err := Dial(c, fatal, log)
	if err != nil {
		return nil, nil, err
	}
	server := redact(nc.ConnectedUrl())
	js, err := jetstream.New(nc)
	if err != nil {
		nc.Close()
		return nil, nil, fmt.Errorf("use JetStream at %s: %w", server, err)
	}
	if _, err := js.AccountInfo(ctx); err != nil {
		nc.Close()
		if ctx.Err() != nil {
			// fatal may have ended it, and knows better why.
			return nil, nil, context.Cause(ctx)
		}
		return nil, nil, fmt.Errorf("use JetStream at %s: %w; enable JetStream for this account", server, err)
	}
	return nc, js, nil
}

// Dial returns a connection that reconnects for as long as it lives, also to a
// server that refuses its user for a while: credentials are replaced on servers and
// in files at different times. A permission violation, which JetStream's callers
// would only see as timeouts, is given to fatal: no retry helps. It returns an error
// when c cannot be resolved or the server cannot be reached within c.Timeout.
func Dial(c Config, fatal func(error), log *zap.Logger) (*nats.Conn, error) {
	c, err := c.Resolve()
	if err != nil {
		return nil, err
	}
	log = log.Named("nats")
	opts := []nats.Option{
		nats.Name(c.Name),
		nats.Timeout(c.Timeout),
		nats.MaxReconnects(-1),
		// The client's own way is to close the connection for good after two refusals,
		// and a worker would live on without one.
		nats.IgnoreAuthErrorAbort(),
		nats.ReconnectWait(500 * time.Millisecond),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			if errors.Is(err, nats.ErrPermissionViolation) {
				fatal(fmt.Errorf("use NATS: %w; grant this client the subject", err))
				return
			}
			log.Warn("connection", zap.Error(err))
		}),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				log.Warn("disconnected", zap.Error(err))
			}
		}),
		nats.ReconnectHandler(func(nc *nats.Conn) { log.Info("reconnected", zap.String("server", nc.ConnectedServerName())) }),
	}
	if c.Credentials != "" {
		opts = append(opts, nats.UserCredentials(c.Credentials))
	}
	nc, err := nats.Connect(c.URL, opts...)
	if err != nil {
		return nil, fmt.Errorf("reach NATS at %s: %w; check --nats-url and that the server runs", redact(c.URL), err)
	}
	return nc, nil
}

// parse reads one URL as the client does, for which the scheme may be left out.
func parse(one string) (*url.URL, error) {
	one = strings.TrimSpace(one)
	if !strings.Contains(one, "://") {
		one = "nats://" + one
	}
	return url.Parse(one)
}

// redact drops user and password from each URL of a list that Resolve has checked.
func redact(urls string) string {
	parts := strings.Split(urls, ",")
	for i, p := range parts {
		if u, err := parse(p); err == nil {
			u.User = nil
			parts[i] = u.String()
		}
	}
	return strings.Join(parts, ",")
}
