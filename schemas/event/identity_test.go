package event_test

import (
	"strings"
	"testing"
	"time"

	"github.com/leastwise/leastwise/schemas/event"
)

func TestIsAccountID(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"123456789012": true, "000000000000": true, "": false, "12345678901": false, "1234567890123": false,
		"12345678901a": false, "-12345678901": false, "1 3456789012": false, "1234567890\u0661": false,
	} {
		if got := event.IsAccountID(s); got != want {
			t.Errorf("IsAccountID(%q) = %v", s, got)
		}
	}
}

func TestIsToken(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"AROAEXAMPLE": true, "root": true, "20260203T040506Z-123456789012-1": true, "a_b=c-d": true, strings.Repeat("x", 128): true,
		"": false, strings.Repeat("x", 129): false, ".": false, "a.b": false, "*": false, ">": false, "a b": false, "a\tb": false,
		"a\n": false, "\x00": false, "é": false, "$KV": false, "arn:aws:iam::1:role/a": false, "a/b": false,
	} {
		if got := event.IsToken(s); got != want {
			t.Errorf("IsToken(%q) = %v", s, got)
		}
	}
}

func TestIsHash(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		strings.Repeat("0", 64): true, strings.Repeat("af", 32): true,
		"": false, strings.Repeat("0", 63): false, strings.Repeat("0", 65): false, strings.Repeat("A", 64): false, strings.Repeat("g", 64): false,
	} {
		if got := event.IsHash(s); got != want {
			t.Errorf("IsHash(%q) = %v", s, got)
		}
	}
}

func TestEventIDs(t *testing.T) {
	t.Parallel()
	c := event.Common{Run: "r1", Account: "123456789012", ID: "AROA1"}
	if got, want := c.EventID(event.KindRole), "r1.role.AROA1"; got != want {
		t.Errorf("EventID = %q, want %q", got, want)
	}
	opened := event.Run{Common: c, Phase: event.PhaseOpened}
	closed := event.Run{Common: c, Phase: event.PhaseClosed}
	if opened.EventID(event.KindRun) == closed.EventID(event.KindRun) {
		t.Error("closing a run has the id of opening it")
	}
	access := event.Access{Common: c}
	if access.EventID(event.KindAccess) == c.EventID(event.KindRole) {
		t.Error("an entity and its report have one id")
	}
}

func TestJobIDs(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 2, 3, 5, 5, 6, 700, time.FixedZone("CET", 3600))
	job := event.NewJob("123456789012", at)
	if job.ID != "20260203T040506Z-123456789012" {
		t.Errorf("NewJob has the id %q", job.ID)
	}
	if !job.At.Equal(at.Truncate(time.Second)) || job.At.Location() != time.UTC {
		t.Errorf("NewJob is at %s", job.At)
	}
	if again := event.NewJob("123456789012", at.UTC()); again.ID != job.ID {
		t.Errorf("the same time in another zone makes the id %q", again.ID)
	}
	ids := map[string]bool{job.ID: true}
	for _, id := range []string{job.RunID(1, ""), job.RunID(2, ""), job.RunID(1, "a"), job.RunID(2, "a"), job.RunID(1, "b")} {
		if ids[id] || !event.IsToken(id) {
			t.Errorf("RunID %q is no token or not unique", id)
		}
		ids[id] = true
	}
	job.Partition = "aws"
	if err := job.Validate(); err != nil {
		t.Errorf("Validate: %v", err)
	}
}

func TestKindsAndStates(t *testing.T) {
	t.Parallel()
	for _, k := range append(event.CountedKinds(), event.KindRun, event.KindDocument, event.KindJudgement) {
		if !k.Valid() || !event.IsToken(string(k)) {
			t.Errorf("kind %q is not valid", k)
		}
	}
	for _, k := range []event.Kind{"", "roles", "Role", "user.role"} {
		if k.Valid() {
			t.Errorf("kind %q is valid", k)
		}
	}
	for _, s := range []event.State{"", "OK", "denied"} {
		if s.Valid() {
			t.Errorf("state %q is valid", s)
		}
	}
}
