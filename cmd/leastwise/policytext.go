package main

import (
	"errors"
	"fmt"

	"github.com/leastwise/leastwise/catalog/policy"
)

// parsePolicy reads a document in JSON or YAML, and returns it as JSON too. A text
// that is no JSON is YAML.
func parsePolicy(text []byte) (*policy.Document, []byte, error) {
	asJSON := text
	if !isJSON(text) {
		var err error
		if asJSON, err = yamlToJSON(text); err != nil {
			return nil, nil, err
		}
	}
	doc, err := policy.ParseDocument(asJSON)
	if err != nil && !isJSON(text) {
		err = withoutPosition(err)
	}
	return doc, asJSON, err
}

// withoutPosition leaves out of a syntax error where it is in the JSON that was made
// of a text, which is nowhere in that.
func withoutPosition(err error) error {
	if syntax, ok := errors.AsType[*policy.SyntaxError](err); ok {
		return fmt.Errorf("parse %s: %s", syntax.What, syntax.Reason)
	}
	return err
}

// problemTexts returns the problems of a document with their positions in its text:
// bytes in JSON, lines in YAML.
func problemTexts(text []byte, problems []policy.Problem) []string {
	texts := make([]string, len(problems))
	if isJSON(text) {
		for i, p := range problems {
			texts[i] = p.String()
		}
		return texts
	}
	lines := problemLines(text, problems)
	for i, p := range problems {
		texts[i] = p.Place() + ": " + p.Reason
		if lines[i] > 0 {
			texts[i] = fmt.Sprintf("%s (line %d): %s", p.Place(), lines[i], p.Reason)
		}
	}
	return texts
}

// problemLines returns the lines of problems in a text in YAML, or of what they are
// in; 0 is none. Statement is a list or an object alone, so that each is looked for
// in both: where it is not, what is found is in front of it.
func problemLines(text []byte, problems []policy.Problem) []int {
	inList, alone := make([]policy.Fault, len(problems)), make([]policy.Fault, len(problems))
	for i, p := range problems {
		inList[i].Path = problemPath(fmt.Sprintf("Statement[%d]", p.Statement), p)
		alone[i].Path = problemPath("Statement", p)
	}
	listed, single := locate(text, inList), locate(text, alone)
	lines := make([]int, len(problems))
	for i := range problems {
		lines[i] = max(listed[i].line, single[i].line)
	}
	return lines
}

// problemPath is the path of what a problem is of; statement is that of its statement.
func problemPath(statement string, p policy.Problem) string {
	switch {
	case p.Statement < 0:
		return p.Element
	case p.Element == "":
		return statement
	default:
		return statement + "." + p.Element
	}
}
