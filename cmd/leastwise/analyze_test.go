package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// escalating grants one of the oldest ways to administrator and reads secrets.
const escalating = `{"Version":"2012-10-17","Statement":[
	{"Sid":"Edit","Effect":"Allow","Action":"iam:CreatePolicyVersion","Resource":"*"},
	{"Effect":"Allow","Action":["secretsmanager:GetSecretValue","foo:Bar"],"Resource":"*"}]}`

// harmless grants nothing that a rule looks for.
const harmless = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::my-bucket"}}`

// judged is a report's JSON, as a program reads it.
type judged struct {
	Account  string
	Findings []struct {
		Key, Rule, Category, Severity, Reason, Remedy string
		Entity                                        struct{ Account, Kind, Name, ARN string }
		Actions                                       []string
		Evidence                                      []struct {
			Document, Policy, SID, Effect string
			Statement                     int
		}
	}
	Paths []struct {
		From, To string
		Length   int
		Steps    []struct{ From, To, Method string }
	}
	Scores  []struct{ Score *float64 }
	Summary struct {
		Findings   int
		Excluded   int
		Severities map[string]int
		Entities   map[string]int
		NotJudged  []struct{ What, Why string } `json:"not_judged"`
	}
	Policies []map[string]any
}

// judgedBy runs a command line that must succeed, and reads its JSON.
func judgedBy(t *testing.T, stdin string, args ...string) judged {
	t.Helper()
	got := leastwise(t.Context(), stdin, args...)
	if got.code != exitOK || got.stderr != "" {
		t.Fatalf("%v: exit code %d: %s", args, got.code, got.stderr)
	}
	var v judged
	if err := json.Unmarshal([]byte(got.stdout), &v); err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return v
}

// rules lists the rules of a report's findings.
func (j judged) rules() []string {
	var ids []string
	for _, f := range j.Findings {
		ids = append(ids, f.Rule)
	}
	return ids
}

func TestAnalyzePolicyFileJudgesOneDocument(t *testing.T) {
	t.Parallel()
	file := filepath.Join(writeFiles(t, map[string]string{"edit.json": escalating}), "edit.json")
	inYAML := leastwise(t.Context(), escalating, "expand-policy", "--fmt", "yaml").stdout
	for name, tt := range map[string]struct {
		stdin string
		args  []string
		want  string
	}{
		"by --policy":   {"", []string{"--policy", file}, "edit"},
		"by argument":   {"", []string{file, "--fmt", "json"}, "edit"},
		"from a pipe":   {escalating, []string{"-"}, "-"},
		"as YAML":       {inYAML, []string{"--policy", "-"}, "-"},
		"of an account": {escalating, []string{"-", "--account-id", "111122223333"}, "-"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := judgedBy(t, tt.stdin, append([]string{"analyze", "policy-file"}, tt.args...)...)
			if !slices.Contains(got.rules(), "iam-create-policy-version") || got.Summary.Findings != len(got.Findings) {
				t.Fatalf("rules %v, summary %+v", got.rules(), got.Summary)
			}
			for _, f := range got.Findings {
				if f.Entity.Name != tt.want || f.Remedy == "" || len(f.Actions) == 0 || len(f.Evidence) == 0 || len(f.Key) != 16 {
					t.Errorf("%+v", f)
				}
			}
			if w := got.Summary.NotJudged; len(w) != 1 || !strings.Contains(w[0].Why, `no action "foo:Bar"`) {
				t.Errorf("not judged: %v", w)
			}
		})
	}
}

func TestAnalyzePolicyFileJudgesTrustPolicies(t *testing.T) {
	t.Parallel()
	const trust = `{"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}}`
	got := judgedBy(t, trust, "analyze", "policy-file", "-")
	if !slices.Contains(got.rules(), "trust-public") {
		t.Errorf("rules %v", got.rules())
	}
}

