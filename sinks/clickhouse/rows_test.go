package clickhouse

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"
)

// expectedRows reads testdata/rows.jsonl, which says by hand which rows
// fullEvents make: {"table": …, "row": …} per line.
func expectedRows(t testing.TB) map[string][]string {
	t.Helper()
	file, err := os.Open("testdata/rows.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows := map[string][]string{}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct {
			Table string
			Row   json.RawMessage
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatalf("%s: %v", lines.Text(), err)
		}
		rows[line.Table] = append(rows[line.Table], canonical(t, string(line.Row)))
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return rows
}

// canonical sorts the keys of a JSON object.
func canonical(t testing.TB, object string) string {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(object), &v); err != nil {
		t.Fatalf("%s: %v", object, err)
	}
	out, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// compareTables compares every table with what is expected of it, row for row.
func (r *rig) compareTables(want map[string][]string) {
	r.Helper()
	for _, name := range []string{
		"runs", "accounts", "entities", "observations", "documents", "document_grants", "grants", "trusts", "last_accessed", "credentials", "dead_letters",
		"judgements", "scores", "findings", "finding_observations", "unused_permissions", "escalation_paths",
	} {
		var got []string
		for _, row := range r.lines("SELECT * FROM %s FINAL", name) {
			got = append(got, canonical(r, row))
		}
		slices.Sort(got)
		slices.Sort(want[name])
		if diff := cmp.Diff(want[name], got); diff != "" {
			r.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestEveryFieldOfEveryEventReachesItsTable(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.publish(fullEvents(t)...)
	r.drain()
	r.compareTables(expectedRows(t))
	// JSON objects have no order, but what is stored has.
	if got := r.value("SELECT mapKeys(expected) FROM runs FINAL"); got != "['access','account','credential','group','policy','role','user']" {
		t.Error(got)
	}
}

// JetStream may deliver any message again, at any time and in any order.
func TestDeliveredTwiceIsStoredOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	backwards := fullEvents(t)
	slices.Reverse(backwards)
	r.publish(fullEvents(t)...)
	r.publish(backwards...)
	r.drain()
	r.publish(fullEvents(t)...)
	r.drain()
	r.compareTables(expectedRows(t))
	if n := r.value("SELECT count() FROM observations"); n == r.value("SELECT count() FROM observations FINAL") {
		t.Log("merged already: the comparison above was of merged parts")
	}
}

// A newer catalog's judgement wins, whichever comes first.
func TestNewerCatalogWins(t *testing.T) {
	t.Parallel()
	for _, order := range [][]string{{"old", "new"}, {"new", "old"}} {
		t.Run(strings.Join(order, " then "), func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			msgs := map[string][]*nats.Msg{}
			complete := func(m *nats.Msg) string {
				return strings.ReplaceAll(string(m.Data), `"status":"partial"`, `"status":"complete"`)
			}
			for _, m := range fullEvents(t) {
				m.Data = []byte(complete(m))
				msgs["old"] = append(msgs["old"], m)
			}
			for _, m := range fullEvents(t) {
				text := strings.ReplaceAll(complete(m), "2026-01-01T12:00:00Z", "2026-01-02T12:00:00Z")
				text = strings.ReplaceAll(text, `"service":"s3","bound"`, `"service":"sqs","bound"`)
				m.Data = []byte(strings.ReplaceAll(text, `"access_level":"Write"`, `"access_level":"List"`))
				msgs["new"] = append(msgs["new"], m)
			}
			for _, which := range order {
				r.publish(msgs[which]...)
				r.drain()
			}
			for query, want := range map[string]string{
				"SELECT arrayDistinct(groupArray(toString(access_level))) FROM entities FINAL":                         "['List']",
				"SELECT arrayDistinct(groupArray(toString(access_level))) FROM observations FINAL WHERE version != ''": "['List']",
				"SELECT arrayDistinct(groupArray(toString(catalog_date))) FROM documents FINAL":                        "['2026-01-02 12:00:00']",
				"SELECT arraySort(groupUniqArray(service)) FROM grants FINAL":                                          "['s3','sqs']",
				"SELECT arraySort(groupUniqArray(service)) FROM grants_current":                                        "['sqs']",
				"SELECT groupUniqArray(toString(access_level)) FROM entities_current":                                  "['List']",
			} {
				if got := r.value("%s", query); got != want {
					t.Errorf("%s: %s, want %s", query, got, want)
				}
			}
		})
	}
}
