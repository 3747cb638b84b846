package policy_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"slices"
	"testing"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
)

const managedFile = "../../../shared/data/aws_managed_policies.jsonl.gz"

type managedPolicy struct {
	Name     string          `json:"name"`
	Document json.RawMessage `json:"document"`
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

func TestManagedPoliciesAreReadWhole(t *testing.T) {
	t.Parallel()
	policies := readManaged(t)
	f := loadFacts(t)
	e := policy.NewEvaluator(f.Catalog)
	for i, p := range policies {
		var plain struct{ Statement json.RawMessage }
		var statements []json.RawMessage
		if err := json.Unmarshal(p.Document, &plain); err != nil {
			t.Fatal(err)
		}
		if json.Unmarshal(plain.Statement, &statements) != nil {
			statements = []json.RawMessage{plain.Statement}
		}
		doc, err := policy.ParseDocument(p.Document)
		if err != nil || len(doc.Problems) > 0 || len(doc.Statements) != len(statements) {
			t.Fatalf("%s: error %v, problems %v, %d of %d statements", p.Name, err, doc.Problems, len(doc.Statements), len(statements))
		}
		analysis := policy.Analyze(f.Catalog, doc)
		if i%50 != 0 {
			continue
		}
		got := e.Evaluate(attached(analysis))
		for a := range catalog.ActionID(f.Len()) {
			name, allowed, denied := f.FullName(a), false, false
			for _, s := range doc.Statements {
				names := speaksOf(s, name)
				allowed = allowed || names && s.Effect == policy.Allow
				denied = denied || names && s.Effect == policy.Deny && s.Conditions == nil && slices.Contains(s.Resources, "*")
			}
			if got.Has(a) != (allowed && !denied) {
				t.Errorf("%s, %s: granted %v", p.Name, name, got.Has(a))
			}
		}
	}
	t.Logf("%d policies", len(policies))
}
