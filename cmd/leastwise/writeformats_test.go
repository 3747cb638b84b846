package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const oldTemplate = `
policy_with_crud_levels:
- name: orders
  description: ''
  role_arn: ''
  read:
    - 'arn:aws:ssm:us-east-1:123456789012:parameter/orders'
  wildcard:
    - 'ec2:DescribeInstances'
`

func TestWritePolicyTakesTheFormOf2020(t *testing.T) {
	t.Parallel()
	want := leastwise(t.Context(), template, "write-policy")
	for _, args := range [][]string{{"write-policy"}, {"write-policy", "--crud"}} {
		if got := leastwise(t.Context(), oldTemplate, args...); got != want {
			t.Errorf("%v: got %+v", args, got)
		}
	}
	got := leastwise(t.Context(), "policy_with_actions: [{name: a, actions: [s3:GetObject]}]", "write-policy", "--crud")
	if got.code != exitFailure || !strings.Contains(got.stderr, "crud, which was asked for") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
	got = leastwise(t.Context(), strings.Replace(oldTemplate, "arn:aws:ssm", "arn:aws:ssn", 1), "write-policy")
	if got.code != exitFailure || !strings.Contains(got.stderr, "policy_with_crud_levels[0].read[0]") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
}

func TestWritePolicyMinimizes(t *testing.T) {
	t.Parallel()
	short := leastwise(t.Context(), template, "write-policy", "--minimize", "0")
	if short.code != exitOK || !strings.Contains(short.stdout, `"ssm:getpar*"`) || strings.Contains(short.stdout, "GetParameter") {
		t.Fatalf("exit code %d: %s%s", short.code, short.stdout, short.stderr)
	}
	for _, args := range [][]string{{"--minimize"}, {"--minimize=0"}, {"--minimize", "--fmt", "json"}, {"-m"}, {"-m0"}, {"-m", "0"}, {"-m=0"}} {
		if got := leastwise(t.Context(), template, append([]string{"write-policy"}, args...)...); got != short {
			t.Errorf("%v: got %+v", args, got)
		}
	}
	long := leastwise(t.Context(), template, "write-policy", "--minimize", "13")
	if long.code != exitOK || !strings.Contains(long.stdout, `"ssm:getparameterh*"`) {
		t.Errorf("exit code %d: %s%s", long.code, long.stdout, long.stderr)
	}
	for _, args := range [][]string{{"--minimize=few"}, {"--minimize=-1"}, {"-mfew"}, {"-m-1"}, {"--minimize", "few"}, {"--minimize", "-1"}, {"4"}, {"--minimize", "4", "5"}} {
		got := leastwise(t.Context(), template, append([]string{"write-policy"}, args...)...)
		if got.code != exitUsage {
			t.Errorf("%v: exit code %d: %s", args, got.code, got.stderr)
		}
		checkOneSentence(t, got)
	}
}

func TestWritePolicyFormatsAgree(t *testing.T) {
	t.Parallel()
	var want, fromYAML, inner any
	if err := json.Unmarshal([]byte(leastwise(t.Context(), template, "write-policy").stdout), &want); err != nil {
		t.Fatal(err)
	}
	text := leastwise(t.Context(), template, "write-policy", "--fmt", "yaml").stdout
	if err := yaml.Unmarshal([]byte(text), &fromYAML); err != nil || !strings.HasPrefix(text, "Version: \"2012-10-17\"\nStatement:\n  - Sid: SsmReadParameter\n") {
		t.Errorf("%v: %s", err, text)
	}
	var terraform map[string]string
	text = leastwise(t.Context(), template, "write-policy", "--fmt", "terraform").stdout
	if err := json.Unmarshal([]byte(text), &terraform); err != nil || len(terraform) != 1 || strings.Count(text, "\n") != 1 {
		t.Fatalf("%v: %s", err, text)
	}
	if err := json.Unmarshal([]byte(terraform["policy"]), &inner); err != nil {
		t.Fatal(err)
	}
	a, _ := json.Marshal(want)
	for name, value := range map[string]any{"yaml": fromYAML, "terraform": inner} {
		if b, err := json.Marshal(value); err != nil || string(a) != string(b) {
			t.Errorf("%s differs: %s", name, b)
		}
	}
}

