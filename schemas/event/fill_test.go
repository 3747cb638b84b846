package event_test

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/leastwise/leastwise/schemas/event"
)

// jsonField is a field as encoding/json sees it: embedded structs are flat.
type jsonField struct {
	name  string
	index []int
	typ   reflect.Type
	// optional fields are left out of the JSON when they are zero.
	optional bool
}

// jsonFields lists the JSON fields of a struct type.
func jsonFields(t rapid.TB, typ reflect.Type) []jsonField {
	t.Helper()
	var fields []jsonField
	for _, f := range reflect.VisibleFields(typ) {
		if f.Anonymous {
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" {
			t.Fatalf("%s.%s has no JSON name", typ, f.Name)
		}
		fields = append(fields, jsonField{
			name: name, index: f.Index, typ: f.Type,
			optional: strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero"),
		})
	}
	return fields
}

// validStrings holds values for the fields that take no other string, by
// "Type.json_name", or by "json_name" alone.
func validStrings() map[string]string {
	return map[string]string{
		"account":            "123456789012",
		"hash":               event.HashDocument([]byte("x")),
		"document":           event.HashDocument([]byte("y")),
		"trust":              event.HashDocument([]byte("z")),
		"version":            "0123456789abcdef",
		"access_level":       "Permissions management",
		"state":              string(event.StateThrottled),
		"controls_state":     string(event.StateAccessDenied),
		"management":         "210987654321",
		"accounts":           event.HashDocument([]byte("[]")),
		"granularity":        event.GranularityAction,
		"owner":              event.OwnerCustomer,
		"entity":             string(event.KindRole),
		"phase":              string(event.PhaseClosed),
		"status":             string(event.RunPartial),
		"PolicyRef.source":   event.SourceManaged,
		"Run.source":         event.SourceImport,
		"EnrichedRun.source": event.SourceImport,
		"judge":              "fedcba9876543210",
		"Finding.id":         "0123456789abcdef",
		"severity":           "critical",
	}
}

// filled returns a valid value of the type of zero in which nothing is zero.
func filled(t rapid.TB, zero any) reflect.Value {
	t.Helper()
	v := newValue(zero)
	fill(t, v, "", "")
	return v
}

// fill sets v, the field name of the struct type owner.
func fill(t rapid.TB, v reflect.Value, owner, name string) {
	t.Helper()
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for _, f := range jsonFields(t, v.Type()) {
			fill(t, v.FieldByIndex(f.index), v.Type().Name(), f.name)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), owner, name)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			fill(t, v.Index(i), owner, name)
		}
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(t, key, owner, name)
		switch {
		case key.Type() == reflect.TypeFor[event.Kind]():
			key.SetString(string(event.KindUser))
		case owner == "Totals":
			key.SetString("high")
		}
		fill(t, value, owner, name)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.String:
		v.SetString(validString(owner, name))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(1)
	case reflect.Uint16:
		v.SetUint(65535)
	case reflect.Float64:
		v.SetFloat(12.5)
	default:
		t.Fatalf("no filler for %s.%s of type %s", owner, name, v.Type())
	}
}

func validString(owner, name string) string {
	for _, key := range []string{owner + "." + name, name} {
		if s, ok := validStrings()[key]; ok {
			return s
		}
	}
	return "x"
}

// dropOptional zeroes whatever the JSON of v may lack.
func dropOptional(t rapid.TB, v reflect.Value) {
	t.Helper()
	if v.Kind() != reflect.Struct || v.Type() == reflect.TypeFor[time.Time]() {
		return
	}
	for _, f := range jsonFields(t, v.Type()) {
		field := v.FieldByIndex(f.index)
		if f.optional {
			field.SetZero()
		}
		dropOptional(t, field)
	}
}

// zeroPaths lists the places of v that are zero.
func zeroPaths(t rapid.TB, v reflect.Value, path string) []string {
	t.Helper()
	if v.IsZero() {
		return []string{path}
	}
	var zero []string
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
	case v.Kind() == reflect.Struct:
		for _, f := range jsonFields(t, v.Type()) {
			zero = append(zero, zeroPaths(t, v.FieldByIndex(f.index), path+"."+f.name)...)
		}
	case v.Kind() == reflect.Pointer:
		zero = zeroPaths(t, v.Elem(), path)
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			zero = append(zero, zeroPaths(t, v.Index(i), fmt.Sprintf("%s[%d]", path, i))...)
		}
	}
	return zero
}
