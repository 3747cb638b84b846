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
	o, _ := parseOperator(c.Operator)
	return o.holds(c.Values, value)
}

// holds is that of a condition with some values, of which one is enough; a negated
// operator wants none of them.
func (o operator) holds(values []string, value string) (holds, sure bool) {
	switch o.compares() {
	case typeNull:
		return slices.ContainsFunc(values, func(want string) bool { return strings.EqualFold(want, "false") }), true
	case typeString, typeARN:
	default:
		return false, false
	}
	sure = true
	for _, want := range values {
		switch o.fits(want, value) {
		case always:
			return !o.negated(), true
		case undecided:
			sure = false
		}
	}
	return o.negated(), sure
}

// fits says whether a value fits one that a condition names, but for the operator's
// "Not". IAM treats ArnEquals and ArnLike as one.
func (o operator) fits(want, value string) certainty {
	switch {
	case strings.Contains(want, "${"):
		return undecided
	case o.compares() == typeARN:
		return fitsARN(want, value)
	case strings.HasSuffix(o.base, "Like"):
		return certain(glob.Match(want, value))
	case strings.HasSuffix(o.base, "IgnoreCase"):
		return certain(strings.EqualFold(want, value))
	default:
		return certain(want == value)
	}
}

// fitsARN compares ARNs part by part, as IAM does (IAM User Guide, "IAM JSON policy
// elements: Condition operators"). What it makes of a pattern that lacks parts, as "*",
// or for which comparing the whole says something else, and of values that are no
// ARNs, is not known.
func fitsARN(want, value string) certainty {
	switch {
	case !strings.HasPrefix(value, "arn:") || strings.Count(want, ":") < 5:
		return undecided
	case !glob.Match(want, value):
		return never // neither do the parts
	case !glob.MatchARN(want, value):
		return undecided
	default:
		return always
	}
}
