package policy

import (
	"slices"
	"strings"
)

// deny adds to t what the Deny statements of its trust policy make of it, for a
// principal that a statement lets in.
func (t *Trust) deny(doc *Document, allow *Statement, p Principal) {
	for i := range doc.Statements {
		d := &doc.Statements[i]
		if d.Effect != Deny || !d.concerns(p, t.Excluded) || !d.takesAll(allow) {
			continue
		}
		if holds, _ := d.HoldsFor(p.Value); holds && (d.Conditions == nil || !t.Excluded) {
			t.Denied, t.Denials = true, append(t.Denials, i)
		} else if demand, ok := spared(d.Conditions, p); ok {
			t.Demanded, t.Denials = append(t.Demanded, demand), append(t.Denials, i)
		}
	}
}

// concerns reports whether a Deny is for a principal that an Allow names, or for
// everyone but it where the Allow leaves it out.
func (s *Statement) concerns(p Principal, excluded bool) bool {
	if s.NotPrincipals != nil {
		// That of an account may stand for its principals.
		return !excluded && p.Trusted() != TrustedEveryone && !slices.ContainsFunc(s.NotPrincipals, func(n Principal) bool {
			return n == p || accountIn(n.Value) != "" && accountIn(n.Value) == accountIn(p.Value)
		})
	}
	return slices.ContainsFunc(s.Principals, func(d Principal) bool {
		everyone := d.Value == "*" && (d.Kind == PrincipalAny || d.Kind == PrincipalAWS)
		return everyone || d == p && !excluded
	})
}

// takesAll reports whether the statement is about every way of taking the role
// that another is about.
func (s *Statement) takesAll(other *Statement) bool {
	return !slices.ContainsFunc(takingActions(), func(action string) bool { return other.names(action) && !s.names(action) })
}

// spared returns the condition that whoever a Deny is to spare must meet: the
// opposite of its own one, which holds for requests without the key too.
func spared(conditions []Condition, p Principal) (Condition, bool) {
	var only []Condition
	for _, c := range conditions {
		// No principal but a service is one.
		if !strings.EqualFold(c.Key, "aws:PrincipalIsAWSService") || p.Kind == PrincipalService || !slices.ContainsFunc(c.Values, isNot("true")) {
			only = append(only, c)
		}
	}
	if len(only) != 1 {
		return Condition{}, false
	}
	o, ok := parseOperator(only[0].Operator)
	if !ok || !o.negated() || o.set != "" {
		return Condition{}, false
	}
	return Condition{Operator: strings.Replace(o.base, "Not", "", 1), Key: only[0].Key, Values: only[0].Values}, true
}
