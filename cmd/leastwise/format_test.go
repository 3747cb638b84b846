package main

import (
	"bytes"
	"strings"
	"testing"
)

// checkLineEnds makes sure that a text has lines, none of which ends in a space.
func checkLineEnds(t *testing.T, text string) {
	t.Helper()
	if !strings.HasSuffix(text, "\n") {
		t.Errorf("the text does not end with its line: %q", text)
	}
	for line := range strings.Lines(text) {
		if strings.HasSuffix(line, " \n") {
			t.Errorf("a line ends in a space: %q", line)
		}
	}
}

func TestNoLineOfATableEndsInASpace(t *testing.T) {
	t.Parallel()
	nameless := smallFacts()
	nameless.Versions = nil
	policy := writeTemp(t, "policy.json", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["iam:*","none:Such"],"Resource":"*"}}`)
	for name, args := range map[string][]string{
		"services":              {"query", "service-table", "--fmt", "table"},
		"actions":               {"query", "action-table", "--service", "s3", "--fmt", "table"},
		"resource types":        {"query", "arn-table", "--service", "s3", "--fmt", "table"},
		"condition keys":        {"query", "condition-table", "--service", "s3", "--fmt", "table"},
		"catalog":               {"catalog", "info"},
		"catalog of no version": {"catalog", "info", "--catalog", writeCatalog(t, nameless)},
		"a policy's risks":      {"analyze", "policy-file", policy, "--fmt", "text"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := leastwise(t.Context(), "", args...)
			if got.code != exitOK {
				t.Fatalf("exit code %d: %s", got.code, got.stderr)
			}
			checkLineEnds(t, got.stdout)
		})
	}
	t.Run("explanations", func(t *testing.T) {
		t.Parallel()
		checkLineEnds(t, leastwise(t.Context(), template, "write-policy", "--explain").stderr)
	})
	t.Run("summary", func(t *testing.T) {
		t.Parallel()
		s := summary{
			Policy:      []byte(`{"Statement":[]}`),
			levels:      []levelCount{{"Write", 1}, {"None", 0}},
			top:         []privileged{{account: "1", kind: "role", name: "admin", level: "Write"}},
			failures:    []failure{{"2026-01-01", "1", "failed", ""}},
			riskSummary: riskSummary{Findings: map[string]int64{"high": 1}, Paths: []wayToAdmin{{Account: "1", From: "a", To: "b"}}},
		}
		var text bytes.Buffer
		if err := s.text(&text); err != nil {
			t.Fatal(err)
		}
		checkLineEnds(t, text.String())
	})
}
