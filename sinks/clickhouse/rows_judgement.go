package clickhouse

import (
	"slices"
	"time"

	"github.com/leastwise/leastwise/schemas/event"
)

// unused is a row of unused_permissions.
type unused struct {
	*event.UnusedService
	judgement *event.Judgement
}

// path is a row of escalation_paths.
type path struct {
	*event.EscalationPath
	judgement *event.Judgement
}

type judgementEntry struct{ *event.Judgement }

func (j judgementEntry) addTo(r *rowSet) {
	for i := range j.Findings {
		r.findings = append(r.findings, finding{judgement: j.Judgement, Finding: &j.Findings[i]})
	}
	for i := range j.Unused {
		r.unused = append(r.unused, unused{judgement: j.Judgement, UnusedService: &j.Unused[i]})
	}
	for i := range j.Paths {
		r.paths = append(r.paths, path{judgement: j.Judgement, EscalationPath: &j.Paths[i]})
	}
	r.scores = append(r.scores, j.Judgement)
	if j.Totals != nil {
		r.judgements = append(r.judgements, j.Judgement)
	}
}

// judgedColumns are those of every row that belongs to a run and its judge.
func judgedColumns[R any](of func(r R) *event.Judgement) []column[R] {
	return append(commonColumns(func(r R) *event.Common { return &of(r).Common }),
		col("judge", func(r R) string { return of(r).Judge }))
}

// judgedEntityColumns name what was judged.
func judgedEntityColumns[R any](of func(r R) *event.Judgement) []column[R] {
	return []column[R]{
		col("kind", func(r R) string { return string(of(r).Entity) }),
		col("entity_id", func(r R) string { return of(r).ID }),
	}
}

func itself(j *event.Judgement) *event.Judgement { return j }

func judgementColumns() []column[*event.Judgement] {
	type row = *event.Judgement
	columns := slices.Concat(judgedColumns(itself), []column[row]{
		col("judged_at", func(j row) time.Time { return j.JudgedAt }),
		col("catalog", func(j row) string { return j.Catalog }),
		col("catalog_date", func(j row) time.Time { return j.CatalogDate }),
		col("judgements", func(j row) uint32 { return uint32(j.Totals.Judgements) }),
		col("score", score),
		col("excluded", func(j row) uint32 { return uint32(j.Totals.Excluded) }),
		col("escalating", func(j row) uint32 { return uint32(j.Totals.Escalating) }),
	})
	for _, severity := range event.Severities() {
		columns = append(columns, col(severity, func(j row) uint32 { return uint32(j.Totals.Findings[severity]) }))
	}
	return columns
}

// score is nil where it is not known.
func score(j *event.Judgement) *float32 {
	if j.Score == nil {
		return nil
	}
	v := float32(j.Score.Value)
	return &v
}

func scoreColumns() []column[*event.Judgement] {
	type row = *event.Judgement
	columns := slices.Concat(judgedColumns(itself), judgedEntityColumns(itself), []column[row]{
		col("name", func(j row) string { return j.Name }),
		col("is_service_linked", func(j row) bool { return j.ServiceLinked }),
		col("score", score),
		col("excluded", func(j row) uint16 { return clamp16(j.Excluded) }),
		col("unused_services", func(j row) uint16 { return clamp16(len(j.Unused)) }),
		col("steps_to_admin", stepsToAdmin),
	})
	for _, severity := range event.Severities() {
		columns = append(columns, col(severity, func(j row) uint16 {
			n := 0
			for i := range j.Findings {
				if j.Findings[i].Severity == severity {
					n++
				}
			}
			return clamp16(n)
		}))
	}
	return columns
}

// clamp16 is what a count column holds of a count that is beyond all reason.
func clamp16(n int) uint16 { return uint16(min(n, 1<<16-1)) }

// stepsToAdmin is nil for what cannot become administrator. The account's paths are
// those of others.
func stepsToAdmin(j *event.Judgement) *uint8 {
	if len(j.Paths) == 0 || j.Entity == event.KindAccount {
		return nil
	}
	n := uint8(min(len(j.Paths[0].Steps), 1<<8-1))
	return &n
}

func unusedColumns() []column[unused] {
	columns := slices.Concat(judgedEntityColumns(func(u unused) *event.Judgement { return u.judgement }), []column[unused]{
		col("account", func(u unused) string { return u.judgement.Account }),
		col("judge", func(u unused) string { return u.judgement.Judge }),
		col("service", func(u unused) string { return u.Service }),
		col("risk_tags", func(u unused) []string { return u.RiskTags }),
		col("is_partly", func(u unused) bool { return u.Partly }),
		col("last_accessed_at", func(u unused) time.Time { return u.LastAt }),
		col("first_seen_at", func(u unused) time.Time { return u.judgement.ObservedAt }),
		col("last_seen_at", func(u unused) time.Time { return u.judgement.ObservedAt }),
	})
	for i, level := range []string{"list", "read", "tagging", "write", "permissions_management"} {
		columns = append(columns,
			col(level+"_bound", func(u unused) uint16 { return u.Bound[i] }),
			col(level+"_unbound", func(u unused) uint16 { return u.Unbound[i] }))
	}
	return columns
}

func pathColumns() []column[path] {
	of := func(p path) *event.Judgement { return p.judgement }
	type step = event.EscalationStep
	return slices.Concat(judgedColumns(of), judgedEntityColumns(of), []column[path]{
		col("source", func(p path) string { return p.From }),
		col("target", func(p path) string { return p.To }),
		col("length", func(p path) uint8 { return uint8(min(len(p.Steps), 1<<8-1)) }),
		col("is_conditional", func(p path) bool { return p.Conditional }),
		col("steps.from", func(p path) []string { return pluck(p.Steps, func(s *step) string { return s.From }) }),
		col("steps.to", func(p path) []string { return pluck(p.Steps, func(s *step) string { return s.To }) }),
		col("steps.method", func(p path) []string { return pluck(p.Steps, func(s *step) string { return s.Method }) }),
		col("steps.actions", func(p path) [][]string { return pluck(p.Steps, func(s *step) []string { return s.Actions }) }),
		col("steps.evidence", func(p path) []string { return pluck(p.Steps, func(s *step) string { return listText(s.Evidence) }) }),
		col("steps.is_conditional", func(p path) []bool { return pluck(p.Steps, func(s *step) bool { return s.Conditional }) }),
		col("steps.note", func(p path) []string { return pluck(p.Steps, func(s *step) string { return s.Note }) }),
	})
}
