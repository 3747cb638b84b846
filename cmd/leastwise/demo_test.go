package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/leastwise/leastwise/collectors"
	"github.com/leastwise/leastwise/internal/awssim"
	"github.com/leastwise/leastwise/internal/bus"
	"github.com/leastwise/leastwise/internal/engine"
	"github.com/leastwise/leastwise/schemas/event"
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
	Judged       int64            `json:"judged"`
	Findings     map[string]int64 `json:"findings"`
	Paths        []struct {
		Account     string
		From, To    string
		Conditional bool
		Steps       []struct{ From, To, Method string }
	} `json:"paths"`
	Policy struct {
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
	if first.Judged != 4 || len(first.Findings) != 5 || first.Findings["critical"] == 0 || len(first.Paths) == 0 || len(first.Paths[0].Steps) == 0 {
		t.Errorf("the first demo is judged: %d runs, %v, %d paths", first.Judged, first.Findings, len(first.Paths))
	}
	second := demo()
	if second.Runs["complete"] != 8 || second.Judged != 8 || fmt.Sprint(second.Findings, second.Paths) != fmt.Sprint(first.Findings, first.Paths) || second.Days != 2 || second.Entities["role"] != first.Entities["role"] || second.LastAccessed != first.LastAccessed {
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

func TestDemoIsNotBlamedForTheOneBefore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	leaveRunsOpen(t, dir)
	got := leastwise(t.Context(), "", "demo", "--accounts", "1", "--days", "1", "--data-dir", dir, "--summary", "json")
	if got.code != exitOK {
		t.Fatalf("exit code %d: %s", got.code, got.stderr)
	}
	var s summaryLine
	if err := json.Unmarshal([]byte(got.stdout), &s); err != nil {
		t.Fatal(err)
	}
	if s.Runs["complete"] != 1 || s.Runs["failed"] != 2 || s.Runs["running"] != 1 {
		t.Errorf("runs %v, want one complete, and of before two failed and one running", s.Runs)
	}
}

// leaveRunsOpen opens runs and never closes them, as a killed demo does: one of an
// account of the next demo, and two of accounts that are in none, of which one is so
// old that nobody waits for its end.
func leaveRunsOpen(t *testing.T, dir string) {
	t.Helper()
	sim := awssim.DefaultConfig()
	sim.Accounts = 1
	org, err := awssim.New(sim)
	if err != nil {
		t.Fatal(err)
	}
	e, err := startEngines(t.Context(), dir, nil, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := e.close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	}()
	r, err := newHost(t.Context(), e.busConfig(), func(error) {}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	defer r.nc.Close()
	for account, began := range map[string]time.Time{
		org.World().Management().ID(): time.Now().Add(-day),
		"000000000001":                time.Now().Add(-day),
		"000000000002":                time.Now().Add(-3 * day),
	} {
		emitter := collectors.NewEmitter(collectors.Dependencies{
			JetStream: r.js, Publisher: bus.NewPublisher(r.js, r.log), Metrics: r.collectMetrics(), Log: r.log,
			Now: func() time.Time { return began },
		})
		pass := collectors.Pass{Job: event.Job{Account: account, At: today().Add(-day)}, Attempt: 1, Source: event.SourceAWS}
		if _, err := emitter.Open(t.Context(), pass); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDemoThatIsStoppedHalfwayIsAFailure(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan result, 1)
	go func() { done <- leastwise(ctx, "", "demo", "--accounts", "2", "--days", "3650", "--data-dir", dir) }()
	// The organization is the last that starts before the first day is collected.
	for _, err := os.Stat(filepath.Join(dir, "demo.json")); err != nil; _, err = os.Stat(filepath.Join(dir, "demo.json")) {
		time.Sleep(10 * time.Millisecond)
	}
	cancel()
	if got := <-done; got.code != exitFailure || got.stdout != "" || strings.Count(got.stderr, "leastwise: ") != 1 {
		t.Errorf("exit code %d: %s%s", got.code, got.stdout, got.stderr)
	}
}
