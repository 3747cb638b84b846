package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// savedAccount has one administrator (the role admin), one way to it (ann may make
// the role's function run code of hers), a role of AWS's, and what nobody can
// judge: a policy without its document, a document that is none, an action that
// there is not. Its names and Sids are markup.
const savedAccount = `{
  "UserDetailList": [
    {"Arn": "arn:aws:iam::111122223333:user/ann", "UserName": "ann", "UserId": "AIDAANN", "Path": "/", "GroupList": ["builders"],
     "CreateDate": "2020-01-01T00:00:00Z",
     "AttachedManagedPolicies": [{"PolicyName": "Gone", "PolicyArn": "arn:aws:iam::aws:policy/Gone"}]},
    {"Arn": "arn:aws:iam::111122223333:user/bob", "UserName": "bob", "UserId": "AIDABOB", "Path": "/",
     "UserPolicyList": [{"PolicyName": "broken", "PolicyDocument": "no policy at all"}]}
  ],
  "GroupDetailList": [
    {"Arn": "arn:aws:iam::111122223333:group/builders", "GroupName": "builders", "GroupId": "AGPABUILD", "Path": "/",
     "GroupPolicyList": [{"PolicyName": "<script>alert(1)</script>", "PolicyDocument": {"Version": "2012-10-17", "Statement": [
        {"Sid": "</script><script>alert(2)</script>", "Effect": "Allow", "Action": ["iam:UpdateAssumeRolePolicy", "sts:AssumeRole", "no:Such"], "Resource": "*"}]}}]}
  ],
  "RoleDetailList": [
    {"Arn": "arn:aws:iam::111122223333:role/admin", "RoleName": "admin", "RoleId": "AROAADMIN", "Path": "/",
     "AssumeRolePolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::999988887777:root"}}]},
     "RolePolicyList": [{"PolicyName": "all", "PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}}]},
    {"Arn": "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX", "RoleName": "AWSServiceRoleForX", "RoleId": "AROASLR",
     "Path": "/aws-service-role/x.amazonaws.com/",
     "AssumeRolePolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "x.amazonaws.com"}}]},
     "RolePolicyList": [{"PolicyName": "all", "PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}}]}
  ],
  "Policies": []
}`

// savedFile writes a file and returns its path.
func savedFile(t testing.TB, name string, text []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func packed(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAnalyzeAccountJudgesTheWholeAccount(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ stdin, file string }{
		"a file":        {"", savedFile(t, "account.json", []byte(savedAccount))},
		"a packed file": {"", savedFile(t, "account.json.gz", packed(t, savedAccount))},
		"a pipe":        {savedAccount, "-"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := judgedBy(t, tt.stdin, "analyze", "account", tt.file)
			if got.Account != "111122223333" || got.Summary.Entities["user"] != 2 || got.Summary.Entities["role"] != 2 || got.Summary.Entities["group"] != 1 {
				t.Errorf("account %s, entities %v", got.Account, got.Summary.Entities)
			}
			byEntity := map[string][]string{}
			for _, f := range got.Findings {
				byEntity[f.Entity.Name] = append(byEntity[f.Entity.Name], f.Rule)
				if f.Remedy == "" || f.Reason == "" || f.Severity == "" || f.Actions == nil || f.Evidence == nil || f.Entity.ARN == "" {
					t.Errorf("%+v", f)
				}
			}
			for entity, rule := range map[string]string{"admin": "full-administrator", "ann": "iam-update-assume-role-policy", "builders": "iam-update-assume-role-policy"} {
				if !slices.Contains(byEntity[entity], rule) {
					t.Errorf("%s has no finding %s: %v", entity, rule, byEntity[entity])
				}
			}
			if len(byEntity["AWSServiceRoleForX"]) > 0 {
				t.Errorf("a service-linked role was judged: %v", byEntity["AWSServiceRoleForX"])
			}
		})
	}
}

func TestAnalyzeAccountFindsTheWaysToAdministrator(t *testing.T) {
	t.Parallel()
	got := judgedBy(t, savedAccount, "analyze", "account", "-")
	lengths := map[string]int{}
	for _, p := range got.Paths {
		lengths[p.From[strings.LastIndexAny(p.From, ":/")+1:]] = p.Length
		if p.Length != len(p.Steps) || p.To != "arn:aws:iam::111122223333:role/admin" {
			t.Errorf("%+v", p)
		}
	}
	if n, ok := lengths["admin"]; !ok || n != 0 {
		t.Errorf("admin is no administrator: %v", got.Paths)
	}
	if lengths["ann"] != 1 {
		t.Errorf("ann cannot become admin in one step: %v", got.Paths)
	}
	if _, ok := lengths["bob"]; ok {
		t.Errorf("bob can become administrator: %v", got.Paths)
	}
}

func TestAnalyzeAccountSaysWhatItCannotJudge(t *testing.T) {
	t.Parallel()
	got := judgedBy(t, savedAccount, "analyze", "account", "-")
	var told strings.Builder
	for _, g := range got.Summary.NotJudged {
		told.WriteString(g.What + ": " + g.Why + "\n")
	}
	for _, want := range []string{
		"no last-accessed data", "no credential report", "Service control policies", "arn:aws:iam::aws:policy/Gone: the file names this policy",
		"policy broken of user bob: ", `no action "no:Such"`,
	} {
		if !strings.Contains(told.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, told.String())
		}
	}
	for _, s := range got.Scores {
		if s.Score != nil {
			t.Error("a score without last-accessed data")
		}
	}
}

