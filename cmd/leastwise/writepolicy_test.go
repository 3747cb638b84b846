package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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
	if got.code != exitOK || !strings.Contains(got.stderr, "note: standard input:2:34: wildcard-only.single-actions[0]") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
}

func TestWritePolicySaysThatThereIsNothingInAPolicy(t *testing.T) {
	t.Parallel()
	const note = "the policy has no statement"
	for _, args := range [][]string{{"write-policy"}, {"write-policy", "--max-size"}, {"write-policy", "--minimize"}} {
		got := leastwise(t.Context(), "mode: crud\nread: ['']", args...)
		if got.code != exitOK || !strings.Contains(got.stderr, "note: standard input: "+note) || strings.Count(got.stderr, note) != 1 {
			t.Errorf("exit code %d: %s", got.code, got.stderr)
		}
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "nothing.yml"), []byte("mode: crud\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := leastwise(t.Context(), "", "write-policy-dir", "--input-dir", dir, "--output-dir", filepath.Join(dir, "out"))
	if got.code != exitOK || !strings.Contains(got.stderr, "nothing.yml: "+note) || strings.Count(got.stderr, note) != 1 {
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

// All that is wrong with a template is told at once, a line for each, in the order
// and with the places of the text.
func TestWritePolicyTellsEveryFaultWithItsPlaceInTheFile(t *testing.T) {
	t.Parallel()
	const broken = `mode: crud
raed: []
read: &arns
  - arn:aws:s3:::b
  - bucket
write: *arns
wildcard-only:
  single-actions: [ec2:DescribeInstances,
    s3:Nothing]
  service-list:
  - 7777777
sts: {assume-rol: x}
effect: [Allow]
tagging:
- conditions: {}
- {arn: "arn:aws:s3:::b", conditions: {StringEqual: {aws:PrincipalOrgID: o-1}}}
`
	want := []string{
		`2:1: raed: a template has no field "raed"; did you mean read?`,
		`5:5: read[1]: parse ARN "bucket": want "arn:partition:service:region:account:resource"`,
		`5:5: write[1]: parse ARN "bucket": want "arn:partition:service:region:account:resource"`,
		`9:5: wildcard-only.single-actions[1]: the catalog has no action "s3:Nothing"`,
		`11:5: wildcard-only.service-list[0]: the catalog has no service "7777777"`,
		`12:7: sts.assume-rol: the object has no field "assume-rol"; did you mean assume-role?`,
		`13:1: effect: the value is an array, not a string`,
		`15:3: tagging[0]: the object has neither "arn" nor "arns"`,
		`16:40: tagging[1].conditions.StringEqual: "StringEqual" is not a condition operator; did you mean StringEquals?`,
	}
	file := filepath.Join(t.TempDir(), "broken.yml")
	if err := os.WriteFile(file, []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{"standard input": {"write-policy"}, file: {"write-policy", "-i", file}} {
		got := leastwise(t.Context(), broken, args...)
		if got.code != exitFailure || got.stdout != "" {
			t.Errorf("%s: exit code %d: %s", name, got.code, got.stdout)
		}
		prefix := "leastwise: " + name + ":"
		if diff := cmp.Diff(prefix+strings.Join(want, "\n"+prefix)+"\n", got.stderr); diff != "" {
			t.Errorf("standard error (-want +got):\n%s", diff)
		}
	}
}

func TestWritePolicyPlacesFaultsOfWhatIsMissingAndOfTheCommandLine(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"leastwise: standard input: mode: the mode is missing; it is crud or actions\n": {"read: [b]"},
		"leastwise: standard input: max-size: ":                                         {"mode: crud\nread: ['arn:aws:s3:::b']", "--max-size", "9"},
		"leastwise: standard input:2:1: a\\nb: a template has no field \"a\\nb\"\n":     {"mode: crud\n\"a\\nb\": []"},
	} {
		got := leastwise(t.Context(), args[0], append([]string{"write-policy"}, args[1:]...)...)
		if got.code != exitFailure || !strings.HasPrefix(got.stderr, want) {
			t.Errorf("exit code %d: %s", got.code, got.stderr)
		}
		checkOneSentence(t, got)
	}
}

// JSON has escapes that YAML does not have, and its faults have their places as well.
func TestWritePolicyReadsAllOfJSON(t *testing.T) {
	t.Parallel()
	want := leastwise(t.Context(), "mode: crud\nread: ['arn:aws:s3:::a/b']", "write-policy")
	got := leastwise(t.Context(), `{"mode":"crud","name":"\ud83d\ude00","read":["arn:aws:s3:::a\/b"]}`, "write-policy")
	if got != want || got.code != exitOK {
		t.Errorf("got %+v", got)
	}
	const broken = "\t{\"mode\": \"crud\", \"name\": \"é\\ud83d\\ude00\", \"raed\": 1,\r\n\t\"read\":\n[\"arn:aws:s3:::a\\/b\", \"bucket\"]}"
	got = leastwise(t.Context(), broken, "write-policy")
	for _, want := range []string{"leastwise: standard input:1:44: raed: ", "\nleastwise: standard input:3:23: read[1]: "} {
		if got.code != exitFailure || !strings.Contains(got.stderr, want) {
			t.Errorf("%q is missing in %s", want, got.stderr)
		}
	}
}

func TestNamesFromOutsideCannotSteerATerminal(t *testing.T) {
	t.Parallel()
	if got := visible("a\x1b[31m\r\n\u202e\u0085\xff \t\\ \"é\" \ufffd"); got != `a\x1b[31m\r\n\u202e\u0085\xff \t\ "é" `+"\ufffd" {
		t.Errorf("got %q", got)
	}
	const odd, told = "\x1b[31mred\r\n2", `\x1b[31mred\r\n2`
	key := "mode: crud\n\"\\e[31mred\\r\\n2\": 3\n"
	in := writeFiles(t, map[string]string{odd + ".yml": template})
	out := writeFiles(t, map[string]string{odd + "-2.json": ""})
	for want, got := range map[string]result{
		"leastwise: standard input:2:1: " + told + ": a template has no field": leastwise(t.Context(), key, "write-policy"),
		"open " + `\x1b[31mred\r; 2`: leastwise(t.Context(), "", "write-policy", "-i", odd),
		"leastwise: note: 1 file is from before, and " + told + ".yml has become 1 policy": leastwise(t.Context(), "", "write-policy-dir", "--input-dir", in, "--output-dir", out),
		"leastwise: " + told + ".yml: SsmReadParameter":                                    leastwise(t.Context(), "", "write-policy-dir", "--input-dir", in, "--output-dir", t.TempDir(), "--explain"),
	} {
		if !strings.Contains(got.stderr, want) || strings.ContainsFunc(got.stderr, func(r rune) bool { return r < ' ' && r != '\n' }) {
			t.Errorf("%s is missing, or something steers in %q", want, got.stderr)
		}
		for line := range strings.Lines(got.stderr) {
			if !strings.HasPrefix(line, "leastwise: ") {
				t.Errorf("a line of its own: %q", line)
			}
		}
	}
	var say strings.Builder
	if newNotes(&say).say("wrote %s", odd); say.String() != "leastwise: wrote "+told+"\n" {
		t.Errorf("got %q", say.String())
	}
}
