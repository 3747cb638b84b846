package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// The exit codes of every command.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2
	// exitDifferent is for 'catalog diff --exit-code' where there are changes.
	exitDifferent = 3
)

// usageError is the caller's mistake in the command line.
type usageError struct{ cause error }

func (e *usageError) Error() string { return e.cause.Error() }
func (e *usageError) Unwrap() error { return e.cause }

// usage marks err as a mistake in the command line; usage(nil) is nil.
func usage(err error) error {
	if err == nil {
		return nil
	}
	return &usageError{cause: err}
}

func exitCode(err error) int {
	var u *usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &u):
		return exitUsage
	case errors.Is(err, errDifferent):
		return exitDifferent
	}
	return exitFailure
}

// oneLine joins the lines of joined errors into one sentence.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\n' }), "; ")
}

// visible writes what cannot be printed, such as control characters, as escapes:
// a name from outside could steer a terminal otherwise, or make lines of its own.
func visible(s string) string {
	var out strings.Builder
	for i, size := 0, 0; i < len(s); i += size {
		var r rune
		r, size = utf8.DecodeRuneInString(s[i:])
		if unicode.IsPrint(r) && (r != utf8.RuneError || size > 1) {
			out.WriteString(s[i : i+size])
		} else {
			out.WriteString(strings.Trim(strconv.Quote(s[i:i+size]), `"`))
		}
	}
	return out.String()
}

// args wraps an argument check so that its errors are usage errors.
func args(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, a []string) error { return usage(check(cmd, a)) }
}

// noArguments refuses arguments. Where the command reads a file it says how.
func noArguments(cmd *cobra.Command, a []string) error {
	if len(a) == 0 {
		return nil
	}
	hint := ""
	if len(a) == 1 && cmd.Flags().Lookup("input-file") != nil {
		hint = "; did you mean --input-file " + a[0] + "?"
	}
	return fmt.Errorf("%s takes no argument, and %q is one%s", cmd.Name(), a[0], hint)
}

// arguments wants as many as it says, or any number from least on where most is 0;
// what says what the command takes.
func arguments(least, most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, a []string) error {
		if len(a) >= least && (most == 0 || len(a) <= most) {
			return nil
		}
		return fmt.Errorf("%s takes %s, and there are %d; for example: %s", cmd.Name(), what, len(a), example(cmd))
	}
}

// needed is the error of a command that lacks what it cannot do without.
func needed(cmd *cobra.Command, what string) error {
	return usage(fmt.Errorf("%s; for example: %s", what, example(cmd)))
}

// example is the first line of a command's examples with a call of leastwise.
func example(cmd *cobra.Command) string {
	for line := range strings.Lines(cmd.Example) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "leastwise ") {
			return line
		}
	}
	return cmd.UseLine()
}
