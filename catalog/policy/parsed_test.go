package policy_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/leastwise/leastwise/catalog/policy"
)

// What is wrong with the text of a template keeps nothing that is wrong with its
// values from being told, and nothing is told twice.
func TestWriteParsedTellsTheFaultsOfTextAndValuesAtOnce(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	writer := policy.NewWriter(f.Catalog)
	tests := map[string]struct{ text, want string }{
		"both":            {`{"mode":"crud","raed":[],"read":["b"]}`, "raed unknown-field, read[0] malformed-arn"},
		"text alone":      {`{"mode":"crud","raed":[]}`, "raed unknown-field"},
		"values alone":    {`{"mode":"crud","read":["b"]}`, "read[0] malformed-arn"},
		"one place":       {`{"mode":"crud","effect":"Permit","effect":"Permit"}`, "effect repeated-field"},
		"no mode to read": {`{"mode":7,"read":["b"]}`, "mode wrong-type"},
		"of 2020":         {`{"policy_with_actions":[{"read":[],"actions":["s3:Nothing"]}]}`, "policy_with_actions[0].read unknown-field, policy_with_actions[0].actions[0] unknown-action"},
		"options":         {`{"mode":"crud","minimize":-1,"write":["b"]}`, "minimize wrong-type, write[0] malformed-arn"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			template, options, parsed := policy.ParseRequest([]byte(tt.text))
			_, err := writer.WriteParsed(template, options, parsed)
			faults, _ := errors.AsType[policy.Faults](err)
			var got []string
			for _, fault := range faults {
				got = append(got, fault.Path+" "+fault.Code)
			}
			if strings.Join(got, ", ") != tt.want {
				t.Errorf("got %v", err)
			}
		})
	}
	template, options, parsed := policy.ParseRequest([]byte(`[]`))
	if _, err := writer.WriteParsed(template, options, parsed); !errors.Is(err, parsed) {
		t.Errorf("got %v, want %v", err, parsed)
	}
	template, options, parsed = policy.ParseRequest([]byte(`{"mode":"crud"}`))
	if out, err := writer.WriteParsed(template, options, parsed); err != nil || len(out.Policies) != 1 {
		t.Errorf("got %v, %v", out, err)
	}
}
