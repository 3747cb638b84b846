package policygen

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
)

// decode reads a request into to, a pointer to a struct. An empty request is {}. Of a
// field that stands twice the last value holds. What is not JSON is an ErrorReply,
// what the struct does not have are Faults.
func decode(request []byte, to any) error {
	if len(bytes.TrimSpace(request)) == 0 {
		return nil
	}
	err := json.Unmarshal(request, to, json.RejectUnknownMembers(true), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	var wrong *json.SemanticError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &wrong):
		return &ErrorReply{Code: CodeBadRequest, Reason: "parse request: " + strings.TrimPrefix(err.Error(), "jsontext: ")}
	case errors.Is(err, json.ErrUnknownName):
		name := wrong.JSONPointer.LastToken()
		return policy.Faults{{Path: name, Code: policy.CodeUnknownField, Reason: fmt.Sprintf("the request has no field %q; it has %s", name, fieldsOf(to))}}
	default:
		return policy.Faults{{Path: wrong.JSONPointer.LastToken(), Code: policy.CodeWrongType, Reason: wrongType(wrong)}}
	}
}

// wrongType says what a value is, and what it should be.
func wrongType(wrong *json.SemanticError) string {
	want := "an object"
	switch wrong.GoType.Kind() {
	case reflect.String:
		want = "a string"
	case reflect.Bool:
		want = "a boolean"
	case reflect.Int:
		want = "a whole number"
	}
	switch wrong.JSONKind {
	case '{':
		return "the value is an object, not " + want
	case '[':
		return "the value is an array, not " + want
	case 't', 'f':
		return "the value is a boolean, not " + want
	case '0':
		if want == "a whole number" {
			return "the value is not a whole number, or too large"
		}
	}
	return "the value is a " + wrong.JSONKind.String() + ", not " + want
}

// fieldsOf names the fields of a pointer to a struct, as they are in JSON.
func fieldsOf(to any) string {
	fields := reflect.VisibleFields(reflect.TypeOf(to).Elem())
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i], _, _ = strings.Cut(f.Tag.Get("json"), ",")
	}
	return strings.Join(names, ", ")
}

// asFault turns a name that the catalog does not have into Faults; fields says
// which field of the request has the names of a kind.
func asFault(err error, fields map[catalog.Kind]string) error {
	var unknown *catalog.UnknownError
	if !errors.As(err, &unknown) {
		return err
	}
	return policy.Faults{{
		Path:   fields[unknown.Kind],
		Code:   "unknown-" + strings.ReplaceAll(string(unknown.Kind), " ", "-"),
		Reason: unknown.Error(),
	}}
}
