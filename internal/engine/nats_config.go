package engine

import (
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"go.uber.org/zap"
)

//go:embed templates/nats.conf.tmpl
var natsTemplate string

// The users of the embedded NATS.
const (
	natsUser   = "leastwise"     // the account that holds streams and services
	natsSystem = "leastwise_sys" // the system account: nats server ls, report …
)

// NATSConfig says how the embedded NATS runs.
type NATSConfig struct {
	// DataDir is the directory that everything is kept under, in its
	// subdirectory nats. The caller holds its lock, see [LockDataDir].
	DataDir string
	// Port on 127.0.0.1. 0 takes a free one.
	Port int
	// MaxPayload is the largest message, in bytes.
	MaxPayload int64
	// StartTimeout bounds the wait for the server to take connections, which
	// comes after it has read its streams from the disk.
	StartTimeout time.Duration
	// StopTimeout bounds the orderly shutdown.
	StopTimeout time.Duration
	// Logger gets the server's log under the name nats. It may be nil.
	Logger *zap.Logger
}

// DefaultNATSConfig suits a small machine.
func DefaultNATSConfig(dataDir string) NATSConfig {
	return NATSConfig{
		DataDir:      dataDir,
		MaxPayload:   1 << 20,
		StartTimeout: time.Minute,
		StopTimeout:  20 * time.Second,
	}
}

// Validate returns every fault of c, joined.
func (c NATSConfig) Validate() error {
	var errs []error
	if c.DataDir == "" {
		errs = append(errs, errors.New("data directory: is empty"))
	}
	if c.Port < 0 || c.Port >= 1<<16 {
		errs = append(errs, fmt.Errorf("port %d: must be from 0 to 65535", c.Port))
	}
	// nats-server refuses more than 64 MiB and advises against more than 8 MiB.
	if c.MaxPayload < 1<<10 || c.MaxPayload > 8<<20 {
		errs = append(errs, fmt.Errorf("max payload %d: must be from 1 KiB to 8 MiB", c.MaxPayload))
	}
	if c.StartTimeout <= 0 {
		errs = append(errs, fmt.Errorf("start timeout %s: must be positive", c.StartTimeout))
	}
	if c.StopTimeout <= 0 {
		errs = append(errs, fmt.Errorf("stop timeout %s: must be positive", c.StopTimeout))
	}
	if len(errs) > 0 {
		return fmt.Errorf("configure nats: %w", errors.Join(errs...))
	}
	return nil
}

// quoteNATS writes a string for nats-server's configuration language, which has
// no escape for most of the characters that it refuses here.
func quoteNATS(s string) (string, error) {
	if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return "", fmt.Errorf("quote %q: has characters that nats-server's configuration cannot hold", s)
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`, nil
}
