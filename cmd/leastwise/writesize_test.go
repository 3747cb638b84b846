package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/leastwise/leastwise/catalog/policy"
)

// largeTemplate asks for more than one policy of 3,000 characters holds.
const largeTemplate = `
mode: crud
write:
  - arn:aws:ec2:us-east-1:123456789012:vpc/vpc-1
  - arn:aws:ec2:us-east-1:123456789012:subnet/subnet-1
read: ['arn:aws:s3:::orders/*']
`

func TestWritePolicySplitsWhatIsTooLarge(t *testing.T) {
	t.Parallel()
	got := leastwise(t.Context(), largeTemplate, "write-policy", "--max-size", "3000")
	var policies []policy.Policy
	if err := json.Unmarshal([]byte(got.stdout), &policies); err != nil || got.code != exitOK || len(policies) < 2 {
		t.Fatalf("%v: exit code %d: %s%s", err, got.code, got.stdout, got.stderr)
	}
	for i, p := range policies {
		if p.Size() > 3000 || p.Version != "2012-10-17" {
			t.Errorf("policy %d has %d characters", i, p.Size())
		}
	}
	var fromYAML []any
	text := leastwise(t.Context(), largeTemplate, "write-policy", "--max-size=3000", "--fmt", "yaml").stdout
	if err := yaml.Unmarshal([]byte(text), &fromYAML); err != nil || len(fromYAML) != len(policies) {
		t.Errorf("%v: %d policies in YAML", err, len(fromYAML))
	}
	var terraform map[string]string
	text = leastwise(t.Context(), largeTemplate, "write-policy", "--fmt", "terraform", "--max-size", "3000").stdout
	if err := json.Unmarshal([]byte(text), &terraform); err != nil || len(terraform) != len(policies) || strings.Count(text, "\n") != 1 {
		t.Fatalf("%v: %s", err, text)
	}
	for i := range policies {
		name := "policy"
		if i > 0 {
			name = fmt.Sprintf("policy_%d", i+1)
		}
		if terraform[name] != string(policies[i].JSON("")) {
			t.Errorf("%s is %q", name, terraform[name])
		}
	}
}

func TestMaxSizeCanStandAlone(t *testing.T) {
	t.Parallel()
	want := leastwise(t.Context(), template, "write-policy", "--max-size", "6144")
	if want.code != exitOK || !strings.HasPrefix(want.stdout, "[") {
		t.Fatalf("exit code %d: %s%s", want.code, want.stdout, want.stderr)
	}
	for _, args := range [][]string{{"--max-size"}, {"--max-size=6144"}, {"--max-size", "--fmt", "json"}} {
		if got := leastwise(t.Context(), template, append([]string{"write-policy"}, args...)...); got != want {
			t.Errorf("%v: got %+v", args, got)
		}
	}
	both := leastwise(t.Context(), template, "write-policy", "--max-size", "400", "--minimize", "4", "--crud")
	if both.code != exitOK || !strings.Contains(both.stdout, `"ssm:getpar*"`) {
		t.Errorf("exit code %d: %s%s", both.code, both.stdout, both.stderr)
	}
	for _, args := range [][]string{{"--max-size", "0"}, {"--max-size", "-5"}, {"--max-size=large"}, {"--max-size", "large"}} {
		got := leastwise(t.Context(), template, append([]string{"write-policy"}, args...)...)
		if got.code != exitUsage {
			t.Errorf("%v: exit code %d: %s", args, got.code, got.stderr)
		}
		checkOneSentence(t, got)
	}
	got := leastwise(t.Context(), template, "write-policy", "--max-size", "100")
	if got.code != exitFailure || !strings.Contains(got.stderr, "max-size: a policy with nothing but ssm:") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
	checkOneSentence(t, got)
}

// A policy that IAM would refuse is written, and said to be too large.
func TestWritePolicySaysThatAPolicyIsTooLarge(t *testing.T) {
	t.Parallel()
	got := leastwise(t.Context(), largeTemplate+"tagging: ['arn:aws:ec2:*:*:*']", "write-policy")
	if got.code != exitOK || !strings.Contains(got.stderr, "leastwise: note: standard input: the policy has ") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
}

