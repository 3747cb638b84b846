package awssim_test

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/leastwise/leastwise/internal/awssim"
)

func TestOnlyWhatThePolicyAllowsCanBeCalled(t *testing.T) {
	t.Parallel()
	org, client := started(t, func(c *awssim.Config) { c.CollectorActions = []string{"iam:GetAccount*", "organizations:ListAccounts"} })
	session := assumed(t, org, client, member(t, org, 1))
	for _, c := range []struct {
		name string
		call func(cfg aws.Config) error
		code string
	}{
		{"details", func(cfg aws.Config) error {
			_, err := iam.NewFromConfig(cfg).GetAccountAuthorizationDetails(t.Context(), nil)
			return err
		}, ""},
		{"summary", func(cfg aws.Config) error {
			_, err := iam.NewFromConfig(cfg).GetAccountSummary(t.Context(), nil)
			return err
		}, ""},
		{"identity", func(cfg aws.Config) error {
			_, err := sts.NewFromConfig(cfg).GetCallerIdentity(t.Context(), nil)
			return err
		}, ""},
		{"report", func(cfg aws.Config) error {
			_, err := iam.NewFromConfig(cfg).GenerateCredentialReport(t.Context(), nil)
			return err
		}, "AccessDenied"},
		{"organization", func(cfg aws.Config) error {
			_, err := organizations.NewFromConfig(cfg).DescribeOrganization(t.Context(), nil)
			return err
		}, "AccessDeniedException"},
		{"unserved action", func(cfg aws.Config) error {
			_, err := iam.NewFromConfig(cfg).GetUser(t.Context(), nil)
			return err
		}, "InvalidAction"},
	} {
		for _, cfg := range []aws.Config{client, session} {
			if code, _ := errorCode(c.call(cfg)); code != c.code {
				t.Errorf("%s: code %q, want %q", c.name, code, c.code)
			}
		}
	}
}

func TestEveryCallIsCounted(t *testing.T) {
	t.Parallel()
	org, client := started(t, nil)
	management, account := org.World().Management().ID(), member(t, org, 1)
	session := iam.NewFromConfig(assumed(t, org, client, account))
	for range 3 {
		if _, err := session.GetAccountSummary(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := session.GetUser(t.Context(), nil); err == nil {
		t.Error("GetUser is served")
	}
	if _, err := organizations.NewFromConfig(client).DescribeOrganization(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	want := map[awssim.Call]int{
		{Account: account.ID(), Action: "sts:AssumeRole"}:                   1,
		{Account: account.ID(), Action: "iam:GetAccountSummary"}:            3,
		{Account: account.ID(), Action: "iam:GetUser"}:                      1,
		{Account: management, Action: "organizations:DescribeOrganization"}: 1,
	}
	if got := org.Calls(); !maps.Equal(got, want) {
		t.Errorf("calls %v, want %v", got, want)
	}
}

func TestServedActionsAreTheDefaultPermissions(t *testing.T) {
	t.Parallel()
	actions := awssim.ServedActions()
	if !slices.IsSorted(actions) || len(actions) < 10 || slices.ContainsFunc(actions, func(a string) bool { return strings.HasPrefix(a, "sts:") }) {
		t.Errorf("served actions are %v", actions)
	}
	if !slices.Equal(awssim.DefaultConfig().CollectorActions, actions) {
		t.Error("the collector may not call all that is served")
	}
}

func TestThrottlingIsPerAccountAndActionAndRetryable(t *testing.T) {
	t.Parallel()
	var now atomic.Int64
	org, client := started(t, func(c *awssim.Config) {
		c.Limits = []awssim.Limit{{Action: "iam:GetAccount*", PerSecond: 1, Burst: 2}, {Action: "organizations:*", PerSecond: 1, Burst: 1}}
		c.Clock = func() time.Time { return time.Unix(now.Load(), 0) }
	})
	api := iam.NewFromConfig(client)
	summary := func(api *iam.Client) error { _, err := api.GetAccountSummary(t.Context(), nil); return err }
	for range 2 {
		if err := summary(api); err != nil {
			t.Fatal(err)
		}
	}
	err := summary(api)
	wantError(t, err, "Throttling", http.StatusBadRequest)
	if !retry.NewStandard().IsErrorRetryable(err) {
		t.Error("the SDK would not retry")
	}
	if _, err := api.GetAccountAuthorizationDetails(t.Context(), nil); err != nil {
		t.Errorf("another action shares the bucket: %v", err)
	}
	if err := summary(iam.NewFromConfig(assumed(t, org, client, member(t, org, 1)))); err != nil {
		t.Errorf("another account shares the bucket: %v", err)
	}
	now.Add(1)
	if err := summary(api); err != nil {
		t.Errorf("the bucket does not fill: %v", err)
	}
	accounts := organizations.NewFromConfig(client)
	if _, err := accounts.ListAccounts(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	_, err = accounts.ListAccounts(t.Context(), nil)
	wantError(t, err, "TooManyRequestsException", http.StatusTooManyRequests)
	if !retry.NewStandard().IsErrorRetryable(err) {
		t.Error("the SDK would not retry")
	}
}

func TestTheSDKsRetriesGetThroughFaults(t *testing.T) {
	t.Parallel()
	for _, kind := range []awssim.FaultKind{awssim.FaultThrottle, awssim.FaultInternal, awssim.FaultDropConnection} {
		_, client := started(t, func(c *awssim.Config) {
			c.Faults = []awssim.Fault{{Action: "iam:GetAccountSummary", Kind: kind, Times: 2}}
		})
		client.RetryMaxAttempts = 0
		client.Retryer = func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.MaxBackoff = 3, time.Millisecond })
		}
		if _, err := iam.NewFromConfig(client).GetAccountSummary(t.Context(), nil); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestFaultsBreakCallsInTheirWay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind awssim.FaultKind
		ok   func(error) bool
	}{
		{awssim.FaultThrottle, func(err error) bool { code, _ := errorCode(err); return code == "Throttling" }},
		{awssim.FaultAccessDenied, func(err error) bool { code, _ := errorCode(err); return code == "AccessDenied" }},
		{awssim.FaultInternal, func(err error) bool { code, status := errorCode(err); return code == "ServiceFailure" && status == 500 }},
		{awssim.FaultDropConnection, func(err error) bool { code, _ := errorCode(err); return err != nil && code == "" }},
		{awssim.FaultTruncate, func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }},
		{awssim.FaultMalformed, func(err error) bool { return err != nil && !errors.Is(err, io.ErrUnexpectedEOF) }},
		{awssim.FaultSlow, func(err error) bool { return err == nil }},
		{awssim.FaultJobFailed, func(err error) bool { return err == nil }}, // concerns jobs only
	} {
		org, client := started(t, nil)
		if err := org.Inject(awssim.Fault{Kind: c.kind, Delay: time.Millisecond, Nth: 2}); err != nil {
			t.Fatal(err)
		}
		api := iam.NewFromConfig(client)
		for n := 1; n <= 3; n++ {
			_, err := api.GetAccountAuthorizationDetails(t.Context(), nil)
			if n == 2 && !c.ok(err) || n != 2 && err != nil {
				t.Errorf("%s: call %d: %v", c.kind, n, err)
			}
		}
	}
}

