package clickhouse

import (
	"slices"
	"time"

	"github.com/leastwise/leastwise/schemas/event"
)

// rowSet holds the rows of a flush, by table. Rows point into the events that they
// are made of.
type rowSet struct {
	documents      []*event.Document
	documentGrants []documentGrant
	entities       []*entity
	grants         []grant
	trusts         []trust
	lastAccessed   []lastAccessed
	credentials    []*event.Credential
	accounts       []*event.Account
	observations   []*observation
	runs           []*event.Run
	deadLetters    []*deadLetter
	findings       []finding
	unused         []unused
	paths          []path
	scores         []*event.Judgement
	judgements     []*event.Judgement
}

// entry is a message that was read: something that makes rows.
type entry interface {
	addTo(r *rowSet)
}

func rowsOf(entries []entry) *rowSet {
	r := &rowSet{}
	for _, e := range entries {
		e.addTo(r)
	}
	return r
}

// count is the number of rows in all tables.
func (r *rowSet) count() int {
	return len(r.documents) + len(r.documentGrants) + len(r.entities) + len(r.grants) + len(r.trusts) + len(r.lastAccessed) +
		len(r.credentials) + len(r.accounts) + len(r.observations) + len(r.runs) + len(r.deadLetters) +
		2*len(r.findings) + len(r.unused) + len(r.paths) + len(r.scores) + len(r.judgements)
}

// tables returns the tables that have rows, in the order in which to insert them:
// what an observation names is there before it is, and a run after all it saw. A
// score, which run_status counts, comes after all else that its judgement says.
func (r *rowSet) tables() []table {
	return slices.DeleteFunc([]table{
		tableOf[*event.Document]{"documents", documentColumns, r.documents},
		tableOf[documentGrant]{"document_grants", documentGrantColumns, r.documentGrants},
		tableOf[*entity]{"entities", entityColumns, r.entities},
		tableOf[grant]{"grants", grantColumns, r.grants},
		tableOf[trust]{"trusts", trustColumns, r.trusts},
		tableOf[lastAccessed]{"last_accessed", lastAccessedColumns, r.lastAccessed},
		tableOf[*event.Credential]{"credentials", credentialColumns, r.credentials},
		tableOf[*event.Account]{"accounts", accountColumns, r.accounts},
		tableOf[*observation]{"observations", observationColumns, r.observations},
		tableOf[*event.Run]{"runs", runColumns, r.runs},
		tableOf[finding]{"findings", findingColumns, r.findings},
		tableOf[finding]{"finding_observations", findingObservationColumns, r.findings},
		tableOf[unused]{"unused_permissions", unusedColumns, r.unused},
		tableOf[path]{"escalation_paths", pathColumns, r.paths},
		tableOf[*event.Judgement]{"scores", scoreColumns, r.scores},
		tableOf[*event.Judgement]{"judgements", judgementColumns, r.judgements},
		tableOf[*deadLetter]{"dead_letters", deadLetterColumns, r.deadLetters},
	}, func(t table) bool { return t.count() == 0 })
}

// commonColumns are those of every row that belongs to a run.
func commonColumns[R any](common func(r R) *event.Common) []column[R] {
	return []column[R]{
		col("account", func(r R) string { return common(r).Account }),
		col("day", func(r R) time.Time { return common(r).ObservedAt.UTC() }),
		col("run_id", func(r R) string { return common(r).Run }),
		col("observed_at", func(r R) time.Time { return common(r).ObservedAt }),
	}
}

// null is what a Nullable column takes: nil for a time that is not known.
func null(t *time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return t
}

// pluck reads one field of each element: the parts of a Nested column are arrays.
func pluck[E, V any](elements []E, field func(e *E) V) []V {
	out := make([]V, len(elements))
	for i := range elements {
		out[i] = field(&elements[i])
	}
	return out
}
