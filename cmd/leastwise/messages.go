package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.uber.org/zap/zapcore"
)

// messageFlags say from which level on there are messages that are no errors: logs
// of the workers; of the other commands notes, which are warnings, and what they did,
// which is information.
type messageFlags struct {
	logLevel string
	verbose  choice // policy_sentry's name for it, with its levels
	quiet    bool
}

func newMessageFlags() messageFlags {
	return messageFlags{logLevel: "info", verbose: choice{of: []string{"critical", "error", "warning", "warn", "info", "debug"}}}
}

// addFormerTo adds policy_sentry's names for --log-level to a command.
func (m *messageFlags) addFormerTo(cmd *cobra.Command) {
	f := cmd.Flags()
	f.VarP(&m.verbose, "verbose", "v", "`level`, as --log-level, which it goes before: critical, error, warning, info or debug")
	f.Var(&m.verbose, "verbosity", "`level`, as --verbose")
	f.BoolVar(&m.quiet, "quiet", m.quiet, "as --log-level warn, which it goes before")
	complete(cmd, "verbose", m.verbose.of)
	complete(cmd, "verbosity", m.verbose.of)
	hide(cmd, "verbose", "verbosity", "quiet")
}

// level returns the level from which on there are messages.
func (m *messageFlags) level() (zapcore.Level, error) {
	name := strings.ToLower(m.logLevel)
	switch {
	case m.verbose.value != "":
		name = m.verbose.value
	case m.quiet:
		name = "warn"
	}
	switch name {
	case "critical":
		name = "error" // beyond it there is nothing that is no error
	case "warning":
		name = "warn"
	}
	level, err := zapcore.ParseLevel(name)
	if err != nil {
		return level, usage(fmt.Errorf("--log-level %q is not debug, info, warn or error", m.logLevel))
	}
	return level, nil
}

// told returns where messages of a level go: to out, or nowhere. That the level is
// one was checked before.
func (m *messageFlags) told(level zapcore.Level, out io.Writer) io.Writer {
	if least, err := m.level(); err == nil && level < least {
		return io.Discard
	}
	return out
}

// formerFlag is a flag of policy_sentry that is not taken. What to use instead is
// said to whoever gives it.
type formerFlag struct{ instead string }

func (f *formerFlag) String() string   { return "" }
func (f *formerFlag) Type() string     { return "string" }
func (f *formerFlag) Set(string) error { return errors.New("it was policy_sentry's; use " + f.instead) }

// refuse adds a flag of policy_sentry that is not taken.
func refuse(fs *pflag.FlagSet, name, instead string) {
	fs.Var(&formerFlag{instead}, name, "`value` of a flag of policy_sentry; use "+instead)
	fs.Lookup(name).Hidden = true
}
