package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/leastwise/leastwise/catalog/policy"
)

// What --explain can be.
const (
	explainText = "text"
	explainJSON = "json"
)

func explainFormats() []string { return []string{explainText, explainJSON} }

// explain says on standard error why each action is in a policy, one a line.
func explain(out io.Writer, policies []policy.Policy, explanations []policy.Explanation) error {
	var lines bytes.Buffer
	for _, e := range explanations {
		where := e.SID
		if len(policies) > 1 {
			where = fmt.Sprintf("%d %s", e.Policy+1, e.SID)
		}
		action := e.Action
		if e.As != "" {
			action += " as " + e.As
		}
		for _, b := range e.Because {
			fmt.Fprintf(&lines, "leastwise: %s\t%s\t%s\t%s\n", where, action, visible(strings.TrimSpace(b.Path+" "+b.Value)), b.Reason)
		}
	}
	return writeTable(out, lines.Bytes())
}
