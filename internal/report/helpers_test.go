package report_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/leastwise/leastwise/catalog/risk"
	"github.com/leastwise/leastwise/internal/report"
)

var update = flag.Bool("update", false, "write the golden reports anew")

const account = "111122223333"

// entity is one of IAM's entities of the account.
func entity(kind, name string) risk.Entity {
	return risk.Entity{
		Account: account, Kind: kind, ID: strings.ToUpper(kind[:2] + name), Name: name, Path: "/",
		ARN: fmt.Sprintf("arn:aws:iam::%s:%s/%s", account, kind, name),
	}
}

const adminHash = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
const deployHash = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

func documents() map[string][]byte {
	return map[string][]byte{
		adminHash: []byte(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`),
		deployHash: []byte(`{"Version":"2012-10-17","Statement":[{"Sid":"Run","Effect":"Allow","Action":["lambda:*","iam:PassRole"],"Resource":"*"},` +
			`{"Sid":"Sealed","Effect":"Deny","Action":"iam:PassRole","Resource":"arn:aws:iam::111122223333:role/break-glass"}]}`),
	}
}

func adminFinding(e risk.Entity) risk.Finding {
	return risk.Finding{
		Rule: "full-administrator", Category: risk.CategoryFullAdministrator, Severity: risk.Critical, Title: "Full administrator", Entity: e,
		Actions: []string{"*"}, ActionCount: 22091, Scope: "everything",
		Evidence: []risk.Evidence{{
			Document: adminHash, Policy: "arn:aws:iam::aws:policy/AdministratorAccess", Source: "managed", Effect: "Allow", Scope: "everything",
			Resources: []string{"*"},
		}},
		Reason: "It may do everything with everything, so whoever gets hold of it has the whole account.",
		Remedy: "Grant the services that it uses, and keep administrators for emergencies.",
	}
}

func passFinding(e risk.Entity) risk.Finding {
	return risk.Finding{
		Rule: "lambda-create-function", Category: risk.CategoryPrivilegeEscalation, Severity: risk.High, Title: "Passes a role to a new function", Entity: e,
		Actions: []string{"iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"}, ActionCount: 3, Scope: "everything", Conditional: true, PartlyDenied: true,
		Evidence: []risk.Evidence{
			{Document: deployHash, Policy: "deploy", Source: "inline", Group: "builders", Statement: 0, SID: "Run", Effect: "Allow", Scope: "everything", Resources: []string{"*"},
				Conditions: []risk.Condition{{Operator: "StringEquals", Key: "iam:PassedToService", Values: []string{"lambda.amazonaws.com"}}}},
			{Document: deployHash, Policy: "deploy", Source: "inline", Group: "builders", Statement: 1, SID: "Sealed", Effect: "Deny", Scope: "exact"},
		},
		Target:   &risk.Target{Needs: "role", Resolved: true, Candidates: []string{"arn:aws:iam::111122223333:role/admin"}, Count: 1},
		Includes: []string{"lambda-update-code"}, KnownTo: []string{"pathfinding:lambda-001"},
		Reason: "With a role that Lambda may have it runs code as that role.", Remedy: "Allow iam:PassRole for the roles that its functions need.",
	}
}

// judged is an account in which a bit of everything was found.
func judged() *report.Report {
	score, low := 41.4, 3.0
	r := &report.Report{
		Title: "Account " + account, Account: account, ObservedAt: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC),
		Catalog: "2026-05-30", Tool: "leastwise 1.0.0", Documents: documents(),
		Titles: map[string]string{"lambda-create-function": "Passes a role to a new function", "iam-create-access-key": "Access key of a user"},
		Gaps:   []report.Gap{{What: "Users' passwords and keys", Why: "a saved account has no credential report."}},
	}
	admin, ann, ci := entity("role", "admin"), entity("user", "ann"), entity("role", "ci")
	r.Add(risk.Judgement{Entity: admin, Findings: []risk.Finding{adminFinding(admin)}, Score: &low, Paths: []risk.Path{{From: admin.ARN, To: admin.ARN}},
		Unused: []risk.UnusedService{{Service: "s3", Unbound: [5]uint16{1, 2, 3, 4, 5}, Tags: []string{"data"}, LastAt: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}}})
	pass := risk.Step{From: ann.ARN, To: admin.ARN, Method: "lambda-create-function", Actions: []string{"iam:PassRole", "lambda:CreateFunction"}, Conditional: true}
	r.Add(risk.Judgement{Entity: ann, Findings: []risk.Finding{passFinding(ann)}, Excluded: 2,
		Paths: []risk.Path{{From: ann.ARN, To: admin.ARN, Steps: []risk.Step{pass}, Conditional: true}}})
	into := risk.Step{From: ci.ARN, To: ann.ARN, Method: "iam-create-access-key", Actions: []string{"iam:CreateAccessKey"}}
	r.Add(risk.Judgement{Entity: ci, Paths: []risk.Path{{From: ci.ARN, To: admin.ARN, Steps: []risk.Step{into, pass}, Conditional: true}}})
	r.Add(risk.Judgement{Entity: entity("role", "AWSServiceRoleForSupport"), ServiceLinked: true})
	r.Add(risk.Judgement{Entity: entity("policy", "unused")})
	trusted := risk.Step{From: "999988887777", To: admin.ARN, Method: "trust", Actions: []string{"sts:AssumeRole"}}
	r.Add(risk.Judgement{
		Entity: risk.Entity{Account: account, Kind: report.KindAccount, ID: account, Name: account}, Score: &score,
		Paths:     []risk.Path{{From: "999988887777", To: admin.ARN, Steps: []risk.Step{trusted}}},
		Crossings: []risk.Crossing{{Principal: ci.ARN, Patterns: []string{"arn:aws:iam::*:role/deploy"}}},
	})
	r.Sort()
	return r
}

// golden compares a report with the one in testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s differs (go test -update writes it anew):\n%s", name, got)
	}
}
