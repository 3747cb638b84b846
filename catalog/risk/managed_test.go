package risk_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/catalog/risk"
)

var update = flag.Bool("update", false, "write the golden files anew")

const managedFile = "../../../shared/data/aws_managed_policies.jsonl.gz"

type managedPolicy struct {
	Name     string          `json:"name"`
	Document json.RawMessage `json:"document"`
}

func (p managedPolicy) parse(t *testing.T) *policy.Document {
	t.Helper()
	doc, err := policy.ParseDocument(p.Document)
	if err != nil {
		t.Fatalf("%s: %v", p.Name, err)
	}
	return doc
}

// readManaged reads policies that AWS publishes, or skips where they are absent.
func readManaged(t *testing.T) []managedPolicy {
	t.Helper()
	file, err := os.Open(managedFile)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("AWS's managed policies are not here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	text, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var policies []managedPolicy
	lines := bufio.NewScanner(text)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var p managedPolicy
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		policies = append(policies, p)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return policies
}

const managedGolden = "testdata/managed_policies.txt"

// What the rules find in AWS's managed policies: for each rule how many of them
// have it, told by itself and within another finding.
func TestManagedPolicies(t *testing.T) {
	t.Parallel()
	f := load(t)
	policies := readManaged(t)
	alone, within, clean := make(map[string]int), make(map[string]int), 0
	for _, p := range policies {
		doc := p.parse(t)
		a := policy.Attachment{Analysis: policy.Analyze(f.Catalog, doc), Source: "managed", Name: p.Name}
		findings, excluded := f.engine.Document(doc, a, risk.Entity{Kind: "policy", Name: p.Name})
		if excluded > 0 {
			t.Errorf("%s: %d findings are excluded", p.Name, excluded)
		}
		for _, found := range findings {
			alone[found.Rule]++
			for _, id := range found.Includes {
				within[id]++
			}
			if len(found.Evidence) == 0 {
				t.Errorf("%s: %s has no evidence", p.Name, found.Rule)
			}
		}
		if len(findings) == 0 {
			clean++
		}
	}
	var summary strings.Builder
	fmt.Fprintf(&summary, "%d policies, %d without findings\n%-44s %6s %6s\n", len(policies), clean, "rule", "alone", "within")
	for _, rule := range f.rules.All() {
		if n, m := alone[rule.ID], within[rule.ID]; n+m > 0 {
			fmt.Fprintf(&summary, "%-44s %6d %6d\n", rule.ID, n, m)
		}
	}
	golden(t, managedGolden, summary.String())
}

// golden compares a text with a file, or writes the file with -update.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got), -update writes it:\n%s", file, diff)
	}
}
