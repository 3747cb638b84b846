// Command leastwise keeps the history of AWS IAM. Each command has a file of
// its own; this is the only place where the stages are joined.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/leastwise/leastwise/internal/engine"
)

func main() {
	if engine.ChildMain() {
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run executes a command line and returns its exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(joinValues(args))
	root.SetIn(&interruptible{ctx: ctx, in: stdin})
	root.SetOut(stdout)
	root.SetErr(stderr)
	strict(root)
	cmd, err := root.ExecuteContextC(ctx)
	if code := exitCode(err); code == exitOK || code == exitDifferent {
		return code
	}
	for _, sentence := range sentences(err) {
		fmt.Fprintf(stderr, "leastwise: %s\n", visible(sentence))
	}
	if exitCode(err) == exitUsage {
		fmt.Fprintf(stderr, "See '%s --help'.\n", cmd.CommandPath())
	}
	return exitCode(err)
}
