package clickhouse

import (
	"slices"
	"time"

	"github.com/leastwise/leastwise/schemas/event"
)

// grant is a row of grants.
type grant struct {
	*event.Grant
	entity *entity
}

// documentGrant is a row of document_grants.
type documentGrant struct {
	*event.Grant
	document *event.Document
}

// trust is a row of trusts.
type trust struct {
	*event.Trust
	role *event.EnrichedRole
}

type documentEntry struct{ *event.Document }

func (d documentEntry) addTo(r *rowSet) {
	r.documents = append(r.documents, d.Document)
	for i := range d.Grants {
		r.documentGrants = append(r.documentGrants, documentGrant{document: d.Document, Grant: &d.Grants[i]})
	}
}

func documentColumns() []column[*event.Document] {
	type row = *event.Document
	return []column[row]{
		col("hash", func(d row) string { return d.Hash }),
		col("content", func(d row) string { return d.Content }),
		col("statements", func(d row) uint32 { return uint32(d.Statements) }),
		col("risk_tags", func(d row) []string { return d.RiskTags }),
		col("condition_keys", func(d row) []string { return d.ConditionKeys }),
		col("unknown_actions", func(d row) []string { return d.UnknownActions }),
		col("problems", func(d row) []string { return d.Problems }),
		col("catalog", func(d row) string { return d.Catalog }),
		col("catalog_date", func(d row) time.Time { return d.CatalogDate }),
	}
}

func documentGrantColumns() []column[documentGrant] {
	return slices.Concat([]column[documentGrant]{
		col("document", func(g documentGrant) string { return g.document.Hash }),
		col("catalog_date", func(g documentGrant) time.Time { return g.document.CatalogDate }),
	}, countColumns(func(g documentGrant) *event.Grant { return g.Grant }))
}

func grantColumns() []column[grant] {
	return slices.Concat([]column[grant]{
		col("account", func(g grant) string { return g.entity.Account }),
		col("kind", func(g grant) string { return string(g.entity.kind) }),
		col("entity_id", func(g grant) string { return g.entity.ID }),
		col("version", func(g grant) string { return g.entity.Version }),
		col("catalog_date", func(g grant) time.Time { return g.entity.CatalogDate }),
	}, countColumns(func(g grant) *event.Grant { return g.Grant }))
}

// countColumns are those of every row that holds a grant: its service, its risk
// tags, and numbers of actions by access level, bound and unbound.
func countColumns[R any](of func(r R) *event.Grant) []column[R] {
	columns := make([]column[R], 0, 2+2*len(event.Grant{}.Bound))
	columns = append(columns,
		col("service", func(r R) string { return of(r).Service }),
		col("risk_tags", func(r R) []string { return of(r).RiskTags }))
	for i, level := range []string{"list", "read", "tagging", "write", "permissions_management"} {
		columns = append(columns,
			col(level+"_bound", func(r R) uint16 { return of(r).Bound[i] }),
			col(level+"_unbound", func(r R) uint16 { return of(r).Unbound[i] }))
	}
	return columns
}

func trustColumns() []column[trust] {
	return []column[trust]{
		col("account", func(t trust) string { return t.role.Account }),
		col("entity_id", func(t trust) string { return t.role.ID }),
		col("version", func(t trust) string { return t.role.Version }),
		col("statement", func(t trust) uint16 { return uint16(t.Statement) }),
		col("principal_kind", func(t trust) string { return t.Kind }),
		col("principal", func(t trust) string { return t.Principal }),
		col("principal_account", func(t trust) string { return t.Account }),
		col("effect", func(t trust) string { return t.Effect }),
		col("actions", func(t trust) []string { return t.Actions }),
		col("condition_keys", func(t trust) []string { return t.Conditions }),
		col("external_id", func(t trust) bool { return t.ExternalID }),
		col("is_public", func(t trust) bool { return t.Public }),
		col("is_cross_account", func(t trust) bool { return t.CrossAccount }),
		col("is_excluded", func(t trust) bool { return t.Excluded }),
		col("is_deleted", func(t trust) bool { return t.Deleted }),
		col("grade", func(t trust) string { return t.Grade }),
		col("has_subject", func(t trust) bool { return t.Subject }),
		col("has_audience", func(t trust) bool { return t.Audience }),
	}
}
