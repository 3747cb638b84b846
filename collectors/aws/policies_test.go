package aws_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"

	"github.com/leastwise/leastwise/collectors"
	"github.com/leastwise/leastwise/collectors/aws"
	"github.com/leastwise/leastwise/internal/awssim"
	"github.com/leastwise/leastwise/internal/awssim/awssimtest"
	"github.com/leastwise/leastwise/internal/awssim/world"
)

// policyRig is a simulated organization and how to read its policies.
type policyRig struct {
	org  *awssim.Organization
	base awssdk.Config
	cfg  aws.Config
}

func startPolicies(t *testing.T, change func(*awssim.Config)) *policyRig {
	t.Helper()
	cfg := awssim.DefaultConfig()
	cfg.Accounts = 3
	if change != nil {
		change(&cfg)
	}
	org, base := awssimtest.Start(t, cfg)
	r := &policyRig{org: org, base: base, cfg: aws.DefaultConfig()}
	r.cfg.Organization, r.cfg.ExternalID, r.cfg.Rate, r.cfg.PageSize = true, cfg.ExternalID, 100_000, 7
	r.cfg.Attempts = 2
	return r
}

// account is the n-th one that is listed.
func (r *policyRig) account(t *testing.T, n int) collectors.Account {
	t.Helper()
	accounts, err := aws.NewAccounts(r.cfg, r.base, collectors.NewMetrics(nil)).List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return accounts[n]
}

// read returns what was visited, by ARN.
func (r *policyRig) read(t *testing.T, n int, filter aws.PolicyFilter) (map[string]aws.ManagedPolicy, error) {
	t.Helper()
	got := map[string]aws.ManagedPolicy{}
	err := aws.NewPolicies(r.cfg, r.base, collectors.NewMetrics(nil)).Read(t.Context(), r.account(t, n), filter, func(p aws.ManagedPolicy) error {
		if _, again := got[p.ARN]; again {
			t.Errorf("policy %s came twice", p.ARN)
		}
		got[p.ARN] = p
		return nil
	})
	return got, err
}

// want are the policies of an account's day that a filter is for.
func want(day world.Day, filter aws.PolicyFilter) map[string]world.Policy {
	out := map[string]world.Policy{}
	for p := range day.Policies() {
		if filter.Unattached || p.Attachments > 0 || p.BoundaryUses > 0 {
			out[p.ARN] = p
		}
	}
	if !filter.AWSManaged {
		return out
	}
	for slot := range day.Slots(world.KindAWSPolicy) {
		if p, found := day.AWSPolicy(slot); found && (filter.Unattached || p.Attachments > 0) {
			out[p.ARN] = p
		}
	}
	return out
}

func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var x, y any
	if err := errors.Join(json.Unmarshal([]byte(a), &x), json.Unmarshal([]byte(b), &y)); err != nil {
		t.Fatalf("%v: %.200s", err, a)
	}
	one, _ := json.Marshal(x)
	two, _ := json.Marshal(y)
	return string(one) == string(two)
}

func TestPoliciesAreThoseThatTheFilterIsFor(t *testing.T) {
	t.Parallel()
	r := startPolicies(t, nil)
	day := r.day(t, 1)
	for _, filter := range []aws.PolicyFilter{{}, {Unattached: true}, {AWSManaged: true}, {AWSManaged: true, Unattached: true}} {
		got, err := r.read(t, 1, filter)
		if err != nil {
			t.Fatal(err)
		}
		wanted := want(day, filter)
		if len(got) != len(wanted) || len(got) == 0 {
			t.Errorf("%+v: %d policies, want %d", filter, len(got), len(wanted))
		}
		for arn, p := range wanted {
			i := slices.IndexFunc(p.Versions, func(v world.PolicyVersion) bool { return v.Default })
			g := got[arn]
			if g.Name != p.Name || g.AWSManaged != strings.Contains(arn, "::aws:") || !sameJSON(t, string(g.Document), string(p.Versions[i].Document)) {
				t.Errorf("%+v: %s is %+v", filter, arn, g)
			}
		}
	}
}

// day is that of the n-th listed account.
func (r *policyRig) day(t *testing.T, n int) world.Day {
	t.Helper()
	id := r.account(t, n).ID
	for a := range r.org.World().Accounts(0) {
		if a.ID() == id {
			return a.Day(r.org.Now())
		}
	}
	t.Fatalf("no account %s", id)
	return world.Day{}
}

func TestPoliciesNeedOnlyWhatACollectorMayDo(t *testing.T) {
	t.Parallel()
	r := startPolicies(t, func(c *awssim.Config) { c.CollectorActions = append(aws.Actions(), aws.OrganizationActions()...) })
	for _, filter := range []aws.PolicyFilter{{}, {Unattached: true}, {AWSManaged: true}} {
		if _, err := r.read(t, 1, filter); err != nil {
			t.Errorf("%+v: %v", filter, err)
		}
	}
	_, err := r.read(t, 1, aws.PolicyFilter{AWSManaged: true, Unattached: true})
	if err == nil || !strings.Contains(err.Error(), "AccessDenied") || !strings.HasSuffix(err.Error(), "; allow the credentials, or the role, iam:ListPolicies") {
		t.Errorf("error %v", err)
	}
}

func TestPoliciesOfAnAccountThatCannotBeReadAreAnError(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault awssim.Fault
		want  string
	}{
		"role":    {awssim.Fault{Action: "sts:AssumeRole", Kind: awssim.FaultAccessDenied}, "check that the role exists"},
		"details": {awssim.Fault{Action: "iam:GetAccountAuthorizationDetails", Kind: awssim.FaultAccessDenied}, "; allow the credentials, or the role, iam:GetAccountAuthorizationDetails"},
		"version": {awssim.Fault{Action: "iam:GetPolicyVersion", Kind: awssim.FaultAccessDenied}, "; allow the credentials, or the role, iam:GetPolicyVersion"},
		"later":   {awssim.Fault{Action: "iam:GetAccountAuthorizationDetails", Kind: awssim.FaultInternal}, "iam:GetAccountAuthorizationDetails: "},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := startPolicies(t, nil)
			r.cfg.MaxBackoff = 1
			id := r.account(t, 1).ID
			if err := r.org.Inject(tt.fault); err != nil {
				t.Fatal(err)
			}
			_, err := r.read(t, 1, aws.PolicyFilter{AWSManaged: true, Unattached: true})
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), id) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestPoliciesStopWhereTheVisitorDoes(t *testing.T) {
	t.Parallel()
	r := startPolicies(t, nil)
	full, n := errors.New("the disk is full"), 0
	p := aws.NewPolicies(r.cfg, r.base, collectors.NewMetrics(nil))
	err := p.Read(t.Context(), r.account(t, 1), aws.PolicyFilter{}, func(aws.ManagedPolicy) error { n++; return full })
	if !errors.Is(err, full) || n != 1 {
		t.Errorf("%d visits: %v", n, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := p.Read(ctx, r.account(t, 1), aws.PolicyFilter{}, func(aws.ManagedPolicy) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
