package clickhouse

import (
	"time"

	"github.com/leastwise/leastwise/schemas/event"
)

// lastAccessed is a row of last_accessed.
type lastAccessed struct {
	entity          event.Common
	kind            event.Kind
	service, action string
	lastAt          time.Time
	region          string
	accessedBy      string
	entities        uint32
}

type accessEntry struct{ event.Access }

func (a accessEntry) addTo(r *rowSet) {
	for _, s := range a.Services {
		r.lastAccessed = append(r.lastAccessed, lastAccessed{
			entity: a.Common, kind: a.Entity, service: s.Service,
			lastAt: s.LastAt, region: s.LastRegion, accessedBy: s.LastARN, entities: uint32(s.Entities),
		})
		for _, action := range s.Actions {
			r.lastAccessed = append(r.lastAccessed, lastAccessed{
				entity: a.Common, kind: a.Entity, service: s.Service, action: action.Action,
				lastAt: action.LastAt, region: action.LastRegion, accessedBy: action.LastARN,
			})
		}
	}
	r.observations = append(r.observations, observation{
		Common: a.Common, kind: event.KindAccess,
		granularity: a.Granularity, state: a.State, reason: a.Reason,
	})
}

func lastAccessedColumns() []column[lastAccessed] {
	return []column[lastAccessed]{
		col("account", func(l *lastAccessed) string { return l.entity.Account }),
		col("kind", func(l *lastAccessed) string { return string(l.kind) }),
		col("entity_id", func(l *lastAccessed) string { return l.entity.ID }),
		col("service", func(l *lastAccessed) string { return l.service }),
		col("action", func(l *lastAccessed) string { return l.action }),
		col("last_accessed_at", func(l *lastAccessed) time.Time { return l.lastAt }),
		col("region", func(l *lastAccessed) string { return l.region }),
		col("accessed_by", func(l *lastAccessed) string { return l.accessedBy }),
		col("entities", func(l *lastAccessed) uint32 { return l.entities }),
		col("first_seen_at", func(l *lastAccessed) time.Time { return l.entity.ObservedAt }),
		col("last_seen_at", func(l *lastAccessed) time.Time { return l.entity.ObservedAt }),
	}
}
