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

// The places of the parts of an ARN that Spread looks at.
const (
	regionPart  = 3
	AccountPart = 4
)

// Spread returns an ARN pattern, which may lack parts, with ":*" put in behind the
// region or the account that ends in "*", of both the account, and the place of that
// part. It returns 0 where neither does, or where no part stands behind it.
//
// It is how to compare by parts what IAM says of such a star: "If the * wildcard is
// the last character of a resource ARN segment, it can expand to match beyond the
// colon boundaries" (IAM User Guide, "IAM JSON policy elements: Resource"). One
// before the region goes nowhere, because IAM wants the service by its name, and
// one in the resource goes over colons as it is.
func Spread(pattern string) (spread string, part int) {
	at, end := 0, -1
	for place := 0; place <= AccountPart; place++ {
		next := strings.IndexByte(pattern[end+1:], ':')
		if next < 0 {
			break
		}
		end += 1 + next
		if place >= regionPart && pattern[end-1] == '*' {
			at, part = end, place
		}
	}
	if part == 0 {
		return "", 0
	}
	return pattern[:at] + ":*" + pattern[at:], part
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

// NarrowARN returns a normal ARN pattern with each part of it that covers that of
// another one replaced by the other's. The result matches all that both match, and
// nothing that pattern does not. It allocates only where parts of both are in it.
func NarrowARN(pattern, by string) string {
	var parts [arnParts]string
	own, other := true, true // all parts so far are the pattern's, or by's
	rest, narrower := pattern, by
	for i := range parts {
		x, y := rest, narrower
		if i < arnParts-1 {
			at, there := strings.IndexByte(rest, ':'), strings.IndexByte(narrower, ':')
			if at < 0 || there < 0 {
				return pattern
			}
			x, rest, y, narrower = rest[:at], rest[at+1:], narrower[:there], narrower[there+1:]
		}
		parts[i] = x
		if x != y {
			covers := x == "*" || Covers(x, y)
			own, other = own && !covers, other && covers
			if covers {
				parts[i] = y
			}
		}
	}
	switch {
	case own:
		return pattern
	case other:
		return by
	default:
		return strings.Join(parts[:], ":")
	}
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
