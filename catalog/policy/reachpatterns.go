package policy

import "strings"

// AppendPatterns appends patterns with "*" and "?" to dst, of which at least one
// matches each ARN that the reach contains. They are there to find the reaches
// that may contain an ARN; most match more than Contains does.
func (r Reach) AppendPatterns(dst []string) []string {
	if r.Empty() {
		return dst
	}
	for _, g := range r.layers[0] {
		if g.resources == nil {
			dst = append(dst, "*")
		}
		for _, pattern := range g.resources {
			dst = append(dst, withoutVariables(pattern))
		}
	}
	return dst
}

// withoutVariables puts "*" in the place of policy variables.
func withoutVariables(pattern string) string {
	for {
		head, rest, found := strings.Cut(pattern, "${")
		if !found {
			return pattern
		}
		_, tail, closed := strings.Cut(rest, "}")
		if !closed {
			return pattern
		}
		pattern = head + "*" + tail
	}
}

// ByService reports whether it depends on the service that a role is passed to
// which roles are in reach: a statement has a condition on iam:PassedToService.
func (r Reach) ByService() bool {
	for _, layer := range r.layers {
		for _, g := range layer {
			for _, c := range g.conditions {
				if strings.EqualFold(c.Key, "iam:PassedToService") {
					return true
				}
			}
		}
	}
	return false
}
