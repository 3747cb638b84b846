package stream_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"

	"github.com/leastwise/leastwise/schemas/event"
	"github.com/leastwise/leastwise/schemas/stream"
)

func TestSubjects(t *testing.T) {
	t.Parallel()
	hash := event.HashDocument(nil)
	for got, want := range map[string]string{
		stream.JobSubject("123456789012"):                                 "iam.jobs.123456789012",
		stream.RawSubject(event.KindRole, "123456789012", "AROA1"):        "iam.raw.role.123456789012.AROA1",
		stream.EnrichedSubject(event.KindDocument, "123456789012", "abc"): "iam.enriched.document.123456789012.abc",
		stream.DeadSubject("process", stream.Raw, 18446744073709551615):   "iam.dead.process.RAW.18446744073709551615",
		stream.DocumentSubject(hash):                                      "$KV.documents." + hash,
		stream.RawType(event.KindCredential):                              "leastwise.raw.credential.v1",
		stream.EnrichedType(event.KindAccess):                             "leastwise.enriched.access.v1",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestKindOf(t *testing.T) {
	t.Parallel()
	for subject, want := range map[string]event.Kind{
		"iam.raw.user.123456789012.AIDA1":        event.KindUser,
		"iam.raw.7.user.123456789012.AIDA1":      event.KindUser,
		"iam.enriched.document.123456789012.abc": event.KindDocument,
		"iam.enriched.0.run.123456789012.r1":     event.KindRun,
		"iam.raw.users.123456789012.AIDA1":       "",
		"iam.raw.user.123456789012":              "",
		"iam.raw.user.123456789012.a.b.c":        "",
		"iam.jobs.123456789012":                  "",
		"iam.dead.process.RAW.user.7":            "",
		"iam.dead.user.RAW.7":                    "",
		"other.raw.user.123456789012.AIDA1":      "",
		"$KV.documents.user.a.b":                 "",
		"":                                       "",
	} {
		if got, ok := stream.KindOf(subject); ok != (want != "") || ok && got != want {
			t.Errorf("KindOf(%q) = %q, %v, want %q", subject, got, ok, want)
		}
	}
}

func TestNewMessageCarriesCloudEventsHeaders(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 2, 3, 5, 5, 6, 0, time.FixedZone("CET", 3600))
	msg := stream.NewMessage("s", stream.RawType(event.KindUser), "leastwise/test", "id-1", at, []byte("{}"))
	want := nats.Header{
		"Nats-Msg-Id":    {"id-1"},
		"ce-specversion": {"1.0"},
		"ce-id":          {"id-1"},
		"ce-type":        {"leastwise.raw.user.v1"},
		"ce-source":      {"leastwise/test"},
		"ce-time":        {"2026-02-03T04:05:06Z"},
		"content-type":   {"application/json"},
	}
	if diff := cmp.Diff(want, msg.Header); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	if msg.Subject != "s" || string(msg.Data) != "{}" {
		t.Errorf("message on %s with %q", msg.Subject, msg.Data)
	}
}

// partitionOf is the partition that the server put into a stored subject.
func partitionOf(t *testing.T, subject string) string {
	t.Helper()
	tokens := strings.Split(subject, ".")
	if len(tokens) != 6 {
		t.Fatalf("%s has no partition", subject)
	}
	return tokens[2]
}

// Whatever passes Validate makes a subject of exactly the tokens that it should
// have, without wildcards: an id can never speak for another account or kind.
func FuzzValidEventsMakeSafeSubjects(f *testing.F) {
	for _, seed := range [][3]string{
		{"123456789012", "AROAEXAMPLE", "20260203T040506Z-123456789012-1"}, {"123456789012", "a.b", "r"}, {"123456789012", "*", "r"},
		{"123456789012", ">", "r"}, {"*", "a", "r"}, {"123456789012", "a b", "r"}, {"123456789012", "a\r\nPUB x 0", "r"},
		{"123456789012", "", "r"}, {"12345678901.", "a", "r"}, {"123456789012", "a", "r.1"}, {"123456789012", "\u2028", "r"}, {"123456789012", "a\x00", "r"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, account, id, run string) {
		g := event.Group{
			Common:   event.Common{Run: run, Account: account, ID: id, ObservedAt: time.Unix(1, 0)},
			Identity: event.Identity{Name: "n", Path: "/", ARN: "a"},
		}
		hostile := strings.ContainsAny(account+id+run, ".*> \t\r\n\x00") || account == "" || id == "" || run == ""
		if err := g.Validate(); err != nil {
			return
		}
		if hostile {
			t.Fatalf("Validate accepted account %q, id %q, run %q", account, id, run)
		}
		subject := stream.RawSubject(event.KindGroup, account, id)
		if diff := cmp.Diff([]string{"iam", "raw", "group", account, id}, strings.Split(subject, ".")); diff != "" {
			t.Fatalf("subject %q:\n%s", subject, diff)
		}
		if k, ok := stream.KindOf(subject); !ok || k != event.KindGroup {
			t.Fatalf("KindOf(%q) = %q, %v", subject, k, ok)
		}
		msg := stream.NewMessage(subject, stream.RawType(event.KindGroup), "fuzz", g.EventID(event.KindGroup), time.Unix(1, 0), nil)
		if strings.ContainsAny(msg.Header.Get("Nats-Msg-Id"), " \r\n") {
			t.Fatalf("the id %q breaks its header", msg.Header.Get("Nats-Msg-Id"))
		}
	})
}
