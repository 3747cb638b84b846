package collectors_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/leastwise/leastwise/collectors"
	"github.com/leastwise/leastwise/collectors/internal/natstest"
	"github.com/leastwise/leastwise/schemas/event"
	"github.com/leastwise/leastwise/schemas/stream"
)

func controlARN(name string) string {
	return "arn:aws:organizations::000000000001:policy/o-1/service_control_policy/p-" + name
}

func control(name, document string) collectors.Control {
	return collectors.Control{Name: name, ARN: controlARN(name), Document: []byte(document)}
}

// organization lists n accounts of one organization that are limited alike.
func organization(n int, levels [][]collectors.Control) accountsFunc {
	return func(ctx context.Context) ([]collectors.Account, error) {
		list, err := accounts(n)(ctx)
		org := &collectors.Organization{ID: "o-1", Management: "000000000001"}
		for i := range n + 2 {
			org.Accounts = append([]string{fmt.Sprintf("%012d", i+1)}, org.Accounts...)
		}
		for i := range list {
			list[i].Organization = org
			list[i].Controls = collectors.Controls{State: event.StateOK, Levels: levels}
		}
		return list, err
	}
}

// jobsOf decodes what JOBS holds.
func jobsOf(t *testing.T, msgs []string) []event.Job {
	t.Helper()
	var jobs []event.Job
	for _, m := range msgs {
		var j event.Job
		if err := json.Unmarshal([]byte(m), &j); err != nil {
			t.Fatal(err)
		}
		if err := j.Validate(); err != nil {
			t.Fatal(err)
		}
		jobs = append(jobs, j)
	}
	return jobs
}

func TestJobsNameTheControlsOfEveryLevelAndTheirDocumentsAreStored(t *testing.T) {
	t.Parallel()
	js := natstest.Start(t)
	const all, guard = `{"Statement": [ {"Effect":"Allow"} ]}`, `{"Statement":[{"Effect":"Deny"}]}`
	levels := [][]collectors.Control{{control("all", all), control("guard", guard)}, {control("all", all)}}
	schedule(t, newScheduler(js, collectors.DefaultSchedulerConfig(), organization(3, levels), at), at)

	stored := natstest.Read(t, js).Documents
	hash := func(doc string) string { return event.HashDocument(event.NormalizeDocument([]byte(doc))) }
	list := `["000000000001","000000000002","000000000003","000000000004","000000000005"]`
	want := map[string][]byte{hash(all): []byte(`{"Statement":[{"Effect":"Allow"}]}`), hash(guard): []byte(guard), hash(list): []byte(list)}
	if diff := cmp.Diff(want, stored); diff != "" {
		t.Errorf("documents: %s", diff)
	}
	ref := func(name, doc string) event.PolicyRef {
		return event.PolicyRef{Source: "managed", Name: name, ARN: controlARN(name), Document: hash(doc)}
	}
	controls := event.Controls{State: event.StateOK, Levels: [][]event.PolicyRef{{ref("all", all), ref("guard", guard)}, {ref("all", all)}}}
	var msgs []string
	for _, m := range natstest.Stored(t, js, stream.Jobs) {
		msgs = append(msgs, string(m.Data))
	}
	jobs := jobsOf(t, msgs)
	if len(jobs) != 3 {
		t.Fatalf("%d jobs", len(jobs))
	}
	for _, j := range jobs {
		if diff := cmp.Diff(controls, j.Controls); diff != "" {
			t.Errorf("%s: %s", j.ID, diff)
		}
		if diff := cmp.Diff(&event.Organization{ID: "o-1", Management: "000000000001", Accounts: hash(list)}, j.Organization); diff != "" {
			t.Errorf("%s: %s", j.ID, diff)
		}
	}
}

func TestDocumentsOfControlsAreStoredOnceAndAgainInANewBucket(t *testing.T) {
	t.Parallel()
	js := natstest.Start(t)
	levels := [][]collectors.Control{{control("all", `{}`)}}
	s := newScheduler(js, collectors.DefaultSchedulerConfig(), organization(2, levels), at)
	sequences := func() (all []uint64) {
		for _, m := range natstest.Stored(t, js, stream.Documents) {
			all = append(all, m.Sequence)
		}
		return all
	}
	schedule(t, s, at)
	before := sequences()
	schedule(t, s, at.Add(24*time.Hour))
	if after := sequences(); len(before) != 2 || !slices.Equal(before, after) {
		t.Errorf("documents at %v, then at %v", before, after)
	}
	documents, err := js.Stream(t.Context(), stream.Documents)
	if err != nil {
		t.Fatal(err)
	}
	cfg := documents.CachedInfo().Config
	if err := js.DeleteStream(t.Context(), stream.Documents); err != nil {
		t.Fatal(err)
	}
	if _, err := js.CreateStream(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	schedule(t, s, at.Add(48*time.Hour))
	if again := sequences(); len(again) != 2 {
		t.Errorf("documents at %v in the new bucket", again)
	}
}

func TestAJobIsNotPublishedBeforeItsDocuments(t *testing.T) {
	t.Parallel()
	js := natstest.Start(t)
	if err := js.DeleteStream(t.Context(), stream.Documents); err != nil {
		t.Fatal(err)
	}
	s := newScheduler(js, collectors.DefaultSchedulerConfig(), organization(1, [][]collectors.Control{{control("all", `{}`)}}), at)
	if _, err := s.Schedule(t.Context(), at); err == nil {
		t.Error("a round without a bucket went well")
	}
	if jobs := natstest.Stored(t, js, stream.Jobs); len(jobs) != 0 {
		t.Errorf("%d jobs", len(jobs))
	}
}

func TestAJobSaysWhyControlsAreNotKnown(t *testing.T) {
	t.Parallel()
	js := natstest.Start(t)
	s := newScheduler(js, collectors.DefaultSchedulerConfig(), accounts(1), at)
	list, err := accounts(1)(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list[0].Controls = collectors.Controls{State: event.StateThrottled, Reason: "slow\ndown"}
	j, err := s.Job(t.Context(), list[0], at)
	if diff := cmp.Diff(event.Controls{State: event.StateThrottled, Reason: "slow down"}, j.Controls); err != nil || diff != "" {
		t.Errorf("%v: %s", err, diff)
	}
}
