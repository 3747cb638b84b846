package event_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"github.com/leastwise/leastwise/schemas/event"
)

// schemaBase is what the $id of every schema begins with.
const schemaBase = "https://github.com/leastwise/leastwise/schemas/event/"

// validator is what every event and the job are.
type validator interface{ Validate() error }

// contracts names the Go type behind each schema.
func contracts() map[string]validator {
	return map[string]validator{
		"job":                 event.Job{},
		"raw.account":         event.Account{},
		"raw.user":            event.User{},
		"raw.role":            event.Role{},
		"raw.group":           event.Group{},
		"raw.policy":          event.Policy{},
		"raw.access":          event.Access{},
		"raw.credential":      event.Credential{},
		"raw.run":             event.Run{},
		"enriched.account":    event.Account{},
		"enriched.user":       event.EnrichedUser{},
		"enriched.role":       event.EnrichedRole{},
		"enriched.group":      event.EnrichedGroup{},
		"enriched.policy":     event.EnrichedPolicy{},
		"enriched.access":     event.Access{},
		"enriched.credential": event.Credential{},
		"enriched.run":        event.Run{},
		"enriched.document":   event.Document{},
		"enriched.judgement":  event.Judgement{},
	}
}

// eachContract runs a subtest per schema.
func eachContract(t *testing.T, test func(t *testing.T, name string, zero validator, schema *jsonschema.Schema)) {
	t.Helper()
	compiler := newCompiler(t)
	for _, name := range slices.Sorted(maps.Keys(contracts())) {
		schema, err := compiler.Compile(schemaBase + name + ".schema.json")
		if err != nil {
			t.Fatalf("compile %s: %v", name, err)
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, name, contracts()[name], schema)
		})
	}
}

// newCompiler knows the embedded schemas and nothing else: a $ref to any other
// place does not compile.
func newCompiler(t *testing.T) *jsonschema.Compiler {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	compiler.UseLoader(jsonschema.SchemeURLLoader{})
	for _, name := range schemaFiles(t) {
		raw, err := fs.ReadFile(event.Schemas(), name)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
		if err != nil {
			t.Fatalf("read %s: %v", name, err)
		}
		if err := compiler.AddResource(schemaBase+name, doc); err != nil {
			t.Fatalf("add %s: %v", name, err)
		}
	}
	return compiler
}

func schemaFiles(t *testing.T) []string {
	t.Helper()
	names, err := fs.Glob(event.Schemas(), "*.schema.json")
	if err != nil || len(names) == 0 {
		t.Fatalf("glob schemas: %v, %v", names, err)
	}
	return names
}

// judge returns what the schema says of the JSON of a Go value.
func judge(t rapid.TB, schema *jsonschema.Schema, v any) error {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("marshal %T: %v", v, err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(doc)
}

// newValue returns a settable value of the type of v.
func newValue(v any) reflect.Value { return reflect.New(reflect.TypeOf(v)).Elem() }
