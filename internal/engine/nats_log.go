package engine

import (
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"
)

// natsLogger passes the server's log on. The server calls os.Exit on nothing
// here: it is not its process.
type natsLogger struct {
	log *zap.SugaredLogger

	mu    sync.Mutex
	fatal string // the last fatal message
}

func newNATSLogger(log *zap.Logger) *natsLogger {
	if log == nil {
		log = zap.NewNop()
	}
	return &natsLogger{log: log.Named("nats").WithOptions(zap.AddCallerSkip(1)).Sugar()}
}

// startError says why the server did not get ready: for what it called fatal,
// or for nothing that it said.
func (l *natsLogger) startError(limit time.Duration) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fatal != "" {
		return fmt.Errorf("start nats: %s", l.fatal)
	}
	return fmt.Errorf("start nats: not ready for connections within %s", limit)
}

// Noticef logs what a server says about its own life, which is a lot.
func (l *natsLogger) Noticef(format string, v ...any) { l.log.Debugf(format, v...) }

// Warnf logs a warning.
func (l *natsLogger) Warnf(format string, v ...any) { l.log.Warnf(format, v...) }

// Errorf logs an error.
func (l *natsLogger) Errorf(format string, v ...any) { l.log.Errorf(format, v...) }

// Fatalf logs an error and keeps it: the program decides whether to end.
func (l *natsLogger) Fatalf(format string, v ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fatal = fmt.Sprintf(format, v...)
	l.log.Error(l.fatal)
}

// Debugf logs what the server says when it debugs, which it is told not to.
func (l *natsLogger) Debugf(format string, v ...any) { l.log.Debugf(format, v...) }

// Tracef logs what the server says when it traces, which it is told not to.
func (l *natsLogger) Tracef(format string, v ...any) { l.log.Debugf(format, v...) }