func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func readDir(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(text)
	}
	return files
}

func TestWritePolicyDirWritesEveryTemplate(t *testing.T) {
	t.Parallel()
	in := writeFiles(t, map[string]string{"a.yml": template, "b.yaml": oldTemplate, "c.json": `{"mode":"actions","actions":["s3:GetObject"]}`, "README.md": "no template"})
	out := writeFiles(t, map[string]string{"a.json": "from yesterday"})
	got := leastwise(t.Context(), "", "write-policy-dir", "--input-dir", in, "--output-dir", out, "--minimize", "4")
	if got.code != exitOK || got.stdout != "" {
		t.Fatalf("exit code %d: %s", got.code, got.stderr)
	}
	want := leastwise(t.Context(), template, "write-policy", "--minimize", "4").stdout
	files := readDir(t, out)
	if len(files) != 3 || files["a.json"] != want || files["b.json"] != want || !strings.Contains(files["c.json"], "s3:getobject") {
		t.Errorf("got %v", files)
	}
}

func TestWritePolicyDirMakesItsDirectory(t *testing.T) {
	t.Parallel()
	in, out := writeFiles(t, map[string]string{"a.yml": template}), filepath.Join(t.TempDir(), "new", "policies")
	got := leastwise(t.Context(), "", "write-policy-dir", "--input-dir", in, "--output-dir", out)
	if got.code != exitOK || readDir(t, out)["a.json"] == "" {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
	clash := writeFiles(t, map[string]string{"a.yml": template, "a.yaml": template})
	none := filepath.Join(t.TempDir(), "none")
	got = leastwise(t.Context(), "", "write-policy-dir", "--input-dir", clash, "--output-dir", none)
	if _, err := os.Stat(none); got.code != exitFailure || err == nil {
		t.Errorf("exit code %d, and a directory was made for nothing: %s", got.code, got.stderr)
	}
}

func TestWritePolicyDirWritesWhatItCan(t *testing.T) {
	t.Parallel()
	in := writeFiles(t, map[string]string{"bad.yml": "mode: crud\nread: [b]", "good.yml": template, "odd.yml": "["})
	out := t.TempDir()
	got := leastwise(t.Context(), "", "write-policy-dir", "--input-dir", in, "--output-dir", out, "--fmt", "yaml")
	if got.code != exitFailure || !strings.Contains(got.stderr, "bad.yml:2:8: read[0]") || !strings.Contains(got.stderr, "odd.yml") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
	checkOneSentence(t, got)
	if files := readDir(t, out); len(files) != 1 || files["good.yaml"] == "" {
		t.Errorf("got %v", files)
	}
}

func TestWritePolicyDirRefusesToLoseFiles(t *testing.T) {
	t.Parallel()
	in := writeFiles(t, map[string]string{"a.yml": template, "a.yaml": template, "c.json": "{}"})
	before := readDir(t, in)
	for want, args := range map[string][]string{
		"would both become it":  {"--output-dir", t.TempDir()},
		"it is a template":      {"--output-dir", in},
		"make output directory": {"--output-dir", filepath.Join(in, "a.yml"), "--input-dir", writeFiles(t, map[string]string{"b.yml": template})},
		"has no file that":      {"--output-dir", in, "--input-dir", t.TempDir()},
	} {
		got := leastwise(t.Context(), "", append([]string{"write-policy-dir", "--input-dir", in}, args...)...)
		if got.code != exitFailure || !strings.Contains(got.stderr, want) {
			t.Errorf("%s: exit code %d: %s", want, got.code, got.stderr)
		}
	}
	if got := leastwise(t.Context(), "", "write-policy-dir"); got.code != exitUsage {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
	for name, text := range readDir(t, in) {
		if text != before[name] {
			t.Errorf("%s has changed", name)
		}
	}
}
