package aws_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/leastwise/leastwise/collectors"
	"github.com/leastwise/leastwise/collectors/aws"
	"github.com/leastwise/leastwise/collectors/internal/natstest"
	"github.com/leastwise/leastwise/internal/awssim"
	"github.com/leastwise/leastwise/internal/awssim/world"
	"github.com/leastwise/leastwise/schemas/event"
)

// levels flattens what limits an account on a day.
func levels(all [][]world.Control) [][]string {
	var out [][]string
	for _, level := range all {
		var names []string
		for _, c := range level {
			names = append(names, c.ARN+" "+c.Name+" "+string(c.Document))
		}
		out = append(out, names)
	}
	return out
}

func listed(all [][]collectors.Control) [][]string {
	var out [][]string
	for _, level := range all {
		var names []string
		for _, c := range level {
			names = append(names, c.ARN+" "+c.Name+" "+string(c.Document))
		}
		out = append(out, names)
	}
	return out
}

func same(a, b [][]string) bool { return slices.EqualFunc(a, b, slices.Equal[[]string]) }

func TestControlsOfEveryLevelAreListedDayByDay(t *testing.T) {
	t.Parallel()
	f := start(t, func(c *awssim.Config) { c.Accounts, c.ShortPages = 30, 60 })
	for n := range 4 {
		f.org.SetNow(world.DefaultConfig().Start.AddDate(0, 0, n*11))
		for _, a := range f.list(t) {
			account, _ := f.org.Account(a.ID)
			if want := levels(account.Day(f.org.Now()).Controls()); a.Controls.State != event.StateOK || !same(listed(a.Controls.Levels), want) {
				t.Errorf("day %d: %s has %+v, want %v", n*11, a.Name, a.Controls, want)
			}
		}
	}
}

func TestOrganizationIsReadWithFewCalls(t *testing.T) {
	t.Parallel()
	f := start(t, func(c *awssim.Config) { c.Accounts, c.Suspended, c.ShortPages = 40, 5, 0 })
	f.list(t)
	for action, most := range map[string]int{
		"organizations:ListAccounts": 3, "organizations:ListRoots": 1, "organizations:ListPolicies": 1,
		// One for each account and unit but the management account, and one page for
		// each policy but for that of all.
		"organizations:ListParents": 39 + 4, "organizations:ListTargetsForPolicy": 9 + 2, "organizations:DescribePolicy": 8,
	} {
		if got := f.calls(f.account(0), action); got == 0 || got > most {
			t.Errorf("%s was called %d times, want at most %d", action, got, most)
		}
	}
}

func TestControlsThatCannotBeHadAreAState(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change func(*fixture)
		state  event.State
		reason string
		status event.RunStatus
	}{
		"denied": {func(f *fixture) {
			f.inject(t, awssim.Fault{Action: "organizations:ListPolicies", Kind: awssim.FaultAccessDenied})
		}, event.StateAccessDenied, "organizations:ListPolicies: AccessDeniedException", event.RunPartial},
		"denied half way": {func(f *fixture) {
			f.inject(t, awssim.Fault{Action: "organizations:DescribePolicy", Kind: awssim.FaultAccessDenied, Nth: 3})
		}, event.StateAccessDenied, "organizations:DescribePolicy", event.RunPartial},
		"throttled for good": {func(f *fixture) {
			f.inject(t, awssim.Fault{Action: "organizations:ListParents", Kind: awssim.FaultThrottle})
		}, event.StateThrottled, "organizations:ListParents", event.RunPartial},
		"broken for good": {func(f *fixture) {
			f.inject(t, awssim.Fault{Action: "organizations:ListTargetsForPolicy", Kind: awssim.FaultTruncate})
		}, event.StateFailed, "organizations:ListTargetsForPolicy", event.RunPartial},
		"left out": {func(f *fixture) { f.cfg.Controls = false }, event.StateNotCollected, "--service-control-policies", event.RunComplete},
		"alone":    {func(f *fixture) { f.cfg.Organization = false }, event.StateNotCollected, "--organization", event.RunComplete},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := start(t, nil)
			tc.change(f)
			id := f.account(1)
			if !f.cfg.Organization {
				id = f.account(0)
			}
			s, err := f.collect(t, id)
			if err != nil || s.Status != tc.status || len(s.Problems) != 1 {
				t.Fatalf("%s: %v; %+v", s.Status, err, s.Problems)
			}
			if p := s.Problems[0]; p.Part != "controls" || p.State != tc.state || !strings.Contains(p.Reason, tc.reason) || p.Count != 1 {
				t.Errorf("%+v", p)
			}
			got := natstest.Read(t, f.js)
			if a := got.Accounts[0]; a.State != tc.state || a.Reason != s.Problems[0].Reason || a.Levels != nil {
				t.Errorf("the account says %+v", a.Controls)
			}
			if slices.ContainsFunc(got.Roles, func(r event.Role) bool { return r.Controls != nil }) {
				t.Error("a role is limited by something")
			}
		})
	}
}

func TestControlsSurvivePassingFaults(t *testing.T) {
	t.Parallel()
	for _, kind := range []awssim.FaultKind{awssim.FaultThrottle, awssim.FaultInternal, awssim.FaultDropConnection, awssim.FaultTruncate, awssim.FaultMalformed} {
		f := start(t, nil)
		f.inject(t, awssim.Fault{Action: "organizations:*", Kind: kind, Probability: 0.2})
		for _, a := range f.list(t) {
			account, _ := f.org.Account(a.ID)
			if !same(listed(a.Controls.Levels), levels(account.Day(f.org.Now()).Controls())) {
				t.Errorf("%s: %s has %+v", kind, a.Name, a.Controls)
			}
		}
	}
}

func TestListingStopsWithItsContext(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	f.inject(t, awssim.Fault{Action: "organizations:ListParents", Kind: awssim.FaultSlow, Delay: time.Hour})
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := aws.NewAccounts(f.cfg, f.base, collectors.NewMetrics(nil)).List(ctx)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error is %v", err)
	}
}

func TestNothingLimitsTheManagementAccountAndServiceLinkedRoles(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	complete(t, f, f.account(0))
	complete(t, f, f.account(1))
	limited := map[string]int{}
	got := natstest.Read(t, f.js)
	for _, r := range got.Roles {
		who := r.Account
		if strings.HasPrefix(r.Path, "/aws-service-role/") {
			who += " linked"
		}
		limited[who] += len(r.Controls)
	}
	for _, u := range got.Users {
		limited[u.Account] += len(u.Controls)
	}
	member := f.account(1)
	if limited[member] == 0 || limited[f.account(0)]+limited[member+" linked"] != 0 {
		t.Errorf("levels of controls: %v", limited)
	}
	for _, a := range got.Accounts {
		if a.State != event.StateOK || (len(a.Levels) == 0) != (a.ID == f.account(0)) {
			t.Errorf("account %s says %+v", a.ID, a.Controls)
		}
	}
}
