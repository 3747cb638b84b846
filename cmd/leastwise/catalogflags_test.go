package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/source"
)

// smallFacts are a service of three actions that AWS does not have.
func smallFacts() *source.Facts {
	return &source.Facts{
		Package: "small", Versions: []string{"1"}, Date: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC),
		Services: []source.Service{{
			Prefix: "garden", Name: "Garden",
			Actions: []source.Action{
				{Name: "ListBeds", Level: catalog.List},
				{Name: "PlantBed", Level: catalog.Write, Resources: []catalog.ActionResource{{Type: "bed", Required: true}}, ConditionKeys: []string{"garden:Season"}},
				{Name: "WaterBed", Level: catalog.Write, Resources: []catalog.ActionResource{{Type: "bed"}}, Dependents: []string{"garden:ListBeds"}},
			},
			ResourceTypes: []catalog.ResourceType{{Service: "garden", Name: "bed", ARN: "arn:${Partition}:garden:${Region}:${Account}:bed/${BedName}"}},
			ConditionKeys: []catalog.ConditionKey{{Service: "garden", Name: "garden:Season", Type: "String"}},
		}},
	}
}

// writeCatalog returns the path of a catalog file with the facts.
func writeCatalog(t *testing.T, f *source.Facts) string {
	t.Helper()
	data, err := source.Encode(f)
	if err != nil {
		t.Fatal(err)
	}
	return writeTemp(t, "catalog.bin", string(data))
}

// writeTemp returns the path of a file with the text, in a directory of its own.
func writeTemp(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestEveryCommandAnswersFromTheCatalogThatItIsGiven(t *testing.T) {
	t.Parallel()
	file := writeCatalog(t, smallFacts())
	template := "mode: crud\nwrite: ['arn:aws:garden:eu-west-1:111122223333:bed/roses']\n"
	document := `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["garden:*Bed"], "Resource": "*"}]}`
	tests := map[string]struct {
		args  string
		stdin string
		want  string
	}{
		"actions":    {"query action-table", "", "garden:PlantBed"},
		"types":      {"query arn-table -s garden", "", "bed/${BedName}"},
		"conditions": {"query condition-table -s garden", "", "garden:Season"},
		"services":   {"query service-table", "", `"Garden"`},
		"write":      {"write-policy", template, "garden:WaterBed"},
		"expand":     {"expand-policy", document, "garden:PlantBed"},
		"minimize":   {"minimize-policy", strings.Replace(document, "*Bed", `PlantBed", "garden:WaterBed`, 1), "garden:p"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := leastwise(t.Context(), tt.stdin, append(strings.Fields(tt.args), "--catalog", file)...)
			if got.code != exitOK || !strings.Contains(got.stdout, tt.want) {
				t.Errorf("exit code %d: %s%s", got.code, got.stdout, got.stderr)
			}
		})
	}
}

func TestACatalogThatCannotBeReadIsToldBeforeAnythingStarts(t *testing.T) {
	t.Parallel()
	broken := writeTemp(t, "catalog.bin", "LWCAT\x00no catalog")
	for _, command := range []string{"query service-table", "write-policy", "expand-policy", "minimize-policy", "process", "policy", "up", "demo"} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			stdin := "mode: crud\n"
			if strings.HasSuffix(command, "ze-policy") || strings.HasPrefix(command, "expand") {
				stdin = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}`
			}
			got := leastwise(t.Context(), stdin, append(strings.Fields(command), "--catalog", broken)...)
			if got.code != exitFailure || !strings.Contains(got.stderr, "open catalog "+broken) || !strings.Contains(got.stderr, "leastwise catalog refresh") {
				t.Errorf("exit code %d: %s", got.code, got.stderr)
			}
			checkOneSentence(t, got)
		})
	}
	got := leastwise(t.Context(), "", "query", "service-table", "--catalog", broken+".gone")
	if got.code != exitFailure || !strings.Contains(got.stderr, "no such file") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
}

func TestTheCatalogCanBeNamedInTheEnvironment(t *testing.T) {
	t.Setenv("LEASTWISE_CATALOG", writeCatalog(t, smallFacts()))
	if got := leastwise(t.Context(), "", "query", "service-table"); !strings.Contains(got.stdout, "garden") {
		t.Errorf("exit code %d: %s%s", got.code, got.stdout, got.stderr)
	}
}
