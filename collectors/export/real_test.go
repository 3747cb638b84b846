package export_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"testing"

	"github.com/leastwise/leastwise/collectors/export"
	"github.com/leastwise/leastwise/collectors/internal/natstest"
	"github.com/leastwise/leastwise/schemas/event"
)

// unpacked reads a file of real data, which is not part of the repository.
func unpacked(t *testing.T, name string) []byte {
	t.Helper()
	packed, err := os.ReadFile("../../../shared/data/" + name)
	if err != nil {
		t.Skipf("real data is not here: %v", err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// entityList is an export as a judge reads it: without the importer's types.
type entityList []map[string]any

// documentsIn finds every document of a decoded export by the keys that hold
// one, whatever they are in.
func documentsIn(v any, found map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for key, field := range v {
			switch key {
			case "Document", "PolicyDocument", "AssumeRolePolicyDocument":
				found[canonical(field)] = true
			default:
				documentsIn(field, found)
			}
		}
	case []any:
		for _, e := range v {
			documentsIn(e, found)
		}
	}
}

// canonical writes decoded JSON in one way.
func canonical(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func TestSavedAccountArrivesWhole(t *testing.T) {
	t.Parallel()
	raw := unpacked(t, "account_authorization_details.json.gz")
	var whole map[string]entityList
	var anything any
	for _, into := range []any{&whole, &anything} {
		if err := json.Unmarshal(raw, into); err != nil {
			t.Fatal(err)
		}
	}
	js := natstest.Start(t)
	s := imported(t, js, export.Config{ObservedAt: at}, "../../../shared/data/account_authorization_details.json.gz")
	got := natstest.Read(t, js)

	arns := map[string]bool{}
	for _, u := range got.Users {
		arns[u.ARN] = true
	}
	for _, g := range got.Groups {
		arns[g.ARN] = true
	}
	for _, r := range got.Roles {
		arns[r.ARN] = true
	}
	for _, p := range got.Policies {
		arns[p.ARN] = true
	}
	entities := 0
	for list, key := range map[string]event.Kind{"UserDetailList": "user", "GroupDetailList": "group", "RoleDetailList": "role", "Policies": "policy"} {
		if s.Events[key] != int64(len(whole[list])) {
			t.Errorf("%d events for the %d of %s", s.Events[key], len(whole[list]), list)
		}
		for _, e := range whole[list] {
			if entities++; !arns[e["Arn"].(string)] {
				t.Errorf("%s did not arrive", e["Arn"])
			}
		}
	}
	docs := map[string]bool{}
	documentsIn(anything, docs)
	if len(arns) != entities || len(got.Documents) != len(docs) || s.Documents != int64(len(docs)) {
		t.Errorf("%d of %d entities, %d of %d documents", len(arns), entities, len(got.Documents), len(docs))
	}
	for hash, doc := range got.Documents {
		var v any
		if err := json.Unmarshal(doc, &v); err != nil || !docs[canonical(v)] {
			t.Errorf("document %s is not one of the file's", hash)
		}
	}
	t.Logf("%s: %v, %d documents", s.Account, s.Events, s.Documents)
}

func TestManagedPoliciesArriveWholeHoweverTheyAreWritten(t *testing.T) {
	t.Parallel()
	raw := unpacked(t, "aws_managed_policies.jsonl.gz")
	want := map[string]string{} // name → hash
	distinct := map[string]bool{}
	account := wrap(t, raw, func(name string, document []byte) {
		want[name] = event.HashDocument(event.NormalizeDocument(document))
		distinct[want[name]] = true
	})
	js := natstest.Start(t)
	s := imported(t, js, export.Config{ObservedAt: at}, file(t, account))
	got := natstest.Read(t, js)
	if len(got.Policies) != len(want) || len(got.Documents) != len(distinct) || s.Events[event.KindPolicy] != int64(len(want)) {
		t.Errorf("%d of %d policies, %d of %d documents", len(got.Policies), len(want), len(got.Documents), len(distinct))
	}
	for _, p := range got.Policies {
		if p.Document != want[p.Name] || got.Documents[p.Document] == nil || p.Owner != event.OwnerAWS {
			t.Errorf("%s has document %s, want %s", p.Name, p.Document, want[p.Name])
		}
	}
	for _, ref := range got.Roles[0].Policies {
		if ref.Document != want[ref.Name] {
			t.Errorf("the role's %s has document %q", ref.Name, ref.Document)
		}
	}
	if len(got.Roles[0].Policies) != len(want) {
		t.Errorf("the role carries %d policies", len(got.Roles[0].Policies))
	}
	t.Logf("%v, %d documents", s.Events, s.Documents)
}

// wrap makes an account of policies, one JSON object with name and document a
// line. The documents are written as objects, as strings and percent-encoded in
// turn; one role, which comes first, carries them all.
func wrap(t *testing.T, lines []byte, each func(name string, document []byte)) []byte {
	t.Helper()
	var attached, policies []any
	in := bufio.NewScanner(bytes.NewReader(lines))
	in.Buffer(nil, 1<<20)
	for n := 0; in.Scan(); n++ {
		var p struct {
			Name     string
			Document json.RawMessage
		}
		if err := json.Unmarshal(in.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		each(p.Name, p.Document)
		written := []any{p.Document, string(p.Document), url.PathEscape(string(p.Document))}[n%3]
		arn := "arn:aws:iam::aws:policy/" + p.Name
		attached = append(attached, map[string]any{"PolicyArn": arn, "PolicyName": p.Name})
		policies = append(policies, map[string]any{
			"Arn": arn, "PolicyName": p.Name, "PolicyId": fmt.Sprintf("ANPA%017d", n), "DefaultVersionId": "v1",
			"PolicyVersionList": []any{map[string]any{"VersionId": "v1", "IsDefaultVersion": true, "Document": written}},
		})
	}
	if err := in.Err(); err != nil {
		t.Fatal(err)
	}
	raw, err := json.MarshalIndent(map[string]any{
		"Policies": policies,
		"RoleDetailList": []any{map[string]any{"Arn": "arn:aws:iam::123456789012:role/all", "RoleId": "AROAALL", "RoleName": "all",
			"AttachedManagedPolicies": attached}},
	}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