func TestAnalyzePolicyFileSaysThatItDoesNotJudgePoliciesOfResources(t *testing.T) {
	t.Parallel()
	const bucket = `{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::orders/*"}}`
	got := judgedBy(t, bucket, "analyze", "policy-file", "-")
	if w := got.Summary.NotJudged; len(w) != 1 || !strings.HasPrefix(w[0].Why, "statement 0 names principals") {
		t.Errorf("not judged: %v", w)
	}
}

func TestFailOnDecidesTheExitCode(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		policy string
		args   []string
		code   int
		want   string
	}{
		"without it":       {escalating, nil, exitOK, ""},
		"worse":            {escalating, []string{"--fail-on", "high"}, exitFailure, "or worse"},
		"the worst":        {escalating, []string{"--fail-on", "critical"}, exitFailure, "1 finding is critical\n"},
		"in capitals":      {escalating, []string{"--fail-on", "CRITICAL"}, exitFailure, "critical"},
		"nothing to fail":  {harmless, []string{"--fail-on", "info"}, exitOK, ""},
		"unknown severity": {escalating, []string{"--fail-on", "severe"}, exitUsage, "want critical, high, medium, low or info"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := leastwise(t.Context(), tt.policy, append([]string{"analyze", "policy-file", "-"}, tt.args...)...)
			if got.code != tt.code || !strings.Contains(got.stderr, tt.want) {
				t.Errorf("exit code %d, want %d: %s", got.code, tt.code, got.stderr)
			}
			if tt.code != exitUsage && !json.Valid([]byte(got.stdout)) {
				t.Errorf("no report: %s", got.stdout)
			}
		})
	}
}

func TestAnalyzeSaysWhatItCannotRead(t *testing.T) {
	t.Parallel()
	dir := writeFiles(t, map[string]string{"empty": "", "rules.yml": "rules:\n  - id: x\n    actions: [s3:GetObjekt]\n", "exclude.yml": "exclude:\n  - roels: [a]\n",
		"former.yml": "report-config:\n  excluded-roles: [a]\n", "p.json": escalating})
	at := func(name string) string { return filepath.Join(dir, name) }
	for name, tt := range map[string]struct {
		args []string
		code int
		want string
	}{
		"no policy":            {[]string{"policy-file"}, exitUsage, "name a policy"},
		"two policies":         {[]string{"policy-file", "a", "--policy", "b"}, exitUsage, "name one policy"},
		"a bad account":        {[]string{"policy-file", "a", "--account", "12"}, exitUsage, "12 digits"},
		"a bad format":         {[]string{"policy-file", "a", "--fmt", "xml"}, exitUsage, "want text, json"},
		"no file":              {[]string{"policy-file", at("gone.json")}, exitFailure, "gone.json"},
		"an empty file":        {[]string{"policy-file", at("empty")}, exitFailure, "it is empty"},
		"no statement":         {[]string{"policy-file", "-"}, exitFailure, "no Statement"},
		"bad rules":            {[]string{"policy-file", at("p.json"), "--risk-rules", at("rules.yml")}, exitFailure, "s3:GetObjekt"},
		"bad exclusions":       {[]string{"policy-file", at("p.json"), "--exclusions", at("exclude.yml")}, exitFailure, "roels"},
		"bad former form":      {[]string{"policy-file", at("p.json"), "--report-config", at("former.yml")}, exitFailure, `former.yml: line 2: "excluded-roles" is not known here; want excluded-role-patterns`},
		"no directory":         {[]string{"downloaded-policies"}, exitUsage, "the directory of policies"},
		"a missing directory":  {[]string{"downloaded-policies", at("gone")}, exitFailure, "list policies"},
		"nothing in directory": {[]string{"downloaded-policies", t.TempDir()}, exitFailure, "no file that ends in .json"},
		"reports into it":      {[]string{"downloaded-policies", dir, "--output", at("reports")}, exitUsage, "among the policies"},
		"both ways out":        {[]string{"downloaded-policies", dir, "--output", t.TempDir(), "--fmt", "csv"}, exitUsage, "--fmt cannot go with it"},
		"a name of a path":     {[]string{"downloaded-policies", dir, "--report-name", "../x"}, exitUsage, "--report-name"},
		"no such command":      {[]string{"polcy-file"}, exitUsage, "did you mean policy-file?"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := leastwise(t.Context(), "{}", append([]string{"analyze"}, tt.args...)...)
			if got.code != tt.code || !strings.Contains(got.stderr, tt.want) {
				t.Errorf("exit code %d, want %d: %s", got.code, tt.code, got.stderr)
			}
			checkOneSentence(t, got)
		})
	}
}

