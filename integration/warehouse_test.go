package integration

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"
)

// The tables' rows in the form that the fold has: JSON arrays, times in seconds,
// 0 for none, lists sorted.
const (
	entityQuery = `SELECT toJSONString(tuple(account, toString(kind), entity_id, name, path, arn, ifNull(toUnixTimestamp(created_at), 0), tags,
		arraySort(p -> (p.1, p.3, p.2), arrayMap((s, n, a, d) -> (s, n, a, d), policies.source, policies.name, policies.arn, policies.document)),
		arraySort(groups), boundary_arn, boundary_document, trust_document, instance_profiles, owner, document, default_version,
		arraySort(v -> v.1, arrayMap((i, d, c, h) -> (i, d, ifNull(toUnixTimestamp(c), 0), h), versions.id, versions.is_default, versions.created_at, versions.document))))
		FROM entities FINAL`
	observationQuery = `SELECT toJSONString(tuple(account, toString(kind), entity_id, toString(day), toUnixTimestamp(observed_at),
		ifNull(toUnixTimestamp(last_used_at), 0), attachments, state)) FROM observations FINAL`
	accessQuery = `SELECT toJSONString(tuple(account, toString(kind), entity_id, service, toUnixTimestamp(last_accessed_at),
		region, accessed_by, toUnixTimestamp(first_seen_at), toUnixTimestamp(last_seen_at))) FROM last_accessed FINAL`
	credentialQuery = `SELECT toJSONString(tuple(account, user_id, toString(day), user, arn, ifNull(toUnixTimestamp(created_at), 0), password_enabled,
		ifNull(toUnixTimestamp(password_last_used_at), 0), ifNull(toUnixTimestamp(password_changed_at), 0),
		ifNull(toUnixTimestamp(password_next_rotation), 0), mfa_active,
		arrayMap((s, a, r, l, g, v) -> (s, a, ifNull(toUnixTimestamp(r), 0), ifNull(toUnixTimestamp(l), 0), g, v), access_keys.slot,
			access_keys.active, access_keys.rotated_at, access_keys.last_used_at, access_keys.last_used_region, access_keys.last_used_service)))
		FROM credentials FINAL`
	documentQuery = `SELECT toJSONString(tuple(hash, content)) FROM documents FINAL`
)

// table reads a table in the fold's form.
func table(ctx context.Context, t testing.TB, conn driver.Conn, query string) rows {
	t.Helper()
	found, err := conn.Query(ctx, query+` SETTINGS output_format_json_quote_64bit_integers = 0, output_format_json_escape_forward_slashes = 0`)
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	var out rows
	for found.Next() {
		var line string
		if err := found.Scan(&line); err != nil {
			t.Fatal(err)
		}
		// ClickHouse writes the same values with other escapes than Go does.
		decoder := json.NewDecoder(strings.NewReader(line))
		decoder.UseNumber()
		var values row
		if err := decoder.Decode(&values); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		out.add(t, values...)
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return out.sorted()
}

// compare compares every table that a collection fills with the fold.
func (f *fold) compare(ctx context.Context, conn driver.Conn) {
	f.t.Helper()
	for _, c := range []struct {
		name, query string
		want        rows
	}{
		{"entities", entityQuery, f.entityRows()},
		{"observations", observationQuery, f.observations.sorted()},
		{"last_accessed", accessQuery, f.accessRows()},
		{"credentials", credentialQuery, f.credentials.sorted()},
		{"documents", documentQuery, f.documentRows()},
	} {
		equal(f.t, c.name, c.want, table(ctx, f.t, conn, c.query))
	}
}

// equal reports the first rows that only one side has.
func equal(t testing.TB, name string, want, got rows) {
	t.Helper()
	if len(want) == 0 {
		t.Errorf("%s: the fold has no rows, so comparing proves nothing", name)
	}
	if cmp.Equal(want, got) {
		return
	}
	missing, extra := only(want, got), only(got, want)
	t.Errorf("%s: want %d rows, got %d; %d are missing, %d are too many", name, len(want), len(got), len(missing), len(extra))
	for i := range min(3, len(missing)) {
		t.Errorf("  missing  %s", missing[i])
	}
	for i := range min(3, len(extra)) {
		t.Errorf("  too many %s", extra[i])
	}
}

// only returns the rows that a has more often than b.
func only(a, b rows) rows {
	n := map[string]int{}
	for _, r := range b {
		n[r]++
	}
	var out rows
	for _, r := range a {
		if n[r]--; n[r] < 0 {
			out = append(out, r)
		}
	}
	return out
}

// one reads a single number.
func one(ctx context.Context, t testing.TB, conn driver.Conn, query string) int64 {
	t.Helper()
	var n int64
	if err := conn.QueryRow(ctx, fmt.Sprintf("SELECT toInt64((%s))", query)).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}
