package main

import (
	"encoding/json"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const document = `{"Version":"2012-10-17","Statement":[
	{"Effect":"Allow","Action":["sns:*Permission","foo:Bar"],"Resource":"*"},
	{"Effect":"Allow","Action":"sns:Publish","Resource":"*"}]}`

func TestExpandPolicySpellsOutWildcards(t *testing.T) {
	t.Parallel()
	got := leastwise(t.Context(), document, "expand-policy")
	if got.code != exitOK || !strings.Contains(got.stderr, `note: the catalog has no action "foo:Bar"`) {
		t.Fatalf("exit code %d: %s", got.code, got.stderr)
	}
	var doc struct{ Statement []struct{ Action any } }
	if err := json.Unmarshal([]byte(got.stdout), &doc); err != nil {
		t.Fatal(err)
	}
	actions, _ := json.Marshal(doc.Statement)
	if string(actions) != `[{"Action":["sns:AddPermission","sns:RemovePermission","foo:Bar"]},{"Action":"sns:Publish"}]` {
		t.Errorf("got %s", actions)
	}
}

func TestMinimizePolicyShortensAndJoins(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		`["foo:Bar","sns:*Permission","sns:pub*"]`:    {"minimize-policy"},
		`["foo:Bar","sns:*Permission","sns:publis*"]`: {"minimize-policy", "--minimize", "6"},
	} {
		got := leastwise(t.Context(), document, args...)
		var doc struct{ Statement []struct{ Action any } }
		if err := json.Unmarshal([]byte(got.stdout), &doc); err != nil || len(doc.Statement) != 1 {
			t.Fatalf("exit code %d: %s%s", got.code, got.stdout, got.stderr)
		}
		if actions, _ := json.Marshal(doc.Statement[0].Action); string(actions) != want {
			t.Errorf("got %s, want %s", actions, want)
		}
	}
}

func TestWhatTheCatalogDoesNotKnowIsTold(t *testing.T) {
	t.Parallel()
	const beside = `{"Statement":{"Effect":"Allow","Action":["*","foo:Bar"],"Resource":"*"}}`
	for _, tt := range []struct{ command, document, want string }{
		{"minimize-policy", document, "leastwise: note: the catalog has no action \"foo:Bar\"; it stays as it is\n"},
		{"expand-policy", beside, "leastwise: note: the catalog has no action \"foo:Bar\"; it stays as it is\n"},
		{"minimize-policy", beside, "leastwise: note: the catalog has no action \"foo:Bar\"\n"},
	} {
		if got := leastwise(t.Context(), tt.document, tt.command); got.code != exitOK || got.stderr != tt.want {
			t.Errorf("%s: exit code %d: %s", tt.command, got.code, got.stderr)
		}
	}
}

func TestExpandPolicyTakesNoMoreThanMemoryHolds(t *testing.T) {
	t.Parallel()
	everything := strings.Repeat(`,{"Effect":"Allow","Action":"*","Resource":"*"}`, 60)
	got := leastwise(t.Context(), `{"Statement":[`+everything[1:]+`]}`, "expand-policy")
	if got.code != exitFailure || got.stdout != "" || !strings.Contains(got.stderr, "more than 1000000 actions") {
		t.Errorf("exit code %d: %.300s%.300s", got.code, got.stdout, got.stderr)
	}
}

func TestRewrittenPoliciesComeInEveryFormat(t *testing.T) {
	t.Parallel()
	want := leastwise(t.Context(), document, "minimize-policy").stdout
	inYAML := leastwise(t.Context(), document, "minimize-policy", "--fmt", "yaml").stdout
	var doc any
	if err := yaml.Unmarshal([]byte(inYAML), &doc); err != nil {
		t.Fatal(err)
	}
	if again := leastwise(t.Context(), inYAML, "minimize-policy"); again.code != exitOK || again.stdout != want {
		t.Errorf("read again from YAML: %s%s", again.stdout, again.stderr)
	}
	var terraform map[string]string
	if err := json.Unmarshal([]byte(leastwise(t.Context(), document, "minimize-policy", "--fmt", "terraform").stdout), &terraform); err != nil || !json.Valid([]byte(terraform["policy"])) {
		t.Errorf("%v: %v", err, terraform)
	}
}

