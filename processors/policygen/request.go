package policygen

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
)

// decode reads a request into to, a pointer to a struct. An empty request is {}.
// What is not JSON is an ErrorReply, what the struct does not have are Faults.
func decode(request []byte, to any) error {
	if len(bytes.TrimSpace(request)) == 0 {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(request))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(to)
	if err == nil {
		if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
			return &ErrorReply{Code: CodeBadRequest, Reason: "the request has something behind its JSON object"}
		}
		return nil
	}
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return policy.Faults{{Path: wrong.Field, Code: policy.CodeWrongType, Reason: "the value is of JSON type " + wrong.Value}}
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return policy.Faults{{Path: strings.Trim(name, `"`), Code: policy.CodeUnknownField, Reason: "the request has no field " + name + "; it has " + fieldsOf(to)}}
	}
	return &ErrorReply{Code: CodeBadRequest, Reason: "parse request: " + err.Error()}
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
