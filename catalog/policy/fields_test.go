package policy_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leastwise/leastwise/catalog/policy"
)

func TestReadFields(t *testing.T) {
	t.Parallel()
	type object struct {
		Name, Text string
		Least      int
		Wide       bool
		Actions    []string
		Unreadable string
	}
	for input, want := range map[string]struct {
		object object
		fault  string // part of the error
	}{
		"":               {},
		" \n":            {},
		"{}":             {},
		`{"name":"a"}`:   {object: object{Name: "a"}},
		`{"name":null}`:  {},
		`{"least":3.0}`:  {object: object{Least: 3}},
		`{"least":1e2}`:  {object: object{Least: 100}},
		`{"least":-1}`:   {fault: "least: -1 is not a whole number of at least 0"},
		`{"least":1.5}`:  {fault: "least: 1.5 is not a whole number of at least 0"},
		`{"least":1e99}`: {fault: "least: 1e99 is too large a number"},
		`{"wide":true}`:  {object: object{Wide: true}},
		`{"wide":1}`:     {fault: "wide: the value is a number, not a boolean"},
		`{"policy": {"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}} , "name":"a"}`: {
			object: object{Name: "a", Text: `{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`, Actions: []string{"s3:*"}},
		},
		`{"policy":{"Version":[{}]},"name":"a"}`: {object: object{Name: "a", Text: `{"Version":[{}]}`, Unreadable: "has no Statement element"}},
		`{"policy":["]"],"name":"a"}`:            {object: object{Name: "a", Text: `["]"]`, Unreadable: "is an array, not an object"}},
		`{"policy":{"Statement":3},"least":1}`:   {object: object{Least: 1, Text: `{"Statement":3}`, Unreadable: "Statement is a number, not an object or a list of objects"}},
		`{"name":1,"nam":2,"name":3}`:            {fault: "name: the value is a number, not a string\nnam: the thing has no field \"nam\"; did you mean name?\nname: the field stands twice\nname: the value"},
		`{"policies":[]}`:                        {fault: `policies: the thing has no field "policies"; it has name, least, wide, policy`},
		`[]`:                                     {fault: "the value is an array, not an object"},
		`null`:                                   {fault: "the value is null, not an object"},
		`{"policy":{"Statement":[}`:              {fault: "parse thing: byte 24: is not JSON"},
		`{"name":"a"} x`:                         {fault: "parse thing: byte 13: is not JSON"},
	} {
		var got object
		var sent policy.Sent
		err := policy.ReadFields("thing", []byte(input),
			policy.Field{Name: "name", To: &got.Name}, policy.Field{Name: "least", To: &got.Least},
			policy.Field{Name: "wide", To: &got.Wide}, policy.Field{Name: "policy", To: &sent})
		if want.fault != "" {
			if err == nil || !strings.Contains(err.Error(), want.fault) {
				t.Errorf("%s: error %v, want %q", input, err, want.fault)
			}
			continue
		}
		got.Text = sent.Text
		if sent.Document != nil {
			got.Actions = sent.Statements[0].Actions
		}
		if syntax, ok := errors.AsType[*policy.SyntaxError](sent.Err); ok {
			got.Unreadable = syntax.Reason
		}
		if diff := cmp.Diff(want.object, got); diff != "" || err != nil {
			t.Errorf("%s: error %v (-want +got):\n%s", input, err, diff)
		}
	}
}
