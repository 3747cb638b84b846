package clickhouse

import (
	"cmp"
	"slices"
	"time"

	"github.com/leastwise/leastwise/schemas/event"
)

// entity is a row of entities: one version of a user, a group, a role or a policy.
type entity struct {
	event.Common
	event.Identity
	event.Enrichment
	kind             event.Kind
	policies         []event.PolicyRef
	groups           []string
	boundary         event.PolicyRef
	trust            string
	instanceProfiles []string
	owner            string
	updatedAt        time.Time
	attachable       bool
	document         string
	defaultVersion   string
	versions         []event.PolicyVersion
}

// add appends the rows of one entity. IAM promises no order of its lists, and the
// version of an entity does not depend on it; so they are sorted, and one version
// is always the same row.
func (r *rowSet) add(e *entity, o *observation) {
	slices.SortFunc(e.policies, func(a, b event.PolicyRef) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.ARN, b.ARN), cmp.Compare(a.Name, b.Name))
	})
	slices.Sort(e.groups)
	slices.Sort(e.instanceProfiles)
	slices.SortFunc(e.versions, func(a, b event.PolicyVersion) int { return cmp.Compare(a.ID, b.ID) })
	r.entities = append(r.entities, e)
	for i := range e.Grants {
		r.grants = append(r.grants, grant{entity: e, Grant: &e.Grants[i]})
	}
	o.Common, o.kind = e.Common, e.kind
	o.version, o.accessLevel, o.riskTags, o.catalogDate = e.Version, e.AccessLevel, e.RiskTags, e.CatalogDate
	o.createdAt, o.owner = e.CreatedAt, e.owner
	r.observations = append(r.observations, o)
}

type userEntry struct{ *event.EnrichedUser }

func (u userEntry) addTo(r *rowSet) {
	r.add(&entity{
		Common: u.Common, Identity: u.Identity, Enrichment: u.Enrichment, kind: event.KindUser,
		policies: u.Policies, boundary: boundary(u.Boundary),
		groups: pluck(u.Groups, func(m *event.Membership) string { return m.Name }),
	}, &observation{})
}

type groupEntry struct{ *event.EnrichedGroup }

func (g groupEntry) addTo(r *rowSet) {
	r.add(&entity{
		Common: g.Common, Identity: g.Identity, Enrichment: g.Enrichment, kind: event.KindGroup,
		policies: g.Policies,
	}, &observation{})
}

type roleEntry struct{ *event.EnrichedRole }

func (o roleEntry) addTo(r *rowSet) {
	r.add(&entity{
		Common: o.Common, Identity: o.Identity, Enrichment: o.Enrichment, kind: event.KindRole,
		policies: o.Policies, boundary: boundary(o.Boundary), trust: o.Trust, instanceProfiles: o.InstanceProfiles,
	}, &observation{lastUsedAt: o.LastUsedAt, lastUsedRegion: o.LastUsedRegion})
	for i := range o.Trusts {
		r.trusts = append(r.trusts, trust{role: o.EnrichedRole, Trust: &o.Trusts[i]})
	}
}

type policyEntry struct{ *event.EnrichedPolicy }

func (p policyEntry) addTo(r *rowSet) {
	r.add(&entity{
		Common: p.Common, Identity: p.Identity, Enrichment: p.Enrichment, kind: event.KindPolicy,
		owner: p.Owner, updatedAt: p.UpdatedAt, attachable: p.Attachable,
		document: p.Document, defaultVersion: p.DefaultVersion, versions: p.Versions,
	}, &observation{attachments: uint32(p.AttachmentCount), boundaryUses: uint32(p.BoundaryCount)})
}

// boundary is the empty reference when there is none.
func boundary(b *event.PolicyRef) event.PolicyRef {
	if b == nil {
		return event.PolicyRef{}
	}
	return *b
}

// level is how the tables spell an access level; events leave out "none".
func level(l string) string { return cmp.Or(l, "None") }

func entityColumns() []column[*entity] {
	return []column[*entity]{
		col("account", func(e *entity) string { return e.Account }),
		col("kind", func(e *entity) string { return string(e.kind) }),
		col("entity_id", func(e *entity) string { return e.ID }),
		col("version", func(e *entity) string { return e.Version }),
		col("name", func(e *entity) string { return e.Name }),
		col("path", func(e *entity) string { return e.Path }),
		col("arn", func(e *entity) string { return e.ARN }),
		col("created_at", func(e *entity) *time.Time { return null(&e.CreatedAt) }),
		col("tags", func(e *entity) sortedMap[string] { return e.Tags }),
		col("policies.source", func(e *entity) []string {
			return pluck(e.policies, func(p *event.PolicyRef) string { return p.Source })
		}),
		col("policies.name", func(e *entity) []string { return pluck(e.policies, func(p *event.PolicyRef) string { return p.Name }) }),
		col("policies.arn", func(e *entity) []string { return pluck(e.policies, func(p *event.PolicyRef) string { return p.ARN }) }),
		col("policies.document", func(e *entity) []string {
			return pluck(e.policies, func(p *event.PolicyRef) string { return p.Document })
		}),
		col("groups", func(e *entity) []string { return e.groups }),
		col("boundary_arn", func(e *entity) string { return e.boundary.ARN }),
		col("boundary_document", func(e *entity) string { return e.boundary.Document }),
		col("trust_document", func(e *entity) string { return e.trust }),
		col("instance_profiles", func(e *entity) []string { return e.instanceProfiles }),
		col("owner", func(e *entity) string { return e.owner }),
		col("updated_at", func(e *entity) *time.Time { return null(&e.updatedAt) }),
		col("attachable", func(e *entity) bool { return e.attachable }),
		col("document", func(e *entity) string { return e.document }),
		col("default_version", func(e *entity) string { return e.defaultVersion }),
		col("versions.id", func(e *entity) []string {
			return pluck(e.versions, func(v *event.PolicyVersion) string { return v.ID })
		}),
		col("versions.is_default", func(e *entity) []bool {
			return pluck(e.versions, func(v *event.PolicyVersion) bool { return v.Default })
		}),
		col("versions.created_at", func(e *entity) []*time.Time {
			return pluck(e.versions, func(v *event.PolicyVersion) *time.Time { return null(&v.CreatedAt) })
		}),
		col("versions.document", func(e *entity) []string {
			return pluck(e.versions, func(v *event.PolicyVersion) string { return v.Document })
		}),
		col("access_level", func(e *entity) string { return level(e.AccessLevel) }),
		col("risk_tags", func(e *entity) []string { return e.RiskTags }),
		col("unknown_actions", func(e *entity) []string { return e.UnknownActions }),
		col("missing_documents", func(e *entity) []string { return e.MissingDocuments }),
		col("catalog", func(e *entity) string { return e.Catalog }),
		col("catalog_date", func(e *entity) time.Time { return e.CatalogDate }),
	}
}