func TestWritePolicyExplains(t *testing.T) {
	t.Parallel()
	plain := leastwise(t.Context(), template, "write-policy")
	got := leastwise(t.Context(), template, "write-policy", "--explain")
	if got.code != exitOK || got.stdout != plain.stdout {
		t.Fatalf("exit code %d: %s", got.code, got.stderr)
	}
	for _, want := range []string{
		"leastwise: SsmReadParameter  ssm:GetParameter ", "read[0] arn:aws:ssm:us-east-1:123456789012:parameter/orders  it is a Read action on the resource type parameter",
		"leastwise: MultMultNone      ec2:DescribeInstances ", "wildcard-only.single-actions[0] ec2:DescribeInstances ",
	} {
		if !strings.Contains(got.stderr, want) {
			t.Errorf("%q is missing in %s", want, got.stderr)
		}
	}
	short := leastwise(t.Context(), template, "write-policy", "--explain", "text", "--minimize", "--max-size", "230")
	if short.code != exitOK || !strings.Contains(short.stderr, "leastwise: 1 SsmReadParameter  ssm:GetParameter as ssm:getpar* ") {
		t.Errorf("exit code %d: %s", short.code, short.stderr)
	}
	for _, args := range [][]string{{"--explain=json"}, {"--explain", "json"}} {
		got := leastwise(t.Context(), template, append([]string{"write-policy"}, args...)...)
		var answer policy.Result
		if err := json.Unmarshal([]byte(got.stdout), &answer); err != nil || got.code != exitOK || got.stderr != "" {
			t.Fatalf("%v: exit code %d: %s", err, got.code, got.stderr)
		}
		if len(answer.Policies) != 1 || len(answer.Explanations) == 0 || answer.Explanations[0].Because[0].Path != "read[0]" {
			t.Errorf("got %s", got.stdout)
		}
	}
	if got := leastwise(t.Context(), template, "write-policy", "--explain=html"); got.code != exitUsage {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
}

func TestWritePolicyDirSplitsWhatIsTooLarge(t *testing.T) {
	t.Parallel()
	in := writeFiles(t, map[string]string{"large.yml": largeTemplate, "small.yml": template})
	out := writeFiles(t, map[string]string{"small-2.json": "from yesterday"})
	got := leastwise(t.Context(), "", "write-policy-dir", "--input-dir", in, "--output-dir", out, "--max-size", "3000", "--explain")
	if got.code != exitOK || got.stdout != "" {
		t.Fatalf("exit code %d: %s", got.code, got.stderr)
	}
	var policies []policy.Policy
	if err := json.Unmarshal([]byte(leastwise(t.Context(), largeTemplate, "write-policy", "--max-size", "3000").stdout), &policies); err != nil {
		t.Fatal(err)
	}
	files := readDir(t, out)
	if len(files) != len(policies)+2 || files["small-2.json"] != "from yesterday" {
		t.Errorf("got %d files", len(files))
	}
	for i := range policies {
		name := "large.json"
		if i > 0 {
			name = fmt.Sprintf("large-%d.json", i+1)
		}
		if files[name] != string(policies[i].JSON("    "))+"\n" {
			t.Errorf("%s is %s", name, files[name])
		}
	}
	for _, want := range []string{"leastwise: note: 1 file is from before, and small.yml has become 1 policy now; delete what is no longer needed: " + filepath.Join(out, "small-2.json") + "\n", "leastwise: small.yml: SsmReadParameter", "leastwise: large.yml: 1 S3ReadObject"} {
		if !strings.Contains(got.stderr, want) {
			t.Errorf("%q is missing in %.600s", want, got.stderr)
		}
	}
	if got := leastwise(t.Context(), "", "write-policy-dir", "--input-dir", in, "--output-dir", out, "--explain=json"); got.code != exitUsage {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
}

// Nothing of a run is written when a part of one template is the policy of another.
func TestWritePolicyDirLooksForClashesFirst(t *testing.T) {
	t.Parallel()
	for name, other := range map[string]string{"another": template, "a broken one": "mode: crud\nread: [b]"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := writeFiles(t, map[string]string{"a.yml": template, "large.yml": largeTemplate, "large-2.yml": other})
			out := filepath.Join(t.TempDir(), "out")
			got := leastwise(t.Context(), "", "write-policy-dir", "--input-dir", in, "--output-dir", out, "--max-size", "3000")
			want := "write " + filepath.Join(out, "large-2.json") + ": it is policy 2 of " + filepath.Join(in, "large.yml") + ", and the policy of another template"
			if got.code != exitFailure || !strings.Contains(got.stderr, want) {
				t.Errorf("exit code %d: %s", got.code, got.stderr)
			}
			if _, err := os.Stat(out); err == nil {
				t.Errorf("written: %v", readDir(t, out))
			}
		})
	}
}

// What is left over from a run that made more policies is told, whichever parts
// of it are there.
func TestWritePolicyDirTellsWhatIsLeftOver(t *testing.T) {
	t.Parallel()
	in := writeFiles(t, map[string]string{"a.yml": template, "a-7.yml": template, "b.yml": "mode: ["})
	out := writeFiles(t, map[string]string{
		"a-3.json": "", "a-10.json": "", "a-4.json": "", "a-7.json": "", "a-7-2.json": "", // left over, but for that of a template
		"a-1.json": "", "a-02.json": "", "a-x.json": "", "a-5.yaml": "", "c-2.json": "", "-2.json": "", // of no template
		"b-2.json": "", // perhaps still needed
	})
	got := leastwise(t.Context(), "", "write-policy-dir", "--input-dir", in, "--output-dir", out)
	want := []string{
		"leastwise: note: 1 file is from before, and a-7.yml has become 1 policy now; delete what is no longer needed: OUT/a-7-2.json",
		"leastwise: note: 3 files are from before, and a.yml has become 1 policy now; delete what is no longer needed: OUT/a-3.json, OUT/a-4.json, OUT/a-10.json",
	}
	told := strings.Split(strings.ReplaceAll(got.stderr, out, "OUT"), "\n")
	if got.code != exitFailure || len(told) < 2 || !slices.Equal(told[:2], want) || strings.Count(got.stderr, "note:") != 2 {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
	if got := len(readDir(t, out)); got != 13 {
		t.Errorf("%d files", got)
	}
}
