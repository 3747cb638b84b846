package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestCommittedCatalogIsWhatTheBuildMakes fetches the pinned packages as
// `go generate` does and compares the bytes.
func TestCommittedCatalogIsWhatTheBuildMakes(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("fetches packages")
	}
	if _, err := exec.LookPath("npm"); err != nil {
		t.Skip("npm is not installed")
	}
	ctx, stop := context.WithTimeout(t.Context(), time.Minute) // npm without a network retries for longer
	defer stop()
	dir := t.TempDir()
	facts, err := fetch(ctx, filepath.Join(dir, "facts"), factsVersion)
	if err != nil {
		t.Skipf("npm cannot fetch the package: %v", err)
	}
	dependents, err := fetch(ctx, filepath.Join(dir, "dependents"), dependentsVersion)
	if err != nil {
		t.Skipf("npm cannot fetch the package: %v", err)
	}
	want, err := os.ReadFile(filepath.Join("..", output))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		got, err := build(facts, dependents)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Fatalf("the build makes %d bytes that are not the %d committed ones: run go generate ./catalog", len(got), len(want))
		}
	}
}