// A text that begins like JSON can be YAML.
func TestPoliciesAreReadInYAMLsFlowForm(t *testing.T) {
	t.Parallel()
	want := leastwise(t.Context(), document, "minimize-policy")
	flow := strings.ReplaceAll(strings.ReplaceAll(document, `"Effect":"Allow"`, "Effect: Allow"), `"Action":`, "Action: ")
	if got := leastwise(t.Context(), flow, "minimize-policy"); got != want {
		t.Errorf("exit code %d: %s%s", got.code, got.stdout, got.stderr)
	}
	if got := leastwise(t.Context(), flow, "analyze", "policy-file", "-"); got.code != exitOK {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
}

// TestProblemsOfPoliciesHaveTheirPlacesInTheFile reads documents in both languages:
// what they become is not what the user sees.
func TestProblemsOfPoliciesHaveTheirPlacesInTheFile(t *testing.T) {
	t.Parallel()
	const yamlList = "# orders\nVersion: 2012-10-17\nStatement:\n- Effect: Allow\n  Action: s3:GetObject\n  Resource: '*'\n  Sid: A\n" +
		"- Effect: Allow\n  Action:\n  - s3:PutObject\n  Resorce: '*'\n  Resource: '*'\n  Sid: A\n"
	tests := map[string]struct {
		text string
		want []string
		lack string
	}{
		"YAML": {yamlList, []string{"statement 1 Resorce (line 11): is not an element", `statement 1 Sid (line 13): "A" is also`}, "byte"},
		"YAML with one statement": {
			"Statement:\n  Effect: allow\n  Action: s3:GetObject\n  NotAction: s3:PutObject\n  Resource: '*'\n",
			[]string{"statement 0 Effect (line 2): ", "statement 0 Action (line 3): "}, "byte",
		},
		"YAML of the document": {
			"Id: x\nVersion: 2012\nStatement:\n- {Effect: Allow, Action: s3:GetObject, Resource: '*'}\n",
			[]string{`document Version (line 2): "2012" is neither`}, "byte",
		},
		"YAML that lacks something": {"Statement:\n- Effect: Allow\n  Action: s3:GetObject\n  Resource: '*'\n- Action: s3:PutObject\n  Resource: '*'\n", []string{"statement 1 Effect (line 5): is missing"}, "byte"},
		"JSON": {
			"{\n  \"Statement\": [\n    {\"Sid\": \"A\", \"Effect\": \"Deny\", \"Action\": \"*\", \"Resource\": \"*\"},\n    {\"Sid\": \"A\", \"Effect\": \"Deny\", \"Action\": \"*\", \"Resource\": \"*\"}\n  ]\n}",
			[]string{`statement 1 Sid (byte 92): "A" is also`}, "line",
		},
	}
	for name, tt := range tests {
		for _, command := range [][]string{{"minimize-policy"}, {"expand-policy"}, {"analyze", "policy-file", "-", "--fmt", "markdown"}} {
			got := leastwise(t.Context(), tt.text, command...)
			said := got.stdout + got.stderr
			for _, want := range tt.want {
				if !strings.Contains(said, want) {
					t.Errorf("%s: %v: %q is missing in %s", name, command, want, said)
				}
			}
			if strings.Contains(said, "("+tt.lack) {
				t.Errorf("%s: %v: %s", name, command, said)
			}
		}
	}
	for text, want := range map[string]string{"# a\n- a\n": "parse policy document: is an array", "Version: 2012-10-17\n": "parse policy document: has no Statement", `{"Version":""}`: "byte 0: has no Statement"} {
		if got := leastwise(t.Context(), text, "expand-policy"); got.code != exitFailure || !strings.Contains(got.stderr, want) {
			t.Errorf("%q: %s", text, got.stderr)
		}
	}
	for _, text := range []string{"# a\n- a\n", ` [1]`} {
		if got := leastwise(t.Context(), text, "write-policy"); got.code != exitFailure || !strings.Contains(got.stderr, "parse template: is an array, not an object") {
			t.Errorf("%q: %s", text, got.stderr)
		}
	}
}

func TestBrokenPoliciesAreExplained(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ stdin, want string }{
		"nothing":      {"", "it is empty"},
		"not JSON":     {`{"Statement":`, "line 1: "},
		"no statement": {`{"Version":"2012-10-17"}`, "no Statement"},
		"no policy":    {`- a`, "not an object"},
		"two faults":   {`{"Statement":{"Effect":"allow","Actoin":"s3:*","Resource":"*"}}`, `neither Allow nor Deny; statement 0 Actoin`},
	}
	for _, command := range []string{"expand-policy", "minimize-policy"} {
		for name, tt := range tests {
			t.Run(command+" "+name, func(t *testing.T) {
				t.Parallel()
				got := leastwise(t.Context(), tt.stdin, command)
				if got.code != exitFailure || !strings.Contains(got.stderr, tt.want) {
					t.Errorf("exit code %d: %s", got.code, got.stderr)
				}
				checkOneSentence(t, got)
			})
		}
	}
	if got := leastwise(t.Context(), "", "expand-policy", "-i", "/does/not/exist"); got.code != exitFailure || !strings.Contains(got.stderr, "read policy: open") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
}
