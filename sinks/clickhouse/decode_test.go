package clickhouse

import (
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/leastwise/leastwise/schemas/event"
	"github.com/leastwise/leastwise/schemas/stream"
)

// What the Go types can hold and the columns cannot must not be stored as
// something else.
func TestDecodeRefusesWhatColumnsCannotHold(t *testing.T) {
	t.Parallel()
	full := map[event.Kind]string{}
	for _, m := range fullEvents(t) {
		if kind, _ := stream.KindOf(m.Subject); full[kind] == "" || kind != event.KindJudgement {
			full[kind] = string(m.Data)
		}
	}
	for name, test := range map[string]struct {
		kind      event.Kind
		old, text string
		want      string
	}{
		"user before 1970":       {event.KindUser, `"created_at":"2026`, `"created_at":"1969`, "created_at is 1969-01-01T00:00:01Z, out of the years"},
		"catalog of the future":  {event.KindGroup, `"catalog_date":"2026`, `"catalog_date":"2106`, "catalog_date is 2106"},
		"role used too late":     {event.KindRole, `"last_used_at":"2026`, `"last_used_at":"9999`, "last_used_at is 9999"},
		"statement 65536":        {event.KindRole, `"statement":1`, `"statement":65536`, "trusts.statement is 65536, more than 65535"},
		"policy version":         {event.KindPolicy, `"default":true,"created_at":"2026`, `"default":true,"created_at":"2106`, "versions.created_at is 2106"},
		"policy updated":         {event.KindPolicy, `"updated_at":"2026`, `"updated_at":"1900`, "updated_at is 1900"},
		"attachments":            {event.KindPolicy, `"attachment_count":3`, `"attachment_count":4294967296`, "attachment_count is 4294967296"},
		"boundaries":             {event.KindPolicy, `"boundary_count":2`, `"boundary_count":4294967296`, "boundary_count is 4294967296"},
		"account joined":         {event.KindAccount, `"joined_at":"2026`, `"joined_at":"1900`, "joined_at is 1900"},
		"service accessed":       {event.KindAccess, `"last_at":"2026-01-01T22`, `"last_at":"2300-01-01T22`, "services.last_at is 2300"},
		"action accessed":        {event.KindAccess, `"last_at":"2026-01-01T21`, `"last_at":"2300-01-01T21`, "services.actions.last_at is 2300"},
		"entities that accessed": {event.KindAccess, `"entities":4`, `"entities":4294967296`, "services.entities is 4294967296"},
		"password":               {event.KindCredential, `"password_next_rotation":"2026`, `"password_next_rotation":"3000`, "password_next_rotation is 3000"},
		"access key":             {event.KindCredential, `"rotated_at":"2026-01-01T06`, `"rotated_at":"3000-01-01T06`, "access_keys is 3000"},
		"certificate":            {event.KindCredential, `"rotated_at":"2026-01-01T05`, `"rotated_at":"3000-01-01T05`, "certificates.rotated_at is 3000"},
		"run":                    {event.KindRun, `"ended_at":"2026`, `"ended_at":"3000`, "ended_at is 3000"},
		"judged":                 {event.KindJudgement, `"judged_at":"2026`, `"judged_at":"3000`, "judged_at is 3000"},
		"unused since":           {event.KindJudgement, `"last_at":"2026`, `"last_at":"1900`, "unused.last_at is 1900"},
		"actions of a finding":   {event.KindJudgement, `"action_count":1`, `"action_count":4294967296`, "findings.action_count is 4294967296"},
		"evidence":               {event.KindJudgement, `"statement":3`, `"statement":65536`, "findings.evidence.statement is 65536"},
		"document":               {event.KindDocument, `"statements":2`, `"statements":4294967296`, "statements is 4294967296"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(full[test.kind], test.old) {
				t.Fatalf("%s has no %s", full[test.kind], test.old)
			}
			payload := strings.Replace(full[test.kind], test.old, test.text, 1)
			_, err := decodeKind(test.kind, []byte(payload))
			if err == nil || !strings.HasPrefix(err.Error(), "store "+string(test.kind)+" event: ") || !strings.Contains(err.Error(), test.want) {
				t.Error(err)
			}
			if _, err := decodeKind(test.kind, []byte(full[test.kind])); err != nil {
				t.Errorf("unchanged: %v", err)
			}
		})
	}
}

// Whatever comes in makes an error or rows that columns can hold, never a panic.
func FuzzDecode(f *testing.F) {
	for _, m := range fullEvents(f) {
		f.Add(m.Subject, m.Data)
	}
	f.Add("iam.enriched.3.user.123456789012.AIDA", []byte(`{"groups":[null],"boundary":{}}`))
	f.Fuzz(func(t *testing.T, subject string, payload []byte) {
		kind, _ := stream.KindOf(subject)
		header := nats.Header{}
		header.Set(stream.HeaderType, stream.EnrichedType(kind))
		_, e, err := decode(subject, header, payload)
		if (err == nil) == (e == nil) {
			t.Fatalf("entry %v, error %v", e, err)
		}
		if err != nil {
			return
		}
		rows := rowsOf([]entry{e})
		for _, o := range rows.observations {
			if !storable(o.ObservedAt) || !event.IsAccountID(o.Account) {
				t.Errorf("observation %+v", o)
			}
		}
		if rows.count() == 0 {
			t.Error("an event that makes no rows vanishes")
		}
	})
}

func FuzzDeadLetter(f *testing.F) {
	f.Add("iam.dead.process.RAW.7", stream.HeaderDeadTime, "2026-01-02T03:04:05Z", []byte("x"))
	f.Add("", stream.HeaderDeadSequence, "-1", []byte(nil))
	f.Fuzz(func(t *testing.T, subject, name, value string, payload []byte) {
		d := deadLetterOf(subject, nats.Header{name: {value}}, payload, on(1, "00:00:00"))
		if !storable(d.diedAt) || d.payload != string(payload) {
			t.Errorf("%+v", d)
		}
	})
}
