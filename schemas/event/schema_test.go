package event_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/leastwise/leastwise/schemas/event"
)

func TestEverySchemaFileHasAContract(t *testing.T) {
	t.Parallel()
	want := []string{"common.schema.json"}
	for name := range contracts() {
		want = append(want, name+".schema.json")
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, schemaFiles(t)); diff != "" {
		t.Errorf("schema files (-contracts +embedded):\n%s", diff)
	}
}

func TestEveryKindHasItsSchemas(t *testing.T) {
	t.Parallel()
	for _, kind := range append(event.CountedKinds(), event.KindRun, event.KindDocument, event.KindJudgement) {
		for _, stage := range []string{"raw", "enriched"} {
			name := stage + "." + string(kind)
			_, ok := contracts()[name]
			if want := name != "raw.document" && name != "raw.judgement"; ok != want {
				t.Errorf("%s has a schema: %v, want %v", name, ok, want)
			}
		}
	}
}

func TestFullEventsSatisfyTheirSchema(t *testing.T) {
	t.Parallel()
	eachContract(t, func(t *testing.T, name string, zero validator, schema *jsonschema.Schema) {
		v := filled(t, zero)
		if paths := zeroPaths(t, v, name); paths != nil {
			t.Fatalf("the filled event left out %v", paths)
		}
		accept(t, schema, fitting(v))
	})
}

func TestMinimalEventsSatisfyTheirSchema(t *testing.T) {
	t.Parallel()
	eachContract(t, func(t *testing.T, _ string, zero validator, schema *jsonschema.Schema) {
		v := filled(t, zero)
		dropOptional(t, v)
		if phase := v.FieldByName("Phase"); phase.IsValid() {
			phase.SetString(string(event.PhaseOpened))
		}
		accept(t, schema, fitting(v))
	})
}

func TestEmptyEventsSatisfyNothing(t *testing.T) {
	t.Parallel()
	eachContract(t, func(t *testing.T, _ string, zero validator, schema *jsonschema.Schema) {
		reject(t, schema, zero)
	})
}

func TestUnknownFieldsAreRejected(t *testing.T) {
	t.Parallel()
	eachContract(t, func(t *testing.T, _ string, zero validator, schema *jsonschema.Schema) {
		raw, err := json.Marshal(fitting(filled(t, zero)))
		if err != nil {
			t.Fatal(err)
		}
		var object map[string]any
		if err := json.Unmarshal(raw, &object); err != nil {
			t.Fatal(err)
		}
		if err := judge(t, schema, object); err != nil {
			t.Fatalf("the event itself was rejected: %v", err)
		}
		object["stranger"] = true
		if judge(t, schema, object) == nil {
			t.Error("an unknown field was accepted")
		}
	})
}

// fitting gives a document event the hash of its content.
func fitting(v reflect.Value) validator {
	if d, ok := v.Interface().(event.Document); ok {
		d.Hash = event.HashDocument([]byte(d.Content))
		return d
	}
	return v.Interface().(validator)
}

func accept(t *testing.T, schema *jsonschema.Schema, v validator) {
	t.Helper()
	if err := v.Validate(); err != nil {
		t.Errorf("Validate: %v", err)
	}
	if err := judge(t, schema, v); err != nil {
		t.Errorf("schema: %#v", err)
	}
}

func reject(t *testing.T, schema *jsonschema.Schema, v validator) {
	t.Helper()
	if v.Validate() == nil {
		t.Errorf("Validate accepted %+v", v)
	}
	if judge(t, schema, v) == nil {
		t.Errorf("the schema accepted %+v", v)
	}
}

func TestSchemasNameTheFieldsOfTheGoTypes(t *testing.T) {
	t.Parallel()
	eachContract(t, func(t *testing.T, name string, zero validator, schema *jsonschema.Schema) {
		compare(t, name, reflect.TypeOf(zero), schema)
	})
}

