package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const template = `
mode: crud
name: orders
read:
  - arn:aws:ssm:us-east-1:123456789012:parameter/orders
wildcard-only:
  single-actions:
    - ec2:DescribeInstances
`

func TestWritePolicyWritesThePolicyAndNothingElse(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "template.yml")
	if err := os.WriteFile(file, []byte(template), 0o600); err != nil {
		t.Fatal(err)
	}
	asJSON := `{"mode":"crud","read":["arn:aws:ssm:us-east-1:123456789012:parameter/orders"],"wildcard-only":{"single-actions":["ec2:DescribeInstances"]}}`
	want := leastwise(t.Context(), "", "write-policy", "-i", file)
	if want.code != exitOK || want.stderr != "" {
		t.Fatalf("exit code %d: %s", want.code, want.stderr)
	}
	var policy struct{ Statement []struct{ Sid string } }
	if err := json.Unmarshal([]byte(want.stdout), &policy); err != nil {
		t.Fatal(err)
	}
	if len(policy.Statement) != 2 {
		t.Errorf("the policy is %s", want.stdout)
	}
	for name, got := range map[string]result{
		"YAML on standard input": leastwise(t.Context(), template, "write-policy"),
		"- for standard input":   leastwise(t.Context(), template, "write-policy", "-i", "-"),
		"JSON":                   leastwise(t.Context(), asJSON, "write-policy"),
	} {
		if got != want {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestWritePolicySaysWhatItLeavesOut(t *testing.T) {
	t.Parallel()
	got := leastwise(t.Context(), "mode: crud\nwildcard-only: {single-actions: [s3:GetObject, ec2:DescribeInstances]}", "write-policy")
	if got.code != exitOK || !strings.Contains(got.stderr, "note: wildcard-only.single-actions[0]") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
}

func TestWritePolicyExplainsBrokenTemplates(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ stdin, want string }{
		"not YAML":        {"mode: [", "read template from standard input"},
		"nothing":         {"", "read template from standard input"},
		"unknown field":   {"mode: crud\nraed: []", "raed"},
		"unknown service": {"mode: crud\nread: ['arn:aws:s4:::b']", "read[0]"},
		"malformed ARN":   {"mode: crud\nwrite: [bucket]", "write[0]"},
		"all at once":     {"mode: crud\nread: [bucket]\nwrite: ['arn:aws:s4:::b']", "; "},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := leastwise(t.Context(), tt.stdin, "write-policy")
			if got.code != exitFailure || !strings.Contains(got.stderr, tt.want) {
				t.Errorf("exit code %d: %s", got.code, got.stderr)
			}
			checkOneSentence(t, got)
		})
	}
	if got := leastwise(t.Context(), "", "write-policy", "-i", filepath.Join(t.TempDir(), "none")); got.code != exitFailure || !strings.Contains(got.stderr, "no such file") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
}
