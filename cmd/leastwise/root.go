package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"golang.org/x/term"
)

// envPrefix starts the environment variables that stand for flags:
// --nats-url is LEASTWISE_NATS_URL. A flag on the command line wins.
const envPrefix = "LEASTWISE_"

// app holds what every command shares.
type app struct {
	messages  messageFlags
	logFormat string
	catalog   catalogFlags
	// ballast is held by the commands on policies, which are short.
	ballast []byte
}

func newRoot() *cobra.Command {
	a := &app{messages: newMessageFlags(), logFormat: "auto"}
	root := &cobra.Command{
		Use:   "leastwise",
		Short: "The history of AWS IAM: who can do what, what is used, what would be the least",
		Long: `leastwise keeps the history of AWS IAM.

Collectors read every account and publish what they saw to NATS JetStream,
processors say with an IAM catalog what it means, sinks keep it in ClickHouse,
and a policy service answers over NATS with least-privilege policies.

Try it:            leastwise demo
One AWS account:   leastwise up
An organization:   leastwise up --organization
As own processes:  leastwise migrate, then schedule, collect, process, sink, policy
Policies alone:    leastwise write-policy, analyze, query; they need no AWS and no server

Every flag can be set in the environment: --nats-url is LEASTWISE_NATS_URL.
Answers go to standard output, all else to standard error. The exit code is 0,
1 after a failure, and 2 for a wrong command line.`,
		SuggestionsMinimumDistance: 2,
		SilenceUsage:               true,
		SilenceErrors:              true,
		Args:                       args(knownCommand),
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if group(cmd) == groupPolicy {
				a.ballast = ballast()
			}
			if err := fromEnvironment(cmd.Flags(), os.LookupEnv); err != nil {
				return err
			}
			if group(cmd) == "" { // help, completion and the version have no messages
				return nil
			}
			_, err := a.messages.level()
			return err
		},
	}
	// Commands that only have others below them do nothing by themselves.
	root.SetUsageTemplate(strings.Replace(root.UsageTemplate(), "{{if .Runnable}}", "{{if and .Runnable (not .HasAvailableSubCommands)}}", 1))
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage(err) })
	root.PersistentFlags().StringVar(&a.messages.logLevel, "log-level", a.messages.logLevel, "`level` from which on there are messages: debug, info, warn or error")
	root.PersistentFlags().StringVar(&a.logFormat, "log-format", a.logFormat, "`format` of logged messages: console, json, or auto, which is console on a terminal")
	complete(root, "log-level", []string{"debug", "info", "warn", "error"})
	complete(root, "log-format", []string{"auto", "console", "json"})
	root.AddGroup(
		&cobra.Group{ID: groupWhole, Title: "The whole pipeline:"},
		&cobra.Group{ID: groupWorker, Title: "Its workers, each a process of its own:"},
		&cobra.Group{ID: groupPolicy, Title: "Policies:"},
	)
	root.AddCommand(
		a.demoCommand(), a.upCommand(), a.importCommand(), a.simulateCommand(),
		a.migrateCommand(), a.scheduleCommand(), a.collectCommand(), a.processCommand(), a.sinkCommand(), a.policyCommand(),
		a.queryCommand(), a.catalogCommand(), a.createTemplateCommand(), a.writePolicyCommand(), a.writePolicyDirCommand(),
		a.expandPolicyCommand(), a.minimizePolicyCommand(), a.downloadPoliciesCommand(), a.analyzeCommand(),
		versionCommand(),
	)
	root.Version = buildVersion()
	root.SetVersionTemplate("leastwise {{.Version}}\n")
	return root
}

// strict makes cobra's own commands refuse what they do not know, as ours do. The
// scripts of completion go to what is root's output by now.
func strict(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "help":
			c.Args = args(func(_ *cobra.Command, a []string) error {
				found, rest, err := root.Find(a)
				return errors.Join(err, knownCommand(found, rest))
			})
		case "completion":
			c.Args = args(knownCommand)
			c.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
			for _, shell := range c.Commands() {
				shell.Args = args(noArguments)
			}
		}
	}
}

// hide leaves flags out of the help of a command that they make no difference
// to. They are still read, so that all workers can be given the same ones.
func hide(cmd *cobra.Command, flags ...string) {
	for _, name := range flags {
		_ = cmd.Flags().MarkHidden(name) // fails only without the flag
	}
}

// knownCommand refuses what is no command, with the nearest ones.
func knownCommand(cmd *cobra.Command, a []string) error {
	if len(a) == 0 {
		return nil
	}
	msg := fmt.Sprintf("%q is not a command", a[0])
	if near := cmd.SuggestionsFor(a[0]); len(near) > 0 {
		msg += "; did you mean " + strings.Join(near, " or ") + "?"
	}
	return errors.New(msg)
}

// The groups of commands in the help.
const (
	groupWhole  = "whole"
	groupWorker = "worker"
	groupPolicy = "policy"
)

// group is the group of a command, or of the one that it is below.
func group(cmd *cobra.Command) string {
	for cmd.GroupID == "" && cmd.HasParent() {
		cmd = cmd.Parent()
	}
	return cmd.GroupID
}

// fromEnvironment sets every flag that the command line left alone and that the
// environment names, but for those that are commands of their own.
func fromEnvironment(fs *pflag.FlagSet, lookup func(string) (string, bool)) error {
	var errs []error
	fs.VisitAll(func(f *pflag.Flag) {
		name := envPrefix + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		value, ok := lookup(name)
		switch f.Name {
		case "help", "version", "verbose", "verbosity", "quiet": // the last three are other names of --log-level
			return
		}
		if f.Changed || !ok {
			return
		}
		if err := fs.Set(f.Name, value); err != nil {
			// The value may be a secret: say which variable, not what it holds.
			errs = append(errs, fmt.Errorf("the environment variable %s has a value that --%s does not take", name, f.Name))
		}
	})
	return usage(errors.Join(errs...))
}

// logger writes to standard error, so that standard output stays clean.
func (a *app) logger() (*zap.Logger, error) {
	level, err := a.messages.level()
	if err != nil {
		return nil, err
	}
	format := a.logFormat
	if format == "auto" {
		format = "json"
		if term.IsTerminal(int(os.Stderr.Fd())) {
			format = "console"
		}
	}
	cfg := zap.NewProductionConfig()
	if format == "console" {
		cfg.EncoderConfig = zap.NewDevelopmentEncoderConfig()
	} else if format != "json" {
		return nil, usage(fmt.Errorf("--log-format %q is not console, json or auto", a.logFormat))
	}
	cfg.EncoderConfig.EncodeTime = zapcore.ISO8601TimeEncoder
	cfg.Encoding = format
	cfg.Level = zap.NewAtomicLevelAt(level)
	cfg.Sampling = nil
	cfg.DisableStacktrace = true
	cfg.DisableCaller = true
	return cfg.Build()
}
