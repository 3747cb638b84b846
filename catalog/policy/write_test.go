package policy_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leastwise/leastwise/catalog/policy"
)

var update = flag.Bool("update", false, "write the golden policies anew")

// golden is the text of an output: the policy, then its notes as comments.
func golden(out *policy.Output) string {
	text := string(out.Policy.JSON("  ")) + "\n"
	for _, note := range out.Notes {
		text += "// " + note.Code + " " + note.Error() + "\n"
	}
	return text
}

func TestWriteGolden(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	writer := policy.NewWriter(f.Catalog)
	templates, err := filepath.Glob("testdata/write/*.template.json")
	if err != nil || len(templates) < 10 {
		t.Fatalf("%d templates: %v", len(templates), err)
	}
	for _, file := range templates {
		name := strings.TrimSuffix(filepath.Base(file), ".template.json")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			template, err := policy.ParseTemplate(data)
			if err != nil {
				t.Fatal(err)
			}
			out, err := writer.Write(template)
			if err != nil {
				t.Fatal(err)
			}
			got, wanted := golden(out), filepath.Join("testdata/write", name+".policy.jsonc")
			if *update {
				if err := os.WriteFile(wanted, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(wanted)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("policy (-want +got):\n%s", diff)
			}
		})
	}
}