// downloaded is what download-policies leaves of two accounts.
func downloaded(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for path, text := range map[string]string{
		"111122223333/customer-managed/edit.json":  escalating,
		"111122223333/customer-managed/list.json":  harmless,
		"444455556666/customer-managed/edit.json":  escalating,
		"444455556666/customer-managed/Admin.json": `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`,
		"444455556666/customer-managed/notes.txt":  "no policy",
	} {
		path = filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestDownloadedPoliciesAreJudgedByAccount(t *testing.T) {
	t.Parallel()
	got := judgedBy(t, "", "analyze", "downloaded-policies", downloaded(t), "--fmt", "json")
	if got.Summary.Entities["policy"] != 4 || len(got.Policies) != 4 {
		t.Fatalf("summary %+v, %d policies", got.Summary, len(got.Policies))
	}
	var names []string
	for _, p := range got.Policies {
		names = append(names, p["account_id"].(string)+" "+p["policy_name"].(string)+" "+p["file"].(string))
	}
	want := []string{
		"111122223333 edit 111122223333/customer-managed/edit.json", "111122223333 list 111122223333/customer-managed/list.json",
		"444455556666 Admin 444455556666/customer-managed/Admin.json", "444455556666 edit 444455556666/customer-managed/edit.json",
	}
	if !slices.Equal(names, want) {
		t.Errorf("policies %q", names)
	}
	edit := got.Policies[0]
	if actions, _ := json.Marshal(edit["privilege_escalation"]); string(actions) != `["iam:CreatePolicyVersion"]` {
		t.Errorf("privilege escalation: %s", actions)
	}
	if edit["data_exfiltration"] == nil {
		t.Errorf("secrets are not exfiltrated: %v", edit)
	}
	if admin := got.Policies[2]; admin["full_administrator"] == nil || admin["findings"] != 1.0 {
		t.Errorf("an administrator's policy is more than that: %v", admin)
	}
}

func TestDownloadedPoliciesCSVIsPolicySentrys(t *testing.T) {
	t.Parallel()
	got := leastwise(t.Context(), "", "analyze", "downloaded-policies", downloaded(t), "--fmt", "csv")
	rows, err := csv.NewReader(strings.NewReader(got.stdout)).ReadAll()
	if err != nil || len(rows) != 5 {
		t.Fatalf("exit code %d, %d rows, %v: %s", got.code, len(rows), err, got.stderr)
	}
	want := []string{"Account ID", "Policy Name", "Resource Exposure", "Privilege Escalation", "Network Exposure", "Credentials Exposure"}
	if !slices.Equal(rows[0][:6], want) {
		t.Errorf("header %q", rows[0])
	}
	if rows[1][0] != "111122223333" || rows[1][1] != "edit" || rows[1][3] != "1" || rows[2][3] != "0" {
		t.Errorf("rows %q", rows[1:3])
	}
}

func TestExclusionsLeaveOutAndAreCounted(t *testing.T) {
	t.Parallel()
	dir := downloaded(t)
	files := writeFiles(t, map[string]string{
		"by-name.yml": "exclude:\n  - policies: [Admin]\n",
		"by-rule.yml": "exclude:\n  - policies: ['*']\n    rules: [iam-create-policy-version]\n    reason: our pipeline\n",
		"former.yml":  "report-config:\n  excluded-role-patterns:\n    - \"Admin*\"\n",
		"nothing.yml": "report-config:\n  excluded-role-patterns: []\n",
	})
	for file, tt := range map[string]struct {
		gone, stays string
		excluded    int // an administrator's policy is one finding
	}{
		"by-name.yml": {"full-administrator", "iam-create-policy-version", 1},
		"by-rule.yml": {"iam-create-policy-version", "full-administrator", 2},
		"former.yml":  {"full-administrator", "iam-create-policy-version", 1},
		"nothing.yml": {"no-such-rule", "full-administrator", 0},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			got := judgedBy(t, "", "analyze", "downloaded-policies", dir, "--report-config", filepath.Join(files, file))
			if rules := got.rules(); slices.Contains(rules, tt.gone) || !slices.Contains(rules, tt.stays) {
				t.Errorf("rules %v", rules)
			}
			if got.Summary.Excluded != tt.excluded {
				t.Errorf("%d are excluded, want %d", got.Summary.Excluded, tt.excluded)
			}
		})
	}
}

