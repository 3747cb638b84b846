package clickhouse

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/leastwise/leastwise/schemas/event"
)

// bounds collects the values that a column would turn into something else.
type bounds []error

// time adds a fault for each time that DateTime has no number for. A zero time is
// one that is not known.
func (b *bounds) time(field string, times ...time.Time) {
	for _, t := range times {
		if !t.IsZero() && !storable(t) {
			*b = append(*b, fmt.Errorf("%s is %s, out of the years 1970 to 2105", field, t.Format(time.RFC3339)))
		}
	}
}

func (b *bounds) atMost(field string, n, most int) {
	if n > most {
		*b = append(*b, fmt.Errorf("%s is %d, more than %d", field, n, most))
	}
}

// storable reports whether DateTime can hold t: seconds since 1970 in 32 bits.
func storable(t time.Time) bool { return t.Unix() >= 0 && t.UTC().Year() <= 2105 }

// check returns every fault of an entry, joined.
func check(kind event.Kind, e entry) error {
	var b bounds
	switch v := e.(type) {
	case userEntry:
		b.entity(v.Common, v.Identity, v.Enrichment)
	case groupEntry:
		b.entity(v.Common, v.Identity, v.Enrichment)
	case roleEntry:
		b.entity(v.Common, v.Identity, v.Enrichment)
		b.time("last_used_at", v.LastUsedAt)
		for _, t := range v.Trusts {
			b.atMost("trusts.statement", t.Statement, math.MaxUint16)
		}
	case policyEntry:
		b.entity(v.Common, v.Identity, v.Enrichment)
		b.time("updated_at", v.UpdatedAt)
		b.atMost("attachment_count", v.AttachmentCount, math.MaxUint32)
		b.atMost("boundary_count", v.BoundaryCount, math.MaxUint32)
		for _, version := range v.Versions {
			b.time("versions.created_at", version.CreatedAt)
		}
	case accountEntry:
		b.time("observed_at", v.ObservedAt)
		b.time("joined_at", v.JoinedAt)
	case accessEntry:
		b.access(v.Access)
	case credentialEntry:
		b.credential(v.Credential)
	case runEntry:
		b.time("observed_at", v.ObservedAt)
		b.time("started_at", v.StartedAt)
		b.time("ended_at", v.EndedAt)
	case judgementEntry:
		b.judgement(v.Judgement)
	case documentEntry:
		b.time("catalog_date", v.CatalogDate)
		b.atMost("statements", v.Statements, math.MaxUint32)
	}
	if len(b) == 0 {
		return nil
	}
	return fmt.Errorf("store %s event: %w", kind, errors.Join(b...))
}

func (b *bounds) entity(c event.Common, i event.Identity, e event.Enrichment) {
	b.time("observed_at", c.ObservedAt)
	b.time("created_at", i.CreatedAt)
	b.time("catalog_date", e.CatalogDate)
}

func (b *bounds) judgement(j *event.Judgement) {
	b.time("observed_at", j.ObservedAt)
	b.time("judged_at", j.JudgedAt)
	b.time("catalog_date", j.CatalogDate)
	for _, u := range j.Unused {
		b.time("unused.last_at", u.LastAt)
	}
	for i := range j.Findings {
		f := &j.Findings[i]
		b.atMost("findings.action_count", f.ActionCount, math.MaxUint32)
		for _, e := range f.Evidence {
			b.atMost("findings.evidence.statement", e.Statement, math.MaxUint16)
		}
	}
}

func (b *bounds) access(a *event.Access) {
	b.time("observed_at", a.ObservedAt)
	for _, s := range a.Services {
		b.time("services.last_at", s.LastAt)
		b.atMost("services.entities", s.Entities, math.MaxUint32)
		for _, action := range s.Actions {
			b.time("services.actions.last_at", action.LastAt)
		}
	}
}

func (b *bounds) credential(c *event.Credential) {
	b.time("observed_at", c.ObservedAt)
	b.time("created_at", c.CreatedAt)
	b.time("password_last_used_at", c.PasswordLastUsedAt)
	b.time("password_changed_at", c.PasswordChangedAt)
	b.time("password_next_rotation", c.PasswordNextRotation)
	for _, k := range c.AccessKeys {
		b.time("access_keys", k.RotatedAt, k.LastUsedAt)
	}
	for _, k := range c.Certificates {
		b.time("certificates.rotated_at", k.RotatedAt)
	}
}