func TestFaultsKeepToTheirAccountActionAndTimes(t *testing.T) {
	t.Parallel()
	org, client := started(t, nil)
	account := member(t, org, 1)
	if err := org.Inject(awssim.Fault{Account: account.ID(), Action: "iam:Get*Summary", Kind: awssim.FaultAccessDenied, Times: 2}); err != nil {
		t.Fatal(err)
	}
	if err := org.Inject(awssim.Fault{Account: member(t, org, 2).ID(), Action: "sts:AssumeRole", Kind: awssim.FaultAccessDenied}); err != nil {
		t.Fatal(err)
	}
	session := iam.NewFromConfig(assumed(t, org, client, account))
	var denied []bool
	for range 4 {
		_, err := session.GetAccountSummary(t.Context(), nil)
		denied = append(denied, err != nil)
	}
	if !slices.Equal(denied, []bool{true, true, false, false}) {
		t.Errorf("denied %v", denied)
	}
	if _, err := iam.NewFromConfig(client).GetAccountSummary(t.Context(), nil); err != nil {
		t.Errorf("another account is denied: %v", err)
	}
	_, err := sts.NewFromConfig(client).AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn: aws.String(roleARN(org, member(t, org, 2))), RoleSessionName: aws.String("s1"), ExternalId: aws.String("leastwise-demo"),
	})
	wantError(t, err, "AccessDenied", http.StatusForbidden)
	if err := org.Inject(awssim.Fault{Kind: "gremlins"}); err == nil {
		t.Error("an unknown kind of fault is accepted")
	}
}

func TestProbableFaultsHappenAsOftenAsTheyShould(t *testing.T) {
	t.Parallel()
	run := func() (failures int) {
		_, client := started(t, func(c *awssim.Config) {
			c.Faults = []awssim.Fault{{Action: "sts:GetCallerIdentity", Probability: 0.2, Kind: awssim.FaultInternal}}
		})
		api := sts.NewFromConfig(client)
		for range 400 {
			if _, err := api.GetCallerIdentity(t.Context(), nil); err != nil {
				failures++
			}
		}
		return failures
	}
	first := run()
	if first < 50 || first > 110 {
		t.Errorf("%d of 400 calls failed, want about 80", first)
	}
	if second := run(); second != first {
		t.Errorf("%d calls failed at first, then %d", first, second)
	}
}

func TestJobsFailByFault(t *testing.T) {
	t.Parallel()
	_, client := started(t, func(c *awssim.Config) { c.Faults = []awssim.Fault{{Kind: awssim.FaultJobFailed, Times: 1}} })
	api := iam.NewFromConfig(client)
	for _, want := range []iamtypes.JobStatusType{iamtypes.JobStatusTypeFailed, iamtypes.JobStatusTypeCompleted} {
		out := finished(t, api, iam.GetServiceLastAccessedDetailsInput{JobId: begin(t, api, "arn:aws:iam::aws:policy/AdministratorAccess", "")})
		if out.JobStatus != want || (out.Error != nil) != (want == iamtypes.JobStatusTypeFailed) {
			t.Errorf("job is %s with the error %v, want %s", out.JobStatus, out.Error, want)
		}
	}
}
