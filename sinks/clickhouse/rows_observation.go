package clickhouse

import (
	"slices"
	"time"

	"github.com/leastwise/leastwise/schemas/event"
)

// observation is a row of observations: an event that a run counts.
type observation struct {
	event.Common
	kind           event.Kind
	version        string
	createdAt      time.Time
	owner          string
	accessLevel    string
	riskTags       []string
	lastUsedAt     time.Time
	lastUsedRegion string
	attachments    uint32
	boundaryUses   uint32
	granularity    string
	state          event.State
	reason         string
	catalogDate    time.Time
}

func observationColumns() []column[*observation] {
	return slices.Concat(commonColumns(func(o *observation) *event.Common { return &o.Common }), []column[*observation]{
		col("kind", func(o *observation) string { return string(o.kind) }),
		col("entity_id", func(o *observation) string { return o.ID }),
		col("version", func(o *observation) string { return o.version }),
		col("created_at", func(o *observation) *time.Time { return null(&o.createdAt) }),
		col("owner", func(o *observation) string { return o.owner }),
		col("access_level", func(o *observation) string { return level(o.accessLevel) }),
		col("risk_tags", func(o *observation) []string { return o.riskTags }),
		col("last_used_at", func(o *observation) *time.Time { return null(&o.lastUsedAt) }),
		col("last_used_region", func(o *observation) string { return o.lastUsedRegion }),
		col("attachments", func(o *observation) uint32 { return o.attachments }),
		col("boundary_uses", func(o *observation) uint32 { return o.boundaryUses }),
		col("granularity", func(o *observation) string { return o.granularity }),
		col("state", func(o *observation) string { return string(o.state) }),
		col("reason", func(o *observation) string { return o.reason }),
		col("catalog_date", func(o *observation) time.Time { return o.catalogDate }),
	})
}