// compare holds a Go type and a schema against each other, all the way down.
func compare(t *testing.T, path string, typ reflect.Type, schema *jsonschema.Schema) {
	t.Helper()
	described := schema.Description != ""
	for schema.Ref != nil {
		schema = schema.Ref
		described = described || schema.Description != ""
	}
	if !described {
		t.Errorf("%s has no description", path)
	}
	if want := jsonType(t, typ); schema.Types != nil && schema.Types.String() != "["+want+"]" {
		t.Errorf("%s is %s in the schema and %s in Go", path, schema.Types, want)
	} else if schema.Types == nil && schema.Enum == nil {
		t.Errorf("%s has neither type nor enum", path)
	}
	switch {
	case typ == reflect.TypeFor[time.Time]():
		if schema.Format == nil || schema.Format.Name != "date-time" {
			t.Errorf("%s is not a date-time", path)
		}
	case typ.Kind() == reflect.Struct:
		compareObject(t, path, typ, schema)
	case typ.Kind() == reflect.Pointer:
		compareObject(t, path, typ.Elem(), schema)
	case typ.Kind() == reflect.Slice:
		compareItem(t, path+"[]", typ.Elem(), schema.Items2020)
	case typ.Kind() == reflect.Map:
		item, ok := schema.AdditionalProperties.(*jsonschema.Schema)
		if !ok || len(schema.Properties) > 0 {
			t.Errorf("%s is not an open map in the schema", path)
		}
		compareItem(t, path+"{}", typ.Elem(), item)
	}
}

// compareItem compares elements, which may do without a description when they
// are plain values.
func compareItem(t *testing.T, path string, typ reflect.Type, schema *jsonschema.Schema) {
	t.Helper()
	if schema == nil {
		t.Errorf("%s has no schema", path)
		return
	}
	if typ.Kind() == reflect.Struct {
		compare(t, path, typ, schema)
	}
}

func compareObject(t *testing.T, path string, typ reflect.Type, schema *jsonschema.Schema) {
	t.Helper()
	if closed, ok := schema.AdditionalProperties.(bool); !ok || closed {
		t.Errorf("%s takes additional properties", path)
	}
	var names, required []string
	for _, f := range jsonFields(t, typ) {
		names = append(names, f.name)
		if !f.optional {
			required = append(required, f.name)
		}
		if property, ok := schema.Properties[f.name]; ok {
			compare(t, path+"."+f.name, f.typ, property)
		}
	}
	if diff := cmp.Diff(slices.Sorted(slices.Values(names)), slices.Sorted(maps.Keys(schema.Properties))); diff != "" {
		t.Errorf("%s: fields (-Go +schema):\n%s", path, diff)
	}
	if diff := cmp.Diff(slices.Sorted(slices.Values(required)), slices.Sorted(slices.Values(schema.Required))); diff != "" {
		t.Errorf("%s: required fields (-Go +schema):\n%s", path, diff)
	}
}

func jsonType(t *testing.T, typ reflect.Type) string {
	t.Helper()
	if typ == reflect.TypeFor[time.Time]() {
		return "string"
	}
	switch typ.Kind() {
	case reflect.Pointer:
		return jsonType(t, typ.Elem())
	case reflect.Struct, reflect.Map:
		return "object"
	case reflect.Slice, reflect.Array:
		return "array"
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Int64, reflect.Uint16:
		return "integer"
	case reflect.Float64:
		return "number"
	case reflect.String:
		return "string"
	}
	t.Fatalf("no JSON type for %s", typ)
	return ""
}

func TestSchemaIdsAreTheirFileNames(t *testing.T) {
	t.Parallel()
	compiler := newCompiler(t)
	for _, name := range schemaFiles(t) {
		schema, err := compiler.Compile(schemaBase + name)
		if err != nil {
			t.Fatal(err)
		}
		if schema.ID != schemaBase+name {
			t.Errorf("%s has the id %s", name, schema.ID)
		}
		if schema.DraftVersion != 2020 || schema.Title == "" || strings.TrimSpace(schema.Description) == "" {
			t.Errorf("%s: draft %d, title %q, description %q", name, schema.DraftVersion, schema.Title, schema.Description)
		}
	}
}

func ExampleSchemas() {
	file, err := event.Schemas().Open("raw.role.schema.json")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(info.Name())
	// Output: raw.role.schema.json
}
