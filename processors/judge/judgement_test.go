package judge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"

	"github.com/leastwise/leastwise/catalog/risk"
	"github.com/leastwise/leastwise/schemas/event"
)

// fill sets every field of v to something.
func fill(t testing.TB, v reflect.Value) {
	t.Helper()
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(on(1)))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(t, v.Field(i))
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			fill(t, v.Index(i))
		}
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int:
		v.SetInt(3)
	case reflect.Uint8, reflect.Uint16:
		v.SetUint(3)
	case reflect.Float64:
		v.SetFloat(12.5)
	default:
		t.Fatalf("no filler for %s", v.Type())
	}
}

// zeros lists what of v says nothing.
func zeros(v reflect.Value, path string) (out []string) {
	if v.IsZero() {
		return []string{path}
	}
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			out = append(out, zeros(v.Field(i), path+"."+v.Type().Field(i).Name)...)
		}
	case v.Kind() == reflect.Pointer:
		out = zeros(v.Elem(), path)
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			out = append(out, zeros(v.Index(i), path)...)
		}
	}
	return out
}

func testStamp() stamp {
	c := event.Common{Run: "run-1", Account: shop, ID: "run-1", ObservedAt: on(2)}
	return stamp{run: c, judge: "0123456789abcdef", judgedAt: on(2), catalog: "0.21", catalogDate: on(1)}
}

func full(t testing.TB) *risk.Judgement {
	t.Helper()
	var j risk.Judgement
	fill(t, reflect.ValueOf(&j).Elem())
	j.Entity = risk.Entity{Account: shop, Kind: "role", ID: "AROA1", Name: "deploy", Path: "/", ARN: "arn:aws:iam::111122223333:role/deploy"}
	j.Findings[0].Entity = j.Entity
	hash := event.HashDocument([]byte("x"))
	j.Findings[0].Evidence[0].Document, j.Paths[0].Steps[0].Evidence[0].Document = hash, hash
	return &j
}

func TestNothingThatTheRulesSayIsLost(t *testing.T) {
	t.Parallel()
	e, err := testStamp().event(full(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Validate(); err != nil {
		t.Error(err)
	}
	// Totals are the stage's to add; nothing was too large.
	if diff := cmp.Diff([]string{"event.Totals", "event.Truncated"}, zeros(reflect.ValueOf(e), "event")); diff != "" {
		t.Errorf("fields that say nothing (-want +got):\n%s", diff)
	}
	if e.ID != "AROA1" || e.Run != "run-1" || e.Entity != event.KindRole || e.Findings[0].Severity != "high" {
		t.Errorf("%+v", e)
	}
}

// A version is another one as soon as anything that a row says is.
func TestAFindingsVersionNamesAllOfItsContent(t *testing.T) {
	t.Parallel()
	versions := map[string]string{}
	for name, change := range map[string]func(f *risk.Finding){
		"unchanged":     func(*risk.Finding) {},
		"name":          func(f *risk.Finding) { f.Entity.Name = "other" },
		"arn":           func(f *risk.Finding) { f.Entity.ARN += "/other" },
		"severity":      func(f *risk.Finding) { f.Severity = risk.Low },
		"actions":       func(f *risk.Finding) { f.Actions = nil },
		"evidence":      func(f *risk.Finding) { f.Evidence[0].Statement++ },
		"resources":     func(f *risk.Finding) { f.Evidence[0].Resources = []string{"y"} },
		"condition":     func(f *risk.Finding) { f.Evidence[0].Conditions[0].Values = nil },
		"candidates":    func(f *risk.Finding) { f.Target.Count++ },
		"no target":     func(f *risk.Finding) { f.Target = nil },
		"remedy":        func(f *risk.Finding) { f.Remedy = "y" },
		"partly denied": func(f *risk.Finding) { f.PartlyDenied = false },
	} {
		f := full(t).Findings[0]
		change(&f)
		e, err := finding(&f)
		if err != nil {
			t.Fatal(err)
		}
		if other, ok := versions[e.Version]; ok {
			t.Errorf("%s and %s have one version", name, other)
		}
		versions[e.Version] = name
	}
}

func TestAFindingsIDStaysWhenItsContentChanges(t *testing.T) {
	t.Parallel()
	f := full(t).Findings[0]
	before, err := finding(&f)
	if err != nil {
		t.Fatal(err)
	}
	f.Severity, f.Evidence = risk.Low, nil
	after, err := finding(&f)
	if err != nil || before.ID != after.ID || before.Version == after.Version {
		t.Errorf("%s %s, then %s %s, %v", before.ID, before.Version, after.ID, after.Version, err)
	}
}

func TestTallyCountsWhoCanMakeItselfAdministrator(t *testing.T) {
	t.Parallel()
	way := []event.EscalationPath{{Steps: []event.EscalationStep{{}}}}
	totals := &event.Totals{Findings: map[string]int64{}}
	for _, j := range []event.Judgement{
		{Entity: event.KindUser, Paths: way, Excluded: 2, Findings: []event.Finding{{Severity: "high"}, {Severity: "high"}, {Severity: "low"}}},
		{Entity: event.KindRole, Paths: []event.EscalationPath{{}}}, // an administrator
		{Entity: event.KindRole, Excluded: 1},
		{Entity: event.KindAccount, Paths: way, Findings: []event.Finding{{Severity: "critical"}}},
	} {
		tally(totals, &j)
	}
	want := &event.Totals{Judgements: 4, Excluded: 3, Escalating: 1, Findings: map[string]int64{"high": 2, "low": 1, "critical": 1}}
	if diff := cmp.Diff(want, totals); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// shelf keeps what is published, in batches.
type shelf struct {
	batches [][]*nats.Msg
	err     error
}

func (s *shelf) Publish(_ context.Context, msgs ...*nats.Msg) error {
	if len(msgs) > 0 {
		s.batches = append(s.batches, msgs)
	}
	return s.err
}

func TestTheOutboxPublishesInBatches(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		size, n, batches int
	}{
		"few":   {10, 10, 1},
		"many":  {10, outboxMessages + 1, 2},
		"large": {outboxBytes/3 + 1, 7, 3},
	} {
		s := &shelf{}
		o := newOutbox(s, 1<<20, on(2))
		for i := range test.n {
			j := event.Judgement{Common: event.Common{Run: "r", Account: shop, ID: fmt.Sprint("A", i)}, Judge: "j", Name: strings.Repeat("n", test.size)}
			if err := o.add(t.Context(), &j); err != nil {
				t.Fatal(err)
			}
		}
		if err := o.flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		ids := map[string]bool{}
		for _, b := range s.batches {
			for _, m := range b {
				ids[m.Header.Get(nats.MsgIdHdr)] = true
			}
		}
		if len(s.batches) != test.batches || len(ids) != test.n || !ids["r.judgement.A0.j"] {
			t.Errorf("%s: %d batches of %d ids, want %d of %d", name, len(s.batches), len(ids), test.batches, test.n)
		}
	}
}

func TestTheOutboxPacesWhatIsLarge(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		send := func(bytes int) time.Duration {
			const each = 64 << 10
			o := newOutbox(&shelf{}, 1<<20, on(2))
			for range bytes / each {
				j := event.Judgement{Common: event.Common{Run: "r", Account: shop, ID: "A"}, Name: strings.Repeat("n", each)}
				if err := o.add(t.Context(), &j); err != nil {
					t.Fatal(err)
				}
			}
			if err := o.flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			took := time.Since(began)
			began = time.Now()
			return took
		}
		if took := send(paceBurst / 2); took != 0 {
			t.Errorf("a small account took %s, want no wait", took)
		}
		if took := send(paceBurst + 4*pace); took < 4*time.Second || took > 5*time.Second {
			t.Errorf("a large account took %s, want about 4 s", took)
		}
	})
}

