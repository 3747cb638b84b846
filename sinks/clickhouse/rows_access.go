package clickhouse

import (
	"time"

	"github.com/leastwise/leastwise/schemas/event"
)

// lastAccessed is a row of last_accessed: a service of a report, or one of its
// actions.
type lastAccessed struct {
	report  *event.Access
	service *event.ServiceAccess
	action  *event.ActionAccess // nil for the service as a whole
}

type accessEntry struct{ *event.Access }

func (a accessEntry) addTo(r *rowSet) {
	for i := range a.Services {
		s := &a.Services[i]
		r.lastAccessed = append(r.lastAccessed, lastAccessed{report: a.Access, service: s})
		for j := range s.Actions {
			r.lastAccessed = append(r.lastAccessed, lastAccessed{report: a.Access, service: s, action: &s.Actions[j]})
		}
	}
	r.observations = append(r.observations, &observation{
		Common: a.Common, kind: event.KindAccess,
		granularity: a.Granularity, state: a.State, reason: a.Reason,
	})
}

// attempt is what the report says of the last one: what, when, by whom and where.
func (l lastAccessed) attempt() event.ActionAccess {
	if l.action != nil {
		return *l.action
	}
	return event.ActionAccess{LastAt: l.service.LastAt, LastARN: l.service.LastARN, LastRegion: l.service.LastRegion}
}

// entities is reported for services only.
func (l lastAccessed) entities() uint32 {
	if l.action != nil {
		return 0
	}
	return uint32(l.service.Entities)
}

func lastAccessedColumns() []column[lastAccessed] {
	return []column[lastAccessed]{
		col("account", func(l lastAccessed) string { return l.report.Account }),
		col("kind", func(l lastAccessed) string { return string(l.report.Entity) }),
		col("entity_id", func(l lastAccessed) string { return l.report.ID }),
		col("service", func(l lastAccessed) string { return l.service.Service }),
		col("action", func(l lastAccessed) string { return l.attempt().Action }),
		col("last_accessed_at", func(l lastAccessed) time.Time { return l.attempt().LastAt }),
		col("region", func(l lastAccessed) string { return l.attempt().LastRegion }),
		col("accessed_by", func(l lastAccessed) string { return l.attempt().LastARN }),
		col("entities", lastAccessed.entities),
		col("first_seen_at", func(l lastAccessed) time.Time { return l.report.ObservedAt }),
		col("last_seen_at", func(l lastAccessed) time.Time { return l.report.ObservedAt }),
	}
}
