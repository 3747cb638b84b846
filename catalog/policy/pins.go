package policy

import (
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog/internal/glob"
)

// negated reports whether the operator holds for other values than those named.
func (o operator) negated() bool { return strings.Contains(o.base, "Not") }

// pins reports whether a condition fails for requests that lack its key or have
// another value than those it names.
func (c Condition) pins() bool {
	o, ok := parseOperator(c.Operator)
	if !ok || o.negated() || o.ifExists || o.set == forAllValues || len(c.Values) == 0 {
		return false
	}
	switch o.compares() {
	case typeNull:
		return !slices.ContainsFunc(c.Values, isNot("false"))
	case typeBool:
		// All requests of today's clients come over TLS.
		return !slices.ContainsFunc(c.Values, isNot("true")) && !strings.EqualFold(c.Key, "aws:SecureTransport")
	case typeAddress:
		return !slices.ContainsFunc(c.Values, func(value string) bool { return strings.HasSuffix(value, "/0") })
	case typeString, typeARN:
		return !slices.ContainsFunc(c.Values, func(value string) bool { return isBroad(value) || isVariable(value, c.Key) })
	default:
		return true
	}
}

// isNot returns a function that reports whether a value is another one.
func isNot(word string) func(string) bool {
	return func(value string) bool { return !strings.EqualFold(value, word) }
}

// isBroad reports whether a value is nothing but wildcards, or an ARN that is so
// behind its partition.
func isBroad(value string) bool {
	if strings.Trim(value, glob.Wildcards) == "" {
		return true
	}
	parts := strings.SplitN(value, ":", 6)
	return len(parts) == 6 && parts[0] == "arn" && strings.Trim(strings.Join(parts[2:], ""), glob.Wildcards) == ""
}

// isVariable reports whether a value is the policy variable of the key that it
// is compared with, so that every request fits.
func isVariable(value, key string) bool {
	return strings.EqualFold(value, "${"+key+"}")
}

// holds reports whether a condition holds for a request whose key has one value,
// and whether that can be judged.
func (c Condition) holds(value string) (holds, sure bool) {
	o, ok := parseOperator(c.Operator)
	var match func(string) bool
	switch strings.Replace(o.base, "Not", "", 1) {
	case "StringEquals":
		match = func(want string) bool { return want == value }
	case "StringEqualsIgnoreCase":
		match = func(want string) bool { return strings.EqualFold(want, value) }
	case "StringLike", "ArnLike", "ArnEquals": // IAM treats the last two as one
		match = func(want string) bool { return glob.Match(want, value) }
	case "Null":
		return slices.ContainsFunc(c.Values, func(want string) bool { return strings.EqualFold(want, "false") }), ok
	default:
		return false, false
	}
	if slices.ContainsFunc(c.Values, func(want string) bool { return strings.Contains(want, "${") }) {
		return false, false
	}
	return slices.ContainsFunc(c.Values, match) != o.negated(), ok
}
