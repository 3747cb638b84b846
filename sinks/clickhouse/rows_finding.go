package clickhouse

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/leastwise/leastwise/schemas/event"
)

// finding makes a row of findings and one of finding_observations.
type finding struct {
	*event.Finding
	judgement *event.Judgement
}

func (f finding) of() *event.Judgement { return f.judgement }

// target is the empty one for a finding that needs nothing.
func (f finding) target() event.Target {
	if f.Target == nil {
		return event.Target{}
	}
	return *f.Target
}

func findingObservationColumns() []column[finding] {
	return slices.Concat(judgedColumns(finding.of), judgedEntityColumns(finding.of), []column[finding]{
		col("finding_id", func(f finding) string { return f.ID }),
		col("version", func(f finding) string { return f.Version }),
		col("rule", func(f finding) string { return f.Rule }),
		col("severity", func(f finding) string { return f.Severity }),
	})
}

func findingColumns() []column[finding] {
	return slices.Concat(judgedEntityColumns(finding.of), []column[finding]{
		col("account", func(f finding) string { return f.judgement.Account }),
		col("finding_id", func(f finding) string { return f.ID }),
		col("version", func(f finding) string { return f.Version }),
		col("name", func(f finding) string { return f.judgement.Name }),
		col("arn", func(f finding) string { return f.judgement.ARN }),
		col("rule", func(f finding) string { return f.Rule }),
		col("category", func(f finding) string { return f.Category }),
		col("severity", func(f finding) string { return f.Severity }),
		col("title", func(f finding) string { return f.Title }),
		col("actions", func(f finding) []string { return f.Actions }),
		col("action_count", func(f finding) uint32 { return uint32(f.ActionCount) }),
		col("scope", func(f finding) string { return f.Scope }),
		col("is_conditional", func(f finding) bool { return f.Conditional }),
		col("is_partly_denied", func(f finding) bool { return f.PartlyDenied }),
		col("target_needs", func(f finding) string { return f.target().Needs }),
		col("target_resolved", func(f finding) bool { return f.target().Resolved }),
		col("target_candidates", func(f finding) []string { return f.target().Candidates }),
		col("target_count", func(f finding) uint32 { return uint32(f.target().Count) }),
		col("includes", func(f finding) []string { return f.Includes }),
		col("known_to", func(f finding) []string { return f.KnownTo }),
		col("reason", func(f finding) string { return f.Reason }),
		col("remedy", func(f finding) string { return f.Remedy }),
		col("discriminator", func(f finding) string { return f.Discriminator }),
	}, evidenceColumns())
}

func evidenceColumns() []column[finding] {
	type ev = event.Evidence
	return []column[finding]{
		evidence("document", func(e *ev) string { return e.Document }),
		evidence("policy", func(e *ev) string { return e.Policy }),
		evidence("source", func(e *ev) string { return e.Source }),
		evidence("group", func(e *ev) string { return e.Group }),
		evidence("statement", func(e *ev) uint16 { return uint16(e.Statement) }),
		evidence("sid", func(e *ev) string { return e.SID }),
		evidence("effect", func(e *ev) string { return e.Effect }),
		evidence("actions", func(e *ev) []string { return e.Actions }),
		evidence("scope", func(e *ev) string { return e.Scope }),
		evidence("resources", func(e *ev) []string { return e.Resources }),
		evidence("not_resources", func(e *ev) []string { return e.NotResources }),
		evidence("conditions", func(e *ev) string { return listText(e.Conditions) }),
		evidence("grade", func(e *ev) string { return e.Grade }),
		evidence("note", func(e *ev) string { return e.Note }),
	}
}

// evidence makes a column of one field of each piece of evidence.
func evidence[V any](name string, field func(e *event.Evidence) V) column[finding] {
	return col("evidence."+name, func(f finding) []V { return pluck(f.Evidence, field) })
}

// listText is a list as JSON, where a column of arrays of arrays of arrays would help
// nobody; empty for an empty list.
func listText[E event.Condition | event.Evidence](list []E) string {
	if len(list) == 0 {
		return ""
	}
	text, err := json.Marshal(list)
	if err != nil {
		// Strings, numbers and lists of them always have a JSON form.
		panic(fmt.Sprintf("encode %T: %v", list, err))
	}
	return string(text)
}
