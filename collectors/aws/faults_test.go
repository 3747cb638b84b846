package aws_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/leastwise/leastwise/collectors"
	"github.com/leastwise/leastwise/collectors/internal/natstest"
	"github.com/leastwise/leastwise/internal/awssim"
	"github.com/leastwise/leastwise/schemas/event"
)

func TestPassingFaultsLeaveTheRunWhole(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string][]awssim.Fault{
		"throttling":          {{Action: "iam:*", Probability: 0.7, Kind: awssim.FaultThrottle}},
		"internal errors":     {{Action: "iam:*", Probability: 0.3, Kind: awssim.FaultInternal}, {Action: "sts:AssumeRole", Nth: 1, Kind: awssim.FaultInternal}},
		"dropped connections": {{Action: "iam:*", Probability: 0.3, Kind: awssim.FaultDropConnection}},
		"answers cut off":     {{Action: "iam:*", Probability: 0.3, Kind: awssim.FaultTruncate}},
		"answers malformed":   {{Action: "iam:*", Probability: 0.3, Kind: awssim.FaultMalformed}},
		"slow answers":        {{Action: "iam:Get*", Times: 5, Kind: awssim.FaultSlow, Delay: 50 * time.Millisecond}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := start(t, nil)
			f.cfg.Attempts = 30
			for _, fault := range faults {
				f.inject(t, fault)
			}
			id := f.account(1)
			s := complete(t, f, id)
			account, _ := f.org.Account(id)
			compare(t, expect(account.Day(f.org.Now()), s, f.job(t, id), false), natstest.Read(t, f.js))
		})
	}
}

func TestAccountWithoutDetailsFailsWithAReason(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change    func(t *testing.T, f *fixture)
		permanent bool
		want      []string
	}{
		"role that does not exist": {func(_ *testing.T, f *fixture) { f.cfg.RoleName = "none" }, true,
			[]string{"assume role arn:aws:iam::", "role/none", "AccessDenied", "check that the role exists", "trust policy", "--external-id"}},
		"wrong external id": {func(_ *testing.T, f *fixture) { f.cfg.ExternalID = "another" }, true, []string{"assume role", "AccessDenied", "--external-id"}},
		"details denied": {func(t *testing.T, f *fixture) {
			f.inject(t, awssim.Fault{Action: "iam:GetAccountAuthorizationDetails", Kind: awssim.FaultAccessDenied})
		}, true, []string{"iam:GetAccountAuthorizationDetails", "AccessDenied", "deploy/aws/collector-role.yaml"}},
		"details throttled for good": {func(t *testing.T, f *fixture) {
			f.inject(t, awssim.Fault{Action: "iam:GetAccountAuthorizationDetails", Kind: awssim.FaultThrottle})
		}, false, []string{"iam:GetAccountAuthorizationDetails", "Throttling", "Rate exceeded"}},
		"details broken for good": {func(t *testing.T, f *fixture) {
			f.inject(t, awssim.Fault{Action: "iam:GetAccountAuthorizationDetails", Kind: awssim.FaultInternal})
		}, false, []string{"ServiceFailure"}},
		"AWS unreachable": {func(_ *testing.T, f *fixture) { unreachable(f) }, false, []string{"reach 127.0.0.1:1", "connection refused"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := start(t, nil)
			job := f.job(t, f.account(1))
			tc.change(t, f)
			s, cause := f.collectJob(t, t.Context(), job)
			if s.Status != event.RunFailed || collectors.IsPermanent(cause) != tc.permanent {
				t.Errorf("%s, permanent %v", s.Status, collectors.IsPermanent(cause))
			}
			for _, want := range tc.want {
				if !strings.Contains(s.Reason, want) {
					t.Errorf("%q does not say %q", s.Reason, want)
				}
			}
		})
	}
}