func TestReportsOfDownloadedPoliciesComeInEveryFormat(t *testing.T) {
	t.Parallel()
	dir, out := downloaded(t), filepath.Join(t.TempDir(), "new", "reports")
	got := leastwise(t.Context(), "", "analyze", "downloaded-policies", dir, "--output", out, "--report-name", "ours")
	if got.code != exitOK || got.stdout != "" || strings.Count(got.stderr, "wrote ") != 5 {
		t.Fatalf("exit code %d: %s%s", got.code, got.stdout, got.stderr)
	}
	for name, want := range map[string]string{
		"ours.json": `"iam-create-policy-version"`, "ours.csv": "Account ID,Policy Name", "ours-findings.csv": "iam-create-policy-version",
		"ours.md": "## Critical: ", "ours.html": "<!DOCTYPE html>",
	} {
		text, err := os.ReadFile(filepath.Join(out, name))
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s: %v, %d bytes without %q", name, err, len(text), want)
		}
		if info, err := os.Stat(filepath.Join(out, name)); err == nil && info.Mode().Perm() != 0o600 {
			t.Errorf("%s may be read by %s", name, info.Mode())
		}
	}
	if again := leastwise(t.Context(), "", "analyze", "downloaded-policies", dir, "--output", out, "--report-name", "ours"); again.code != exitOK {
		t.Errorf("a second time: %s", again.stderr)
	}
}

func TestABrokenPolicyDoesNotKeepOthersFromBeingJudged(t *testing.T) {
	t.Parallel()
	dir := writeFiles(t, map[string]string{"a.json": escalating, "b.json": "{", "c.json": `{"no":"policy"}`})
	got := leastwise(t.Context(), "", "analyze", "downloaded-policies", dir, "--fmt", "json")
	if lines := strings.Split(got.stderr, "\n"); got.code != exitFailure || len(lines) != 3 || !strings.Contains(lines[0], "b.json") || !strings.Contains(lines[1], "c.json") {
		t.Fatalf("exit code %d: %s", got.code, got.stderr)
	}
	var v judged
	if err := json.Unmarshal([]byte(got.stdout), &v); err != nil || !slices.Contains(v.rules(), "iam-create-policy-version") || len(v.Summary.NotJudged) != 3 {
		t.Errorf("%v: %v, %v", err, v.rules(), v.Summary.NotJudged)
	}
}

func TestRiskRulesOfOnesOwnJudgeToo(t *testing.T) {
	t.Parallel()
	file := filepath.Join(writeFiles(t, map[string]string{"rules.yml": `rules:
  - id: our-buckets
    category: data-access
    severity: info
    title: Lists a bucket
    reason: It can see what is there.
    remedy: Nothing.
    any: [s3:ListBucket]
`}), "rules.yml")
	if got := judgedBy(t, harmless, "analyze", "policy-file", "-", "--risk-rules", file); !slices.Equal(got.rules(), []string{"our-buckets"}) {
		t.Errorf("rules %v", got.rules())
	}
}
