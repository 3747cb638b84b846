package clickhouse

import (
	"slices"
	"time"

	"github.com/leastwise/leastwise/schemas/event"
)

type credentialEntry struct{ *event.Credential }

func (c credentialEntry) addTo(r *rowSet) {
	r.credentials = append(r.credentials, c.Credential)
	used := c.PasswordLastUsedAt
	for _, k := range c.AccessKeys {
		if k.LastUsedAt.After(used) {
			used = k.LastUsedAt
		}
	}
	r.observations = append(r.observations, &observation{
		Common: c.Common, kind: event.KindCredential, createdAt: c.CreatedAt, lastUsedAt: used,
	})
}

func credentialColumns() []column[*event.Credential] {
	type row = *event.Credential
	return slices.Concat(commonColumns(func(c row) *event.Common { return &c.Common }), []column[row]{
		col("user_id", func(c row) string { return c.ID }),
		col("user", func(c row) string { return c.User }),
		col("arn", func(c row) string { return c.ARN }),
		col("created_at", func(c row) *time.Time { return null(&c.CreatedAt) }),
		col("password_enabled", func(c row) bool { return c.PasswordEnabled }),
		col("password_last_used_at", func(c row) *time.Time { return null(&c.PasswordLastUsedAt) }),
		col("password_changed_at", func(c row) *time.Time { return null(&c.PasswordChangedAt) }),
		col("password_next_rotation", func(c row) *time.Time { return null(&c.PasswordNextRotation) }),
		col("mfa_active", func(c row) bool { return c.MFAActive }),
	}, accessKeyColumns(), certificateColumns())
}

func accessKeyColumns() []column[*event.Credential] {
	type row = *event.Credential
	type key = event.AccessKey
	return []column[row]{
		col("access_keys.slot", func(c row) []uint8 { return pluck(c.AccessKeys, func(k *key) uint8 { return uint8(k.Slot) }) }),
		col("access_keys.active", func(c row) []bool { return pluck(c.AccessKeys, func(k *key) bool { return k.Active }) }),
		col("access_keys.rotated_at", func(c row) []*time.Time {
			return pluck(c.AccessKeys, func(k *key) *time.Time { return null(&k.RotatedAt) })
		}),
		col("access_keys.last_used_at", func(c row) []*time.Time {
			return pluck(c.AccessKeys, func(k *key) *time.Time { return null(&k.LastUsedAt) })
		}),
		col("access_keys.last_used_region", func(c row) []string {
			return pluck(c.AccessKeys, func(k *key) string { return k.LastUsedRegion })
		}),
		col("access_keys.last_used_service", func(c row) []string {
			return pluck(c.AccessKeys, func(k *key) string { return k.LastUsedService })
		}),
	}
}

func certificateColumns() []column[*event.Credential] {
	type row = *event.Credential
	type certificate = event.Certificate
	return []column[row]{
		col("certificates.slot", func(c row) []uint8 {
			return pluck(c.Certificates, func(k *certificate) uint8 { return uint8(k.Slot) })
		}),
		col("certificates.active", func(c row) []bool {
			return pluck(c.Certificates, func(k *certificate) bool { return k.Active })
		}),
		col("certificates.rotated_at", func(c row) []*time.Time {
			return pluck(c.Certificates, func(k *certificate) *time.Time { return null(&k.RotatedAt) })
		}),
	}
}