func TestPartsThatFailMakeTheRunPartial(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fault   awssim.Fault
		part    string
		state   event.State
		without event.Kind
	}{
		"credential report denied":    {awssim.Fault{Action: "iam:GenerateCredentialReport", Kind: awssim.FaultAccessDenied}, "iam:GenerateCredentialReport", event.StateAccessDenied, event.KindCredential},
		"credential report throttled": {awssim.Fault{Action: "iam:GetCredentialReport", Kind: awssim.FaultThrottle}, "iam:GetCredentialReport", event.StateThrottled, event.KindCredential},
		"aliases broken":              {awssim.Fault{Action: "iam:ListAccountAliases", Kind: awssim.FaultInternal}, "iam:ListAccountAliases", event.StateFailed, ""},
		"summary denied":              {awssim.Fault{Action: "iam:GetAccountSummary", Kind: awssim.FaultAccessDenied}, "iam:GetAccountSummary", event.StateAccessDenied, ""},
		"boundary denied":             {awssim.Fault{Action: "iam:GetPolicy", Kind: awssim.FaultAccessDenied}, "iam:GetPolicy", event.StateAccessDenied, ""},
		"boundary's version denied":   {awssim.Fault{Action: "iam:GetPolicyVersion", Kind: awssim.FaultAccessDenied}, "iam:GetPolicyVersion", event.StateAccessDenied, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := start(t, nil)
			f.inject(t, tc.fault)
			s, err := f.collect(t, f.account(1))
			if err != nil || s.Status != event.RunPartial || len(s.Problems) != 1 || s.Problems[0].Part != tc.part || s.Problems[0].State != tc.state {
				t.Fatalf("%s: %v: %+v", s.Status, err, s.Problems)
			}
			for _, kind := range event.CountedKinds() {
				if (s.Events[kind] == 0) != (kind == tc.without) {
					t.Errorf("%d events of kind %s", s.Events[kind], kind)
				}
			}
		})
	}
}

func TestReportsThatFailAreEventsWithAState(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change  func(t *testing.T, f *fixture)
		failing int // reports; -1 for all
		part    string
		state   event.State
		most    int // calls to order reports
	}{
		"one could not be made": {func(t *testing.T, f *fixture) { f.inject(t, awssim.Fault{Nth: 3, Kind: awssim.FaultJobFailed}) },
			1, "iam:GetServiceLastAccessedDetails", event.StateFailed, 1000},
		"all are denied": {func(t *testing.T, f *fixture) {
			f.inject(t, awssim.Fault{Action: "iam:GenerateServiceLastAccessedDetails", Kind: awssim.FaultAccessDenied})
		}, -1, "iam:GenerateServiceLastAccessedDetails", event.StateAccessDenied, 10 + 2 + 2},
		"none is ever made": {func(_ *testing.T, f *fixture) { f.cfg.ReportTimeout = 20 * time.Millisecond },
			-1, "iam:GetServiceLastAccessedDetails", event.StateTimedOut, 10 + 2 + 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := start(t, func(c *awssim.Config) {
				if name == "none is ever made" {
					c.JobPolls, c.ReportPolls = 1000, 0
				}
			})
			f.cfg.ReportsAhead = 2
			tc.change(t, f)
			id := f.account(1)
			s, err := f.collect(t, id)
			if err != nil || s.Status != event.RunPartial || s.Problems[0].Part != tc.part || s.Problems[0].State != tc.state {
				t.Fatalf("%s: %v: %+v", s.Status, err, s.Problems)
			}
			got := natstest.Read(t, f.js).Access
			failing := 0
			for _, a := range got {
				if a.State == tc.state && a.Reason != "" && len(a.Services) == 0 {
					failing++
				} else if a.State != event.StateOK {
					t.Errorf("%s is %s: %s", a.ARN, a.State, a.Reason)
				}
			}
			if tc.failing == -1 {
				tc.failing = len(got)
			}
			if failing != tc.failing || int(s.Events[event.KindAccess]) != len(got) {
				t.Errorf("%d of %d reports failed", failing, len(got))
			}
			if calls := f.calls(id, "iam:GenerateServiceLastAccessedDetails"); calls > tc.most {
				t.Errorf("%d reports were ordered", calls)
			}
			if problems := s.Problems[0].Count; int(problems) > failing || len(s.Problems) == 1 && int(problems) != failing {
				t.Errorf("%+v", s.Problems)
			}
		})
	}
}

// onCall runs a function once, before a call to an API is sent.
type onCall struct {
	action string
	do     func()
	once   sync.Once
	inner  awssdk.HTTPClient
}

func (c *onCall) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if strings.Contains(string(body), "Action="+c.action+"&") {
		c.once.Do(c.do)
	}
	return c.inner.Do(r)
}

