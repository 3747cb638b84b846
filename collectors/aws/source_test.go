package aws_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/leastwise/leastwise/collectors"
	"github.com/leastwise/leastwise/collectors/internal/natstest"
	"github.com/leastwise/leastwise/internal/awssim"
	"github.com/leastwise/leastwise/schemas/event"
)

// compare holds everything that was published against the oracle, row for row.
// The summary of an account is compared by its own test.
func compare(t *testing.T, want, got natstest.Events) {
	t.Helper()
	for i := range got.Accounts {
		if len(got.Accounts[i].Summary) == 0 {
			t.Error("account without a summary")
		}
		got.Accounts[i].Summary = nil
	}
	if diff := cmp.Diff(want, sorted(got), cmpopts.IgnoreFields(natstest.Events{}, "Runs"), cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}

func complete(t *testing.T, f *fixture, id string) collectors.Summary {
	t.Helper()
	s, err := f.collect(t, id)
	if err != nil || s.Status != event.RunComplete {
		t.Fatalf("%s: %v; %+v", s.Status, err, s.Problems)
	}
	return s
}

func TestRunPublishesTheAccountRowForRow(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		sim     func(*awssim.Config)
		day     int
		page    int32
		actions bool
	}{
		"first day":           {page: 200},
		"after some drift":    {page: 200, day: 20},
		"pages of one":        {page: 1, day: 3},
		"many short pages":    {page: 7, day: 5, sim: func(c *awssim.Config) { c.ShortPages = 90 }},
		"action level":        {page: 200, actions: true},
		"slow reports":        {page: 200, sim: func(c *awssim.Config) { c.JobPolls, c.ReportPolls = 4, 6 }},
		"another partition":   {page: 200, sim: func(c *awssim.Config) { c.Partition = "aws-us-gov" }},
		"no external id":      {page: 200, sim: func(c *awssim.Config) { c.ExternalID = "" }},
		"more than one batch": {page: 100, sim: func(c *awssim.Config) { c.Roles = 500 }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := start(t, tc.sim)
			f.cfg.PageSize = tc.page
			if tc.actions {
				f.cfg.Granularity = "action"
			}
			f.org.SetNow(f.org.Now().Add(time.Duration(tc.day) * 24 * time.Hour))
			id := f.account(1)
			s := complete(t, f, id)
			account, _ := f.org.Account(id)
			want := expect(account.Day(f.org.Now()), s, f.job(t, id), tc.actions)
			got := natstest.Read(t, f.js)
			compare(t, want, got)
			counts := map[event.Kind]int64{
				"account": 1, "user": int64(len(want.Users)), "group": int64(len(want.Groups)), "role": int64(len(want.Roles)),
				"policy": int64(len(want.Policies)), "access": int64(len(want.Access)), "credential": int64(len(want.Credentials)),
			}
			if diff := cmp.Diff(counts, got.Runs[1].Expected); diff != "" {
				t.Errorf("expected counts: %s", diff)
			}
		})
	}
}
