package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestAPolicyFileHasReportsInADirectory(t *testing.T) {
	t.Parallel()
	const document = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:*","Resource":"*"}}`
	for _, flag := range []string{"--output", "-o", "--report-path"} {
		for _, extra := range [][]string{nil, {"--include-markdown-report"}, {"--account-id", "123456789012"}} {
			dir := filepath.Join(t.TempDir(), "reports")
			got := leastwise(t.Context(), document, append([]string{"analyze", "policy-file", "-", flag, dir}, extra...)...)
			if got.code != exitOK || got.stdout != "" || !strings.Contains(got.stderr, "wrote "+filepath.Join(dir, "report.json")) {
				t.Fatalf("%s %v: exit code %d: %s%s", flag, extra, got.code, got.stdout, got.stderr)
			}
			entries, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, e := range entries {
				names = append(names, e.Name())
			}
			if want := []string{"report-findings.csv", "report.csv", "report.html", "report.json", "report.md"}; !slices.Equal(names, want) {
				t.Errorf("%s %v: the files are %v", flag, extra, names)
			}
		}
	}
	for want, flags := range map[string][]string{
		"use --fmt markdown":      {"--include-markdown-report"},
		"--fmt cannot go with it": {"--output", t.TempDir(), "--fmt", "html"},
	} {
		got := leastwise(t.Context(), document, append([]string{"analyze", "policy-file", "-"}, flags...)...)
		if got.code != exitUsage || !strings.Contains(got.stderr, want) {
			t.Errorf("%v: exit code %d: %s", flags, got.code, got.stderr)
		}
	}
	got := leastwise(t.Context(), document, "analyze", "policy-file", "-", "--output", filepath.Join(t.TempDir(), "r"), "--fail-on", "high", "--quiet")
	if got.code != exitFailure || strings.Contains(got.stderr, "wrote") || !strings.Contains(got.stderr, "--fail-on high") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
}

// A report is written neither over the policy that it is of nor among those that it is
// of, by whatever name.
func TestReportsSpareTheirPolicies(t *testing.T) {
	t.Parallel()
	const document = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`
	dir := writeFiles(t, map[string]string{"report.json": document})
	file, alias := filepath.Join(dir, "report.json"), filepath.Join(t.TempDir(), "alias")
	if err := os.Symlink(dir, alias); err != nil {
		t.Skip("the file system has no symbolic links: ", err)
	}
	reports := t.TempDir()
	linked := writeFiles(t, map[string]string{"a.json": document})
	if err := errors.Join(
		os.WriteFile(filepath.Join(reports, "overall.json"), []byte(document), 0o600),
		os.Symlink(filepath.Join(reports, "overall.json"), filepath.Join(linked, "b.json")),
	); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"overall.json over":  {"downloaded-policies", linked, "--output", reports},
		"over the policy":    {"policy-file", file, "--output", dir},
		"report.json over":   {"policy-file", filepath.Join(alias, "report.json"), "--report-path", dir},
		"among the policies": {"downloaded-policies", dir, "--output", alias},
		"choose another":     {"downloaded-policies", alias, "--output", filepath.Join(dir, "new", "reports")},
	} {
		got := leastwise(t.Context(), "", append([]string{"analyze"}, args...)...)
		if got.code != exitUsage || !strings.Contains(got.stderr, want) {
			t.Errorf("%v: exit code %d: %s", args, got.code, got.stderr)
		}
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != document {
		t.Errorf("the policy is now %s, %v", text, err)
	}
	if got := leastwise(t.Context(), "", "analyze", "downloaded-policies", alias, "--fmt", "csv"); got.code != exitOK || !strings.Contains(got.stdout, "report") {
		t.Errorf("a link to a directory: exit code %d: %s%s", got.code, got.stdout, got.stderr)
	}
}