func TestAnalyzeAccountTakesWhatIsAskedOfIt(t *testing.T) {
	t.Parallel()
	exclusions := savedFile(t, "exclusions.yml", []byte("exclude:\n  - roles: [adm*]\n    rules: [full-administrator]\n"))
	everything := savedFile(t, "slr.yml", []byte("service-linked-roles: judged\n"))
	for name, tt := range map[string]struct {
		args     []string
		has, not string // rules of the role admin and of the service-linked role
	}{
		"exclusions":           {[]string{"--exclusions", exclusions}, "", "admin full-administrator"},
		"service-linked roles": {[]string{"--exclusions", everything}, "AWSServiceRoleForX full-administrator", ""},
		"nothing":              {nil, "admin full-administrator", "AWSServiceRoleForX full-administrator"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := judgedBy(t, savedAccount, append([]string{"analyze", "account", "-", "--observed-at", "2026-01-31"}, tt.args...)...)
			var all []string
			for _, f := range got.Findings {
				all = append(all, f.Entity.Name+" "+f.Rule)
			}
			if tt.has != "" && !slices.Contains(all, tt.has) || tt.not != "" && slices.Contains(all, tt.not) {
				t.Errorf("findings %v", all)
			}
		})
	}
}

func TestUnusedDaysDecideWhatIsUnused(t *testing.T) {
	t.Parallel()
	used := time.Now().AddDate(0, 0, -60).UTC().Format(time.RFC3339)
	account := `{"RoleDetailList": [{"Arn": "arn:aws:iam::111122223333:role/r", "RoleName": "r", "RoleId": "AROAR", "Path": "/", "CreateDate": "2020-01-01T00:00:00Z",
		"AssumeRolePolicyDocument": {"Statement": []}, "RoleLastUsed": {"LastUsedDate": "` + used + `"}}]}`
	for days, want := range map[string]bool{"90": false, "30": true} {
		got := judgedBy(t, account, "analyze", "account", "-", "--unused-days", days)
		if slices.Contains(got.rules(), "unused-role") != want {
			t.Errorf("%s days: %v", days, got.rules())
		}
	}
}

func TestAnalyzeAccountReadsLikeAReport(t *testing.T) {
	t.Parallel()
	text := leastwise(t.Context(), savedAccount, "analyze", "account", "-", "--fmt", "text")
	for _, want := range []string{"Account 111122223333, as of ", "CRITICAL  Full administrator", "Ways to administrator", "role admin is administrator", "Not judged"} {
		if !strings.Contains(text.stdout, want) {
			t.Errorf("%q is missing in:\n%s", want, text.stdout)
		}
	}
	page := leastwise(t.Context(), savedAccount, "analyze", "account", "-", "--fmt", "html")
	if page.code != exitOK || strings.Count(page.stdout, "<script") != 1 || !strings.Contains(page.stdout, "&lt;script&gt;alert(1)&lt;/script&gt;") {
		t.Errorf("exit code %d, %d scripts: %s", page.code, strings.Count(page.stdout, "<script"), page.stderr)
	}
}

func TestAnalyzeAccountSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		stdin string
		args  []string
		code  int
		want  string
	}{
		"no file":          {"", nil, exitUsage, "the file of an account"},
		"a missing file":   {"", []string{"/does/not/exist"}, exitFailure, "open export"},
		"something else":   {"{}", []string{"-"}, exitFailure, "get-account-authorization-details"},
		"cut off":          {savedAccount[:400], []string{"-"}, exitFailure, "ends too early"},
		"another account":  {savedAccount, []string{"-", "--account", "444455556666"}, exitFailure, "--account"},
		"a bad account":    {savedAccount, []string{"-", "--account", "4"}, exitUsage, "must be 12 digits"},
		"the future":       {savedAccount, []string{"-", "--observed-at", "2999-01-01"}, exitUsage, "must not be in the future"},
		"no days":          {savedAccount, []string{"-", "--unused-days", "0"}, exitUsage, "--unused-days is 0"},
		"a table":          {savedAccount, []string{"-", "--fmt", "csv"}, exitUsage, "want text, json"},
		"missing rules":    {savedAccount, []string{"-", "--risk-rules", "/does/not/exist"}, exitFailure, "read risk rules"},
		"missing excluded": {savedAccount, []string{"-", "--exclusions", "/does/not/exist"}, exitFailure, "read exclusions"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := leastwise(t.Context(), tt.stdin, append([]string{"analyze", "account"}, tt.args...)...)
			if got.code != tt.code || !strings.Contains(got.stderr, tt.want) {
				t.Errorf("exit code %d, want %d: %s", got.code, tt.code, got.stderr)
			}
			checkOneSentence(t, got)
		})
	}
	got := leastwise(t.Context(), savedAccount, "analyze", "account", "-", "--fail-on", "critical")
	if got.code != exitFailure || !json.Valid([]byte(got.stdout)) {
		t.Errorf("--fail-on: exit code %d, %d bytes", got.code, len(got.stdout))
	}
}

func TestAnalyzeARealAccount(t *testing.T) {
	t.Parallel()
	const file = "../../../shared/data/account_authorization_details.json.gz"
	if _, err := os.Stat(file); err != nil {
		t.Skipf("real data is not here: %v", err)
	}
	got := judgedBy(t, "", "analyze", "account", file)
	if got.Summary.Entities["user"] != 3 || got.Summary.Entities["role"] != 3 || got.Summary.Entities["group"] != 2 || got.Summary.Entities["policy"] != 32 {
		t.Errorf("entities %v", got.Summary.Entities)
	}
	want := map[string]bool{"obama full-administrator": true, "admin full-administrator": true, "OverprivilegedEC2 iam-create-access-key": true}
	for _, f := range got.Findings {
		delete(want, f.Entity.Name+" "+f.Rule)
	}
	if len(want) > 0 {
		t.Errorf("not found: %v", want)
	}
}
