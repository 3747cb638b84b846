package main

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"go.uber.org/zap"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/internal/awssim"
)

// TestDemoFailsWhenARunIsNotWhole runs a demo of an organization whose IAM
// refuses the credential report in one account.
func TestDemoFailsWhenARunIsNotWhole(t *testing.T) {
	t.Parallel()
	cfg := demoConfig{accounts: 2, days: 1, seed: 3, roles: 10, dataDir: t.TempDir(), summary: "text"}
	e, err := startEngines(t.Context(), cfg.dataDir, func(string, int64, int64) {}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.close(t.Context()) }()
	org, err := startOrganization(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer org.Close()
	refused := org.World().Management().ID()
	err = org.Inject(awssim.Fault{Account: refused, Action: "iam:GenerateCredentialReport", Kind: awssim.FaultAccessDenied, Probability: 1})
	if err != nil {
		t.Fatal(err)
	}
	c, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	book, err := new(riskFlags).open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	var stdout bytes.Buffer
	d := &demo{
		cfg: cfg, book: book, org: org, engines: e, progress: newProgress(io.Discard, false),
		stdout: &stdout, stderr: io.Discard, log: zap.NewNop(), verdict: errStopped,
	}
	if err := d.run(t.Context()); !errors.Is(err, errIncomplete) {
		t.Errorf("the demo ended with %v, want %v", err, errIncomplete)
	}
	checkLineEnds(t, stdout.String())
	for _, want := range []string{"1 run complete, 1 partial, 0 failed, 0 running; 2 judged", refused + " partial: iam:GenerateCredentialReport access_denied"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("%q is missing in the summary:\n%s", want, stdout.String())
		}
	}
}
