package glob

import "strings"

// arnParts is the number of parts of an ARN, of which the last may hold colons.
const arnParts = 6

// NormalizeARN returns an ARN pattern with all six parts. One that lacks some
// has "*" for them, as IAM completes it ("arn:aws:sqs is equivalent to
// arn:aws:sqs:*:*:*", IAM User Guide, "Identify AWS resources with Amazon Resource
// Names"). One that does not begin with "arn:" is refused: it fits nothing.
func NormalizeARN(pattern string) (normal string, ok bool) {
	if !strings.HasPrefix(pattern, "arn:") {
		return "", false
	}
	missing := arnParts - 1 - strings.Count(pattern, ":")
	return pattern + strings.Repeat(":*", max(0, missing)), true
}

// MatchARN is Match for a normal ARN pattern and an ARN, whose parts are compared one by one:
// "You can use wildcards within the individual segments of an ARN (the parts
// separated by colons)" (IAM User Guide, "IAM JSON policy elements: Resource").
func MatchARN(pattern, arn string) bool {
	return byParts(pattern, arn, func(x, y string) bool { return x == "*" || x == y || Match(x, y) })
}

// CoversARN is Covers for normal ARN patterns.
func CoversARN(wide, narrow string) bool {
	return byParts(wide, narrow, func(x, y string) bool { return x == "*" || Covers(x, y) })
}

// IntersectsARN is Intersects for normal ARN patterns.
func IntersectsARN(a, b string) bool {
	return byParts(a, b, func(x, y string) bool { return x == y || x == "*" || y == "*" || Intersects(x, y) })
}

func byParts(a, b string, agree func(x, y string) bool) bool {
	for range arnParts - 1 {
		i, j := strings.IndexByte(a, ':'), strings.IndexByte(b, ':')
		if i < 0 || j < 0 || !agree(a[:i], b[:j]) {
			return false
		}
		a, b = a[i+1:], b[j+1:]
	}
	return agree(a, b)
}
