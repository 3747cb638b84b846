package policy

import (
	"slices"

	"github.com/leastwise/leastwise/catalog/internal/glob"
)

// AppendPatterns appends patterns with "*" and "?" to dst, of which at least one
// matches each ARN that the reach contains. They are there to find the reaches
// that may contain an ARN; most match more than Contains does.
func (r Reach) AppendPatterns(dst []string) []string {
	if r.Empty() {
		return dst
	}
	if len(r.layers) == 0 {
		return append(dst, "*")
	}
	for _, c := range r.layers[0] {
		if c.width == named {
			dst = append(dst, c.patterns...)
		} else {
			dst = append(dst, "*")
		}
	}
	return dst
}

// AppendNamed appends to dst all patterns with "*" and "?" that the reach depends
// on: those of every statement that allows, or that denies all but them. They are
// there to think of an ARN that the reach contains; "*" is left out.
func (r Reach) AppendNamed(dst []string) []string {
	for _, layer := range r.layers {
		for _, c := range layer {
			if c.width == named {
				dst = append(dst, c.patterns...)
			}
		}
	}
	for _, c := range r.denies {
		if c.width == allBut {
			dst = append(dst, c.patterns...)
		}
	}
	return dst
}

// ByService reports whether it depends on the service that a role is passed to
// which roles are in reach: a statement has a condition on iam:PassedToService.
func (r Reach) ByService() bool {
	passes := func(c reachClause) bool { return len(c.passed) > 0 }
	for _, layer := range r.layers {
		if slices.ContainsFunc(layer, passes) {
			return true
		}
	}
	return slices.ContainsFunc(r.denies, passes)
}

// AnyPassed reports whether roles that one pattern of the statements names may be
// passed to a service: every layer allows them, and no Deny has all of them. It is
// there for what Sure returns, of which PassedTo would say too much.
func (r Reach) AnyPassed(service string) bool {
	patterns := append(r.AppendNamed(nil), "arn:*:*:*:*:*")
	return r.some && slices.ContainsFunc(patterns, func(p string) bool {
		return r.anyPassed(p, service) || r.china && r.anyPassed(p, service+chinese)
	})
}

func (r Reach) anyPassed(pattern, service string) bool {
	covers := func(wide string) bool { return glob.CoversARN(wide, pattern) }
	meets := func(other string) bool { return glob.IntersectsARN(other, pattern) }
	for _, layer := range r.layers {
		if !slices.ContainsFunc(layer, func(c reachClause) bool {
			return c.applies(service) && (c.width == everywhere || slices.ContainsFunc(c.patterns, covers) == (c.width == named))
		}) {
			return false
		}
	}
	return !slices.ContainsFunc(r.denies, func(c reachClause) bool {
		all := c.width == everywhere || c.width == named && slices.ContainsFunc(c.patterns, covers)
		return c.applies(service) && (all || c.width == allBut && !slices.ContainsFunc(c.patterns, meets))
	})
}
