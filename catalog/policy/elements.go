package policy

import "strings"

// documentElements and statementElements are the element names of IAM's
// grammar (IAM User Guide, "Grammar of the IAM JSON policy language").
const (
	documentElements  = "Version Id Statement"
	statementElements = "Sid Effect Principal NotPrincipal Action NotAction Resource NotResource Condition"
)

// elements reads the object of one statement.
func (p *parser) elements(s *Statement) {
	start := p.pos
	var seen keys
	p.enter()
	for p.more() {
		name, at := p.key()
		p.noteRepeat(&seen, name, at, lastHolds)
		switch name {
		case "Sid":
			s.SID, p.sidAt = p.single(name, at), at
		case "Effect":
			s.Effect = p.effect(at)
		case "Principal":
			s.Principals = p.principals(name, at)
		case "NotPrincipal":
			s.NotPrincipals = p.principals(name, at)
		case "Action":
			s.Actions = p.list(name)
		case "NotAction":
			s.NotActions = p.list(name)
		case "Resource":
			s.Resources = p.list(name)
		case "NotResource":
			s.NotResources = p.list(name)
		case "Condition":
			s.Conditions = p.conditions(at)
		default:
			p.unknown(name, at, statementElements)
		}
	}
	p.shape(&seen, start)
}

// shape notes elements that are missing or exclude each other.
func (p *parser) shape(seen *keys, at int) {
	if !seen.has("Effect") {
		p.problem(at, "Effect", "is missing")
	}
	principal := p.either(seen, "Principal", "NotPrincipal", at)
	action := p.either(seen, "Action", "NotAction", at)
	resource := p.either(seen, "Resource", "NotResource", at)
	if !action {
		p.problem(at, "Action", "is missing, and NotAction too")
	}
	// A trust policy has principals and no resource; any other needs one.
	if !principal && !resource {
		p.problem(at, "Resource", "is missing, and NotResource too")
	}
}

// either reports whether one of two elements is there, and notes it if both are.
func (p *parser) either(seen *keys, name, not string, at int) bool {
	has, hasNot := seen.has(name), seen.has(not)
	if has && hasNot {
		p.problem(at, name, "cannot stand beside %s", not)
	}
	return has || hasNot
}

func (p *parser) effect(at int) Effect {
	isString := p.kind() == '"'
	switch v := p.single("Effect", at); {
	case v == "Allow":
		return Allow
	case v == "Deny":
		return Deny
	case isString:
		p.problem(at, "Effect", "%q is neither Allow nor Deny", v)
	}
	return EffectNone
}

// single reads an element that must be one string.
func (p *parser) single(name string, at int) string {
	if first := p.kind(); first != '"' {
		p.problem(at, name, "is %s, not a string", kindName(first))
		p.skip()
		return ""
	}
	return p.text()
}

// list reads a string or a list of strings. The result is never nil.
func (p *parser) list(name string) []string {
	if p.kind() != '[' {
		return p.appendString(make([]string, 0, 1), name)
	}
	at := p.pos
	p.enter()
	p.values = p.values[:0]
	for p.more() {
		p.values = p.appendString(p.values, name)
	}
	if len(p.values) == 0 {
		p.problem(at, name, "has no values")
	}
	return append(make([]string, 0, len(p.values)), p.values...)
}

func (p *parser) appendString(values []string, name string) []string {
	if first := p.kind(); first != '"' {
		p.problem(p.pos, name, "holds %s, not a string", kindName(first))
		p.skip()
		return values
	}
	return append(values, p.text())
}

// principals reads Principal or NotPrincipal. The result is never nil.
func (p *parser) principals(name string, at int) []Principal {
	principals := []Principal{}
	switch first := p.kind(); first {
	case '"':
		value := p.text()
		if value == "*" {
			return append(principals, Principal{Kind: PrincipalAny, Value: value})
		}
		p.problem(at, name, "%q is a string other than *; read as an AWS principal", value)
		return append(principals, Principal{Kind: PrincipalAWS, Value: value})
	case '{':
	default:
		p.problem(at, name, "is %s, not * or an object", kindName(first))
		p.skip()
		return principals
	}
	var seen keys
	p.enter()
	for p.more() {
		kind, at := p.key()
		p.noteRepeat(&seen, kind, at, allKept)
		switch kind {
		case PrincipalAWS, PrincipalService, PrincipalFederated, PrincipalCanonicalUser:
		default:
			p.problem(at, name, "%q is not a kind of principal", kind)
		}
		for _, value := range p.list(name) {
			principals = append(principals, Principal{Kind: kind, Value: value})
		}
	}
	return principals
}

// unknown notes an element outside the grammar and steps over its value.
func (p *parser) unknown(name string, at int, known string) {
	reason := "is not an element of the policy grammar"
	for candidate := range strings.FieldsSeq(known) {
		if strings.EqualFold(candidate, name) {
			reason += ", which is case-sensitive: " + candidate
		}
	}
	p.problem(at, name, "%s", reason)
	p.skip()
}
