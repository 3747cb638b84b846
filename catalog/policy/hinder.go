package policy

import (
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog"
)

// Unhindered is Reach without the resources on which a Deny under conditions
// stands in the way of the action: one that the principal cannot go around by
// asking otherwise. All of its conditions look at the principal, at multi-factor
// authentication, at where the request comes from, or at what a key of IAM or STS
// says of the request, as iam:PolicyARN does. What the principal decides is
// decided: a Deny for others stands in nobody's way. Of iam:PassRole a Deny of
// passing roles to other services does not either, where the service is known.
func (f *Effective) Unhindered(a catalog.ActionID) Reach { return f.reach(a, unhindered) }

// hinders reports whether a Deny under conditions stands in the way of the caller.
func (w *caller) hinders(deny *Statement) bool {
	for _, c := range deny.Conditions {
		switch w.decide(c) {
		case never:
			return false
		case undecided:
			if !c.binds() {
				return false
			}
		}
	}
	return len(deny.Conditions) > 0
}

// HindersTaking reports whether a Deny of a trust policy stands in the way of a
// principal as Unhindered has it.
func (s *Statement) HindersTaking(principal string) bool {
	who := trustedCaller(principal)
	return s.Effect == Deny && s.takesFor(principal) && who.hinders(s)
}

// binds reports whether the key of a condition says something that who makes a
// request cannot choose as it likes.
func (c Condition) binds() bool {
	key := strings.ToLower(c.Key)
	return slices.ContainsFunc([]string{"iam:", "sts:", "aws:principal", "aws:viaawsservice", "aws:calledvia"}, func(prefix string) bool {
		return strings.HasPrefix(key, prefix)
	}) || slices.Contains([]ConditionGrade{ConditionMFA, ConditionSourceIP, ConditionPrincipal}, c.about())
}
