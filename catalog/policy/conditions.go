package policy

import (
	"slices"
	"strings"
)

// conditions reads a Condition element: operator, then key, then a value or a
// list of them. The result is nil for a Condition that asks for nothing, and not
// nil for one that could not be read.
func (p *parser) conditions(at int) []Condition {
	var conditions []Condition
	if first := p.kind(); first != '{' {
		p.problem(at, "Condition", "is %s, not an object", kindName(first))
		p.skip()
		return []Condition{}
	}
	var operators keys
	p.enter()
	for p.more() {
		operator, at := p.key()
		p.noteRepeat(&operators, operator, at, allKept)
		if first := p.kind(); first != '{' {
			p.problem(at, "Condition", "%s is %s, not an object", operator, kindName(first))
			p.skip()
			conditions = slices.Grow(conditions, 1)
			continue
		}
		var names keys
		p.enter()
		for p.more() {
			key, at := p.key()
			p.noteRepeat(&names, key, at, allKept)
			conditions = append(conditions, Condition{Operator: operator, Key: key, Values: p.conditionValues(operator, key)})
		}
	}
	return conditions
}

// conditionValues reads the values of one key. IAM takes numbers and booleans
// for strings here, so they are kept in their JSON spelling.
func (p *parser) conditionValues(operator, key string) []string {
	if p.kind() != '[' {
		return p.appendScalar(make([]string, 0, 1), operator, key)
	}
	values := []string{}
	p.enter()
	for p.more() {
		values = p.appendScalar(values, operator, key)
	}
	return values
}

func (p *parser) appendScalar(values []string, operator, key string) []string {
	switch first := p.kind(); first {
	case '"':
		return append(values, p.text())
	case '{', '[', 'n':
		p.problem(p.pos, "Condition", "%s %s holds %s, not a value", operator, key, kindName(first))
		p.skip()
		return values
	default:
		return append(values, strings.ToValidUTF8(p.skip(), "\uFFFD"))
	}
}
