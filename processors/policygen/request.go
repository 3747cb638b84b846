package policygen

import (
	"errors"
	"strings"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
)

// read reads a request into fields.
func read(request []byte, fields ...policy.Field) error {
	return policy.ReadFields("request", request, fields...)
}

// asFault turns a name that the catalog does not have into Faults; fields says
// which field of the request has the names of a kind.
func asFault(err error, fields map[catalog.Kind]string) error {
	err = policy.ExplainUnknown(err)
	if global, ok := errors.AsType[*policy.GlobalKeyError](err); ok {
		return policy.Faults{{Path: fields[catalog.KindConditionKey], Code: policy.CodeUnknownConditionKey, Reason: global.Error()}}
	}
	unknown, ok := errors.AsType[*catalog.UnknownError](err)
	if !ok {
		return err
	}
	return policy.Faults{{
		Path:   fields[unknown.Kind],
		Code:   "unknown-" + strings.ReplaceAll(string(unknown.Kind), " ", "-"),
		Reason: unknown.Error(),
	}}
}
