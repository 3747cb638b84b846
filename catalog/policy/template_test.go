package policy_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leastwise/leastwise/catalog/policy"
)

// fullTemplate has every field.
func fullTemplate() policy.Template {
	return policy.Template{
		Mode: "crud", Name: "n",
		Read: []string{"r"}, Write: []string{"w"}, List: []string{"l"}, Tagging: []string{"t"}, PermissionsManagement: []string{"p"},
		WildcardOnly: policy.WildcardOnly{
			SingleActions: []string{"1"}, ServiceRead: []string{"2"}, ServiceWrite: []string{"3"},
			ServiceList: []string{"4"}, ServiceTagging: []string{"5"}, ServicePermissionsManagement: []string{"6"},
		},
		SkipResourceConstraints: []string{"s"}, ExcludeActions: []string{"e"},
		STS:     policy.STS{AssumeRole: []string{"a"}, AssumeRoleWithSAML: []string{"b"}, AssumeRoleWithWebIdentity: []string{"c"}},
		Actions: []string{"x", "y"}, Effect: "Deny",
		Conditions:      policy.Conditions{"StringEquals": {"aws:PrincipalOrgID": {"o-1"}, "aws:PrincipalType": {"User", "AssumedRole"}}},
		EntryConditions: map[string]policy.Conditions{"write[0]": {"Bool": {"aws:SecureTransport": {"true"}}}, "sts.assume-role[0]": {"Null": {"<&>": {"false"}}}},
		Places:          map[string]string{"write[0]": "write[0].arn", "sts.assume-role[0]": "sts.assume-role[0].arn"},
	}
}

func TestParseTemplateReadsEveryField(t *testing.T) {
	t.Parallel()
	want := fullTemplate()
	data, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := policy.ParseTemplate(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("template (-want +got):\n%s", diff)
	}
}

func TestTemplateLeavesOutEmptyFields(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal(policy.Template{Mode: "crud"})
	if err != nil || string(data) != `{"mode":"crud"}` {
		t.Errorf("%s, %v", data, err)
	}
}

func TestParseTemplateTakesNulls(t *testing.T) {
	t.Parallel()
	got, err := policy.ParseTemplate([]byte(`{"mode":null,"read":[null,"a"],"write":null,"sts":null,"wildcard-only":{"service-read":null}}`))
	if diff := cmp.Diff(policy.Template{Read: []string{"", "a"}}, got); err != nil || diff != "" {
		t.Errorf("error %v, template (-want +got):\n%s", err, diff)
	}
}

func TestParseTemplateReportsAllFaults(t *testing.T) {
	t.Parallel()
	_, err := policy.ParseTemplate([]byte(`{
		"mode": 1, "mode": "crud", "raed": [], "permissions_management": [], "condition": {},
		"read": "arn", "write": [1, "a", {"x": [[]]}],
		"wildcard-only": {"service-reads": [], "single-actions": {}},
		"sts": ["role"], "effect": true
	}`))
	want := policy.Faults{
		{Path: "mode", Code: policy.CodeWrongType, Reason: "the value is a number, not a string"},
		{Path: "mode", Code: policy.CodeRepeatedField, Reason: "the field stands twice"},
		{Path: "raed", Code: policy.CodeUnknownField, Reason: `a template has no field "raed"; did you mean read?`},
		{Path: "permissions_management", Code: policy.CodeUnknownField, Reason: `a template has no field "permissions_management"; did you mean permissions-management?`},
		{Path: "condition", Code: policy.CodeUnknownField, Reason: `a template has no field "condition"; did you mean conditions?`},
		{Path: "read", Code: policy.CodeWrongType, Reason: "the value is a string, not a list of strings"},
		{Path: "write[0]", Code: policy.CodeWrongType, Reason: "the value is a number, not a string"},
		{Path: "write[2].x", Code: policy.CodeUnknownField, Reason: `the object has no field "x"; it has arn, arns, conditions`},
		{Path: "write[2]", Code: policy.CodeWrongType, Reason: `the object has neither "arn" nor "arns"`},
		{Path: "wildcard-only.service-reads", Code: policy.CodeUnknownField, Reason: `the object has no field "service-reads"; did you mean service-read?`},
		{Path: "wildcard-only.single-actions", Code: policy.CodeWrongType, Reason: `the object has neither "action" nor "actions"`},
		{Path: "sts", Code: policy.CodeWrongType, Reason: "the value is an array, not an object"},
		{Path: "effect", Code: policy.CodeWrongType, Reason: "the value is a boolean, not a string"},
	}
	faults, ok := errors.AsType[policy.Faults](err)
	if diff := cmp.Diff(want, faults); !ok || diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

func TestParseTemplateRefusesOtherShapes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		``:           "parse template: byte 0: is not JSON: unexpected end of JSON input",
		`{"a":`:      "parse template: byte 4: is not JSON: unexpected end of JSON input",
		` "crud"`:    "parse template: byte 1: is a string, not an object",
		`[]`:         "parse template: byte 0: is an array, not an object",
		`mode: crud`: "parse template: byte 0: is not JSON: invalid character 'm' looking for beginning of value",
	} {
		_, err := policy.ParseTemplate([]byte(text))
		if _, ok := errors.AsType[*policy.SyntaxError](err); !ok || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestFaultsAreErrors(t *testing.T) {
	t.Parallel()
	first := policy.Fault{Path: "read[0]", Code: policy.CodeMalformedARN, Reason: "it is none"}
	faults := policy.Faults{first, {Code: policy.CodeUnknownMode, Reason: "no mode"}}
	if got := faults.Error(); got != "read[0]: it is none\nno mode" {
		t.Errorf("text %q", got)
	}
	if joined := errors.Join(errors.New("other"), faults); !errors.Is(joined, first) {
		t.Errorf("%v is not in %v", first, joined)
	}
}
