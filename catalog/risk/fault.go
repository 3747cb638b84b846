package risk

import (
	"fmt"
	"strings"
)

// Fault is one thing that is wrong with a rule file or an exclusions file.
type Fault struct {
	File string
	Line int // from 1, or 0 where the file as a whole is wrong
	// Rule is the id of the rule, or "".
	Rule   string
	Reason string // one clause
}

// Error returns the fault with its place.
func (f Fault) Error() string {
	place := f.File
	if f.Line > 0 {
		place = fmt.Sprintf("%s:%d", f.File, f.Line)
	}
	if f.Rule != "" {
		place += ": " + f.Rule
	}
	return place + ": " + f.Reason
}

// Faults are all that is wrong with one file, in its order.
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