func TestEntityThatWasDeletedMeanwhileIsNoFault(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	f.base.HTTPClient = &onCall{inner: f.base.HTTPClient, action: "GenerateServiceLastAccessedDetails",
		do: func() { f.org.SetNow(f.org.Now().Add(300 * 24 * time.Hour)) }}
	complete(t, f, f.account(1))
	states := map[event.State]int{}
	for _, a := range natstest.Read(t, f.js).Access {
		states[a.State]++
	}
	if states[event.StateNotCollected] == 0 || states[event.StateOK] == 0 || len(states) != 2 {
		t.Errorf("%v", states)
	}
}

// TestReportsOfAnEndedSessionAreOrderedAgain lets the collector believe that its
// session ends while reports are in the making.
func TestReportsOfAnEndedSessionAreOrderedAgain(t *testing.T) {
	t.Parallel()
	const life = 3 * time.Second
	f := start(t, func(c *awssim.Config) {
		c.Clock = func() time.Time { return time.Now().Add(life - time.Hour) }
	})
	f.inject(t, awssim.Fault{Action: "iam:GetServiceLastAccessedDetails", Nth: 5, Kind: awssim.FaultSlow, Delay: life + time.Second})
	id := f.account(1)
	s := complete(t, f, id)
	account, _ := f.org.Account(id)
	compare(t, expect(account.Day(f.org.Now()), s, f.job(t, id), false), natstest.Read(t, f.js))
	if f.calls(id, "sts:AssumeRole") < 2 || f.calls(id, "iam:GenerateServiceLastAccessedDetails") <= int(s.Events[event.KindAccess]) {
		t.Errorf("no session ended: %v", f.org.Calls())
	}
}

// unknownJobs answers that no report is known.
type unknownJobs struct{ inner awssdk.HTTPClient }

func (c unknownJobs) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if !strings.Contains(string(body), "Action=GetServiceLastAccessedDetails&") {
		return c.inner.Do(r)
	}
	const answer = `<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>no such job</Message></Error></ErrorResponse>`
	return &http.Response{StatusCode: http.StatusNotFound, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(answer)), Request: r}, nil
}

func TestReportsThatIAMForgetsMakeTheRunPartial(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	f.base.HTTPClient = unknownJobs{f.base.HTTPClient}
	s, err := f.collect(t, f.account(1))
	if err != nil {
		t.Fatal(err)
	}
	if s.Status != event.RunPartial || len(s.Problems) != 1 || s.Problems[0].Count != s.Events[event.KindAccess] {
		t.Errorf("%+v", s)
	}
	for _, a := range natstest.Read(t, f.js).Access {
		if a.State != event.StateFailed {
			t.Errorf("the report on %s is %s: %s", a.ARN, a.State, a.Reason)
		}
	}
}

func TestOtherCredentialsThanTheSchedulersAreRefused(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	job := f.job(t, f.account(1))
	job.AssumeRole = false
	s, cause := f.collectJob(t, t.Context(), job)
	if !collectors.IsPermanent(cause) || !strings.Contains(s.Reason, f.account(0)) || !strings.Contains(s.Reason, f.account(1)) {
		t.Errorf("%+v", s)
	}
}

func TestStoppedRunSaysSo(t *testing.T) {
	t.Parallel()
	for _, action := range []string{"AssumeRole", "GetAccountAuthorizationDetails", "ListAccountAliases", "GetCredentialReport", "GenerateServiceLastAccessedDetails", "GetServiceLastAccessedDetails"} {
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			f := start(t, nil)
			job := f.job(t, f.account(1))
			ctx, cancel := context.WithCancel(t.Context())
			f.base.HTTPClient = &onCall{inner: f.base.HTTPClient, action: action, do: cancel}
			s, cause := f.collectJob(t, ctx, job)
			if !errors.Is(cause, context.Canceled) || collectors.IsPermanent(cause) {
				t.Errorf("cause: %v", cause)
			}
			if s.Status != event.RunFailed || s.Reason != "the collector was stopped before the run was done" || len(s.Problems) != 0 {
				t.Errorf("%+v", s)
			}
		})
	}
}

func TestRunCountsItsCalls(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	f.inject(t, awssim.Fault{Action: "iam:GetAccountSummary", Times: 2, Kind: awssim.FaultThrottle})
	id := f.account(1)
	complete(t, f, id)
	want := map[string]int64{}
	for call, n := range f.org.Calls() {
		if call.Account == id {
			want[call.Action] = int64(n)
		}
	}
	if diff := cmp.Diff(want, natstest.Read(t, f.js).Runs[1].Calls); diff != "" || want["iam:GetAccountSummary"] != 3 {
		t.Error(diff)
	}
}
