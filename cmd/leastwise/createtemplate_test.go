package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/leastwise/leastwise/catalog/policy"
)

func TestCreatedTemplatesAreTemplates(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"crud", "actions", "CRUD"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			name := `it's "a: #name" \` + "\n"
			got := leastwise(t.Context(), "", "create-template", "--template-type", kind, "--name", name)
			if got.code != exitOK || got.stderr != "" {
				t.Fatalf("exit code %d: %s", got.code, got.stderr)
			}
			parsed, err := newWriting(nil, nil).parse([]byte(got.stdout))
			if err != nil || parsed.Name != name || parsed.Mode != strings.ToLower(kind) {
				t.Errorf("got %+v, %v", parsed, err)
			}
			written := leastwise(t.Context(), got.stdout, "write-policy")
			if written.code != exitOK || !strings.Contains(written.stdout, `"Statement": []`) {
				t.Errorf("exit code %d: %s%s", written.code, written.stdout, written.stderr)
			}
		})
	}
}

// A template shows every field that there is.
func TestCreatedTemplatesHaveEveryField(t *testing.T) {
	t.Parallel()
	text := leastwise(t.Context(), "", "create-template", "-t", "crud").stdout
	filled := strings.ReplaceAll(text, "- ''", "- x")
	got, err := newWriting(nil, nil).parse([]byte(filled))
	if err != nil {
		t.Fatal(err)
	}
	x := []string{"x"}
	want := policy.Template{
		Mode: policy.ModeCRUD, Read: x, Write: x, List: x, Tagging: x, PermissionsManagement: x,
		WildcardOnly: policy.WildcardOnly{SingleActions: x, ServiceRead: x, ServiceWrite: x, ServiceList: x, ServiceTagging: x, ServicePermissionsManagement: x},
		STS:          policy.STS{AssumeRole: x, AssumeRoleWithSAML: x, AssumeRoleWithWebIdentity: x},

		SkipResourceConstraints: x, ExcludeActions: x,
	}
	if !slices.Equal(encodeTemplate(t, got), encodeTemplate(t, want)) {
		t.Errorf("got %+v", got)
	}
}

// templateExample is what an example in a template is for.
type templateExample struct {
	replace    []string // texts of a template, with what takes their place
	want, lack string   // in the policy
}

// check writes a policy from a template with an example in it, of which there is
// nothing to say.
func (e templateExample) check(t *testing.T, example, template string) {
	t.Helper()
	filled := strings.NewReplacer(e.replace...).Replace(template)
	got := leastwise(t.Context(), filled, "write-policy")
	if filled == template || got.code != exitOK || got.stderr != "" || !strings.Contains(got.stdout, e.want) {
		t.Errorf("%s: exit code %d: %s%s", example, got.code, got.stdout, got.stderr)
	}
	if e.lack != "" && strings.Contains(got.stdout, e.lack) {
		t.Errorf("%s: %s", example, got.stdout)
	}
}

// TestExamplesInTemplatesDoWhatTheySay fills every name that the comments of the
// templates give as an example in where it is said to be for.
func TestExamplesInTemplatesDoWhatTheySay(t *testing.T) {
	t.Parallel()
	bucket := []string{"read:\n- ''", "read: ['arn:aws:s3:::b']", "write:\n- ''", "write: ['arn:aws:s3:::b']", "actions:\n- ''", "actions: [s3:GetObject]"}
	condition := []string{"#   StringEquals:\n#     aws:PrincipalOrgID: o-1234567890\n", "", "conditions: {}", "conditions:\n  StringEquals:\n    aws:PrincipalOrgID: o-1234567890\n"}
	tests := map[string]templateExample{
		"s3:ListAllMyBuckets": {[]string{"single-actions:\n  - ''", "single-actions: ['s3:ListAllMyBuckets']"}, `"s3:ListAllMyBuckets"`, ""},
		"ec2":                 {[]string{"service-read:\n  - ''", "service-read: [ec2]"}, `"ec2:Get`, ""},
		"s3:Delete*":          {append(bucket, "exclude-actions:\n- ''", "exclude-actions: ['s3:Delete*']"), `"s3:`, `"s3:Delete`},
		"aws:PrincipalOrgID":  {append(bucket, condition...), `"aws:PrincipalOrgID": "o-1234567890"`, ""},
		"{arn: '...', conditions: {...}}": {
			[]string{"read:\n- ''", "read:\n- {arn: 'arn:aws:s3:::b/*', conditions: {Bool: {aws:SecureTransport: true}}}"}, `"aws:SecureTransport"`, "",
		},
		"{action: '...', conditions: {...}}": {
			[]string{"actions:\n- ''", "actions:\n- {action: 's3:GetObject', conditions: {Bool: {aws:SecureTransport: true}}}"}, `"aws:SecureTransport"`, "",
		},
	}
	examples := regexp.MustCompile(`'?[a-z0-9-]+:[A-Z][A-Za-z*]+|\bsuch as [a-z0-9-]+\)|\{[a-z]+: '.*\}`)
	for kind, template := range map[string]string{"crud": crudTemplate, "actions": actionsTemplate} {
		found := 0
		for line := range strings.Lines(template) {
			if !strings.HasPrefix(line, "#") {
				continue
			}
			for _, example := range examples.FindAllString(line, -1) {
				example = strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(example, "such as "), "'"), ")")
				test, ok := tests[example]
				if !ok {
					t.Errorf("%s: no test has the example %s", kind, example)
					continue
				}
				found++
				test.check(t, example, template)
			}
		}
		if want := map[string]int{"crud": 5, "actions": 2}[kind]; found != want {
			t.Errorf("%s: %d examples were found, want %d", kind, found, want)
		}
	}
}

func TestCreateTemplateNeverOverwritesWithoutForce(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "t.yml")
	create := func(args ...string) result {
		return leastwise(t.Context(), "", append([]string{"create-template", "-t", "actions", "-o", file}, args...)...)
	}
	if got := create("-n", "first"); got.code != exitOK || got.stdout != "" {
		t.Fatalf("exit code %d: %s", got.code, got.stderr)
	}
	before, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(before), `name: "first"`) {
		t.Fatalf("%s, %v", before, err)
	}
	got := create("-n", "second")
	if got.code != exitFailure || !strings.Contains(got.stderr, "--force") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
	checkOneSentence(t, got)
	if after, _ := os.ReadFile(file); string(after) != string(before) {
		t.Errorf("the file became %s", after)
	}
	if got := create("-n", "3", "--force"); got.code != exitOK {
		t.Fatalf("exit code %d: %s", got.code, got.stderr)
	}
	if after, _ := os.ReadFile(file); !strings.Contains(string(after), `name: "3"`) || len(after) >= len(before) {
		t.Errorf("the file became %s", after)
	}
}

func TestCreateTemplateExplainsMistakes(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"--template-type is needed": {},
		"want crud or actions":      {"--template-type", "cruds"},
	} {
		got := leastwise(t.Context(), "", append([]string{"create-template"}, args...)...)
		if got.code != exitUsage || !strings.Contains(got.stderr, want) {
			t.Errorf("exit code %d: %s", got.code, got.stderr)
		}
		checkOneSentence(t, got)
	}
	got := leastwise(t.Context(), "", "create-template", "-t", "crud", "-o", filepath.Join(t.TempDir(), "no", "t.yml"))
	if got.code != exitFailure || !strings.Contains(got.stderr, "no such file") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
}

func encodeTemplate(t *testing.T, template policy.Template) []byte {
	t.Helper()
	text, err := json.Marshal(template)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
