// Command leastwise keeps the history of AWS IAM. Each command has a file of
// its own; this is the only place where the stages are joined.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/leastwise/leastwise/internal/engine"
)

func main() {
	if engine.ChildMain() {
		return
	}
	os.Exit(run(os.Args[1:]))
}

// run executes a command line and returns its exit code.
func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := newRoot()
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitOK
	}
	if msg := err.Error(); msg != "" {
		fmt.Fprintf(root.ErrOrStderr(), "leastwise: %s\n", oneLine(msg))
	}
	if exitCode(err) == exitUsage {
		fmt.Fprintf(root.ErrOrStderr(), "See '%s --help'.\n", cmd.CommandPath())
	}
	return exitCode(err)
}
