package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/zap"

	"github.com/leastwise/leastwise/internal/bus"
	"github.com/leastwise/leastwise/internal/engine"
	"github.com/leastwise/leastwise/schemas/stream"
)

// summaryLine is the documented shape of the demo's JSON summary.
type summaryLine struct {
	Accounts     int64            `json:"accounts"`
	Days         int64            `json:"days"`
	Runs         map[string]int64 `json:"runs"`
	Expected     map[string]int64 `json:"expected"`
	Stored       map[string]int64 `json:"stored"`
	Entities     map[string]int64 `json:"entities"`
	LastAccessed int64            `json:"last_accessed"`
	Policy       struct {
		Version   string
		Statement []map[string]any
	} `json:"policy"`
}

func TestDemoKeepsTheHistoryOfTheOneBefore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	demo := func() summaryLine {
		t.Helper()
		got := leastwise(t.Context(), "", "demo", "--accounts", "2", "--days", "2", "--seed", "7", "--data-dir", dir, "--summary", "json")
		if got.code != exitOK {
			t.Fatalf("exit code %d: %s", got.code, got.stderr)
		}
		decoder := json.NewDecoder(strings.NewReader(got.stdout))
		decoder.DisallowUnknownFields()
		var s summaryLine
		if err := decoder.Decode(&s); err != nil {
			t.Fatalf("%v: %s", err, got.stdout)
		}
		if decoder.More() || strings.Count(got.stdout, "\n") != 1 {
			t.Errorf("standard output has more than one object: %s", got.stdout)
		}
		return s
	}
	first := demo()
	if first.Accounts != 2 || first.Days != 2 || first.Runs["complete"] != 4 || first.Runs["partial"]+first.Runs["failed"] != 0 {
		t.Errorf("the first demo: %+v", first)
	}
	for kind, n := range first.Expected {
		if n == 0 || first.Stored[kind] != n {
			t.Errorf("%d events of kind %s were stored, %d expected", first.Stored[kind], kind, n)
		}
	}
	if len(first.Expected) != 7 || first.LastAccessed == 0 || first.Entities["role"] == 0 || len(first.Policy.Statement) < 3 {
		t.Errorf("the first demo: %+v", first)
	}
	second := demo()
	if second.Runs["complete"] != 8 || second.Days != 2 || second.Entities["role"] != first.Entities["role"] || second.LastAccessed != first.LastAccessed {
		t.Errorf("the second demo: %+v, after %+v", second, first)
	}
	checkSafetyNet(t, dir)
	info, err := os.Stat(engine.EndpointsPath(dir))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("endpoints.json: %v, %v", info, err)
	}
}

// checkSafetyNet makes sure that a pipeline hears of messages that its workers die
// on: the durable consumer outlives the process.
func checkSafetyNet(t *testing.T, dir string) {
	t.Helper()
	server, err := engine.StartNATS(t.Context(), engine.DefaultNATSConfig(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Close(t.Context()) }()
	cfg := bus.DefaultConfig()
	cfg.URL = server.ClientURL()
	nc, js, err := bus.Connect(t.Context(), cfg, func(error) {}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	if _, err := js.Consumer(t.Context(), stream.Advisories, "safety-net"); err != nil {
		t.Errorf("nobody reads the advisories: %v", err)
	}
}

func TestDemoRefusesABrokenDataDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "demo.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := leastwise(t.Context(), "", "demo", "--data-dir", dir)
	if got.code != exitFailure || !strings.Contains(got.stderr, "demo.json: it is broken") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
	file := filepath.Join(dir, "demo.json")
	if got := leastwise(t.Context(), "", "demo", "--data-dir", file); got.code != exitFailure || !strings.Contains(got.stderr, "create --data-dir") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
}
