package catalog

import (
	"fmt"
	"strings"

	"github.com/leastwise/leastwise/catalog/internal/glob"
)

// suggestions is how many nearest names an UnknownError has at most.
const suggestions = 3

// Kind says what a name is the name of.
type Kind string

// The kinds of names in a catalog.
const (
	KindService      Kind = "service"
	KindAction       Kind = "action"
	KindResourceType Kind = "resource type"
	KindConditionKey Kind = "condition key"
)

// UnknownError is a name that the catalog does not have.
type UnknownError struct {
	Kind Kind
	Name string
	// Of is the prefix of the service that was asked for it, or "" for all.
	Of string
	// Why says what else is wrong with the name, and what to do; "" for nothing.
	Why string
	// Nearest are the names that it may have been meant to be, the nearest first.
	Nearest []string
}

// Error returns one sentence with the suggestions.
func (e *UnknownError) Error() string {
	owner := "the catalog"
	if e.Of != "" {
		owner = "service " + e.Of
	}
	s := fmt.Sprintf("%s has no %s %q", owner, e.Kind, e.Name)
	if e.Why != "" {
		s += ": " + e.Why
	}
	if len(e.Nearest) > 0 {
		s += "; did you mean " + strings.Join(e.Nearest, " or ") + "?"
	}
	return s
}

// noPattern is why a pattern is unknown where names are looked up.
const noPattern = "a name is wanted here, and no pattern"

// whyUnknown says of a name that a service does not have whether it is a pattern,
// or one of all names of the catalog. Of is the prefix of the service, or "" for all.
func whyUnknown(name, of string, all *names, same func(known, name string) bool) string {
	if glob.HasWildcard(name) {
		return noPattern
	}
	if of == "" {
		return ""
	}
	for i := range all.len() {
		if same(all.at(i), name) {
			return "other services have it; ask for all"
		}
	}
	return ""
}
