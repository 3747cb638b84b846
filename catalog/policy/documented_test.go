package policy_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// docs/policy_sentry.md names a test, and a case where there is one, for every
// difference.
func TestDocumentedDifferencesHaveTheirTests(t *testing.T) {
	t.Parallel()
	const root = "../.."
	text, err := os.ReadFile(filepath.Join(root, "docs", "policy_sentry.md"))
	if err != nil {
		t.Fatal(err)
	}
	files := testFiles(t, filepath.Join(root, "catalog"), filepath.Join(root, "cmd"))
	for line := range strings.Lines(string(text)) {
		if cells := strings.Count(line, " | "); cells == 2 && !strings.Contains(line, "`Test") && !strings.HasSuffix(line, "| test |\n") {
			t.Errorf("no test is named: %s", line)
		}
	}
	named := regexp.MustCompile("`(Test[A-Za-z0-9]+)(?:/([^`]+))?`").FindAllStringSubmatch(string(text), -1)
	for _, n := range named {
		function, found := "func "+n[1]+"(t *testing.T)", false
		for _, source := range files {
			found = found || strings.Contains(source, function) && strings.Contains(source, `"`+n[2])
		}
		if !found {
			t.Errorf("there is no test %s", n[0])
		}
	}
	if len(named) < 40 {
		t.Errorf("%d tests are named", len(named))
	}
}

func testFiles(t *testing.T, dirs ...string) []string {
	t.Helper()
	var files []string
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			files = append(files, string(text))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}
