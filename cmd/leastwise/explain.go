package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

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
	var text bytes.Buffer
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
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
			fmt.Fprintf(w, "leastwise: %s\t%s\t%s\t%s\n", where, action, strings.TrimSpace(b.Path+" "+b.Value), b.Reason)
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write explanations: %w", err)
	}
	_, err := out.Write(text.Bytes())
	return err
}