func TestTheOutboxSaysWhatCannotBeStored(t *testing.T) {
	t.Parallel()
	failed := errors.New("failed")
	o := newOutbox(&shelf{err: failed}, 1<<20, on(2))
	if err := o.add(t.Context(), &event.Judgement{}); err != nil {
		t.Fatal(err)
	}
	if err := o.flush(t.Context()); !errors.Is(err, failed) {
		t.Error(err)
	}
}

func TestAJudgementThatIsTooLargeLosesEvidence(t *testing.T) {
	t.Parallel()
	j := func() *event.Judgement {
		e, err := testStamp().event(full(t))
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			e.Findings[0].Evidence = append(e.Findings[0].Evidence, event.Evidence{Note: strings.Repeat("n", 1000)})
			e.Paths[0].Steps[0].Evidence = append(e.Paths[0].Steps[0].Evidence, event.Evidence{Note: strings.Repeat("n", 1000)})
		}
		return &e
	}
	size := func(e *event.Judgement) int {
		payload, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		return len(payload)
	}
	short := j()
	cut(short, 1)
	for _, test := range []struct {
		limit, kept int
		truncated   bool
	}{{size(j()), 4, false}, {size(j()) - 1, 1, true}, {size(short), 1, true}, {size(short) - 1, 0, true}} {
		payload, err := encode(j(), test.limit)
		if err != nil {
			t.Fatalf("limit %d: %v", test.limit, err)
		}
		var got event.Judgement
		if err := json.Unmarshal(payload, &got); err != nil || len(payload) > test.limit {
			t.Fatalf("limit %d: %d bytes, %v", test.limit, len(payload), err)
		}
		if n := len(got.Findings[0].Evidence); n != test.kept || len(got.Paths[0].Steps[0].Evidence) != test.kept || got.Truncated != test.truncated {
			t.Errorf("limit %d: %d pieces of evidence are left, truncated %v; want %d, %v", test.limit, n, got.Truncated, test.kept, test.truncated)
		}
	}
	if _, err := encode(j(), 500); !errors.Is(err, nats.ErrMaxPayload) || !strings.Contains(err.Error(), "AROA1") {
		t.Error(err)
	}
}
