package clickhouse

import (
	"slices"
	"time"

	"github.com/leastwise/leastwise/schemas/event"
)

type runEntry struct{ *event.Run }

func (e runEntry) addTo(r *rowSet) { r.runs = append(r.runs, e.Run) }

func runColumns() []column[*event.Run] {
	type row = *event.Run
	return slices.Concat(commonColumns(func(r row) *event.Common { return &r.Common }), []column[row]{
		col("closed", func(r row) bool { return r.Phase == event.PhaseClosed }),
		col("collector_status", func(r row) string { return string(r.Status) }),
		col("source", func(r row) string { return r.Source }),
		col("started_at", func(r row) time.Time { return r.StartedAt }),
		col("ended_at", func(r row) *time.Time { return null(&r.EndedAt) }),
		col("reason", func(r row) string { return r.Reason }),
		col("expected", func(r row) sortedMap[uint64] {
			counts := make(sortedMap[uint64], len(r.Expected))
			for kind, n := range r.Expected {
				counts[string(kind)] = uint64(n)
			}
			return counts
		}),
		col("problems.part", func(r row) []string { return pluck(r.Problems, func(p *event.Problem) string { return p.Part }) }),
		col("problems.state", func(r row) []string {
			return pluck(r.Problems, func(p *event.Problem) string { return string(p.State) })
		}),
		col("problems.reason", func(r row) []string { return pluck(r.Problems, func(p *event.Problem) string { return p.Reason }) }),
		col("problems.count", func(r row) []uint64 {
			return pluck(r.Problems, func(p *event.Problem) uint64 { return uint64(p.Count) })
		}),
		col("calls", func(r row) sortedMap[uint64] {
			counts := make(sortedMap[uint64], len(r.Calls))
			for action, n := range r.Calls {
				counts[action] = uint64(n)
			}
			return counts
		}),
	})
}

type accountEntry struct{ *event.Account }

func (a accountEntry) addTo(r *rowSet) {
	r.accounts = append(r.accounts, a.Account)
	r.observations = append(r.observations, &observation{Common: a.Common, kind: event.KindAccount})
}

func accountColumns() []column[*event.Account] {
	type row = *event.Account
	return slices.Concat(commonColumns(func(a row) *event.Common { return &a.Common }), []column[row]{
		col("name", func(a row) string { return a.Name }),
		col("partition", func(a row) string { return a.Partition }),
		col("aliases", func(a row) []string { return a.Aliases }),
		col("joined_at", func(a row) *time.Time { return null(&a.JoinedAt) }),
		col("summary", func(a row) sortedMap[int64] { return a.Summary }),
		col("organization_id", func(a row) string { return organization(a).ID }),
		col("management_account", func(a row) string { return organization(a).Management }),
		col("controls_state", func(a row) string { return string(a.State) }),
		col("controls_reason", func(a row) string { return a.Reason }),
	}, controlColumns())
}

// organization is the empty one where the source does not say.
func organization(a *event.Account) event.Organization {
	if a.Organization == nil {
		return event.Organization{}
	}
	return *a.Organization
}

// controlColumns are the service control policies of all levels, one after the other.
func controlColumns() []column[*event.Account] {
	return []column[*event.Account]{
		control("level", func(level int, _ *event.PolicyRef) uint8 { return uint8(level) }), // AWS has at most seven
		control("name", func(_ int, c *event.PolicyRef) string { return c.Name }),
		control("arn", func(_ int, c *event.PolicyRef) string { return c.ARN }),
		control("document", func(_ int, c *event.PolicyRef) string { return c.Document }),
	}
}

func control[V any](name string, field func(level int, c *event.PolicyRef) V) column[*event.Account] {
	return col("controls."+name, func(a *event.Account) []V {
		out := []V{}
		for level, list := range a.Levels {
			for i := range list {
				out = append(out, field(level, &list[i]))
			}
		}
		return out
	})
}
