package policy

import (
	"fmt"
	"strings"
)

// The codes of faults in a template. Notes use CodeNoAccount, CodeNoAction,
// CodeNotWildcardOnly, CodeExcluded, CodeNotRestricted, CodeNoStatement, and some of
// the others.
const (
	CodeUnknownField    = "unknown-field"     // a key that templates do not have, or not in this mode
	CodeRepeatedField   = "repeated-field"    // a key that stands twice
	CodeWrongType       = "wrong-type"        // a value of another JSON type
	CodeUnknownMode     = "unknown-mode"      // a mode other than crud and actions
	CodeUnknownEffect   = "unknown-effect"    // an effect other than Allow and Deny
	CodeMalformedARN    = "malformed-arn"     // a text that is not an ARN
	CodeUnknownService  = "unknown-service"   // a service that the catalog does not have
	CodeUnknownAction   = "unknown-action"    // an action or pattern that names nothing in the catalog
	CodeUnknownResource = "unknown-resource"  // an ARN of none of its service's resource types
	CodeNoAccount       = "no-account"        // an ARN that names only what is public
	CodeNoAction        = "no-action"         // a resource type or service without actions at the level
	CodeNotWildcardOnly = "not-wildcard-only" // an action that can be bound to resources
	CodeExcluded        = "excluded"          // asked for and excluded

	CodeUnknownOperator     = "unknown-operator"          // no condition operator of IAM
	CodeWrongOperator       = "wrong-operator"            // one that does not suit the key's values
	CodeMalformedValue      = "malformed-value"           // a condition's value of another kind than its operator compares with
	CodeUnknownConditionKey = "unknown-condition-key"     // a key that the catalog does not have
	CodeUnsupportedKey      = "unsupported-condition-key" // a key that the actions do not know
	CodeNotRestricted       = "not-restricted"            // granted without a condition
	CodeTooLarge            = "too-large"                 // more than a policy can hold
	CodeNoStatement         = "no-statement"              // a policy that grants and denies nothing
)

// Fault is one thing that is wrong with a template, or one that a written
// policy leaves out.
type Fault struct {
	// Path is the place in the template: "read[2]", "wildcard-only.service-list[0]".
	Path string `json:"path"`
	// Code is one of the Code constants.
	Code string `json:"code"`
	// Reason is one sentence, with a suggestion where there is one.
	Reason string `json:"reason"`
}

// Error returns the fault with its place.
func (f Fault) Error() string {
	if f.Path == "" {
		return f.Reason
	}
	return f.Path + ": " + f.Reason
}

// Faults are all that is wrong with one template, in the order of its fields.
type Faults []Fault

// Error returns the faults, one a line.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the faults one by one, for errors.Is and errors.As.
func (f Faults) Unwrap() []error {
	errs := make([]error, len(f))
	for i, fault := range f {
		errs[i] = fault
	}
	return errs
}

// err returns the faults as an error, or nil where there are none.
func (f Faults) err() error {
	if len(f) == 0 {
		return nil
	}
	return f
}

func (f *Faults) add(path, code, format string, args ...any) {
	*f = append(*f, Fault{Path: path, Code: code, Reason: fmt.Sprintf(format, args...)})
}

// didYouMean returns a suggestion as the tail of a sentence, or "".
func didYouMean(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "; did you mean " + strings.Join(names, " or ") + "?"
}
