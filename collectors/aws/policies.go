package aws

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/leastwise/leastwise/collectors"
	"github.com/leastwise/leastwise/collectors/details"
	"github.com/leastwise/leastwise/schemas/event"
)

// PolicyFilter says which managed policies of an account are wanted. The zero
// value wants the customer managed ones that are in use: attached to somebody,
// or somebody's permissions boundary.
type PolicyFilter struct {
	// AWSManaged wants the policies that AWS manages too. Those of them that are
	// only a permissions boundary count as not in use: IAM does not list them.
	AWSManaged bool
	// Unattached wants the policies too that are not in use.
	Unattached bool
}

// ManagedPolicy is a managed policy with the document that is in force.
type ManagedPolicy struct {
	ARN, Name string
	// AWSManaged says that it is AWS's own.
	AWSManaged bool
	// Document is JSON text as IAM has it.
	Document []byte
}

// Policies reads the managed policies of accounts. It is safe for concurrent use.
type Policies struct {
	clients clients
	metrics *collectors.Metrics
}

// NewPolicies returns a reader that starts from the given AWS configuration.
func NewPolicies(cfg Config, base aws.Config, m *collectors.Metrics) *Policies {
	return &Policies{clients: clients{cfg, base}, metrics: m}
}

// Read visits the managed policies of an account that Accounts listed, page by
// page. It stops at the first error; visit's is returned as it is.
func (p *Policies) Read(ctx context.Context, account collectors.Account, filter PolicyFilter, visit func(ManagedPolicy) error) error {
	cfg := p.clients.config(account.Partition, &pacer{meter: p.metrics, other: newLimiter(p.clients.cfg.Rate)})
	if account.AssumeRole {
		role := p.clients.cfg.roleARN(account.Partition, account.ID)
		assumed, err := p.clients.assume(ctx, cfg, role, "policies")
		if err != nil {
			return stopped(ctx, refused(role, err))
		}
		cfg = assumed
	}
	r := policyReader{account: account.ID, cfg: p.clients.cfg, iam: iam.NewFromConfig(cfg), filter: filter, visit: visit}
	if err := r.details(ctx); err != nil {
		return stopped(ctx, err)
	}
	if filter.AWSManaged && filter.Unattached {
		return stopped(ctx, r.ofAWS(ctx))
	}
	return nil
}

// policyReader reads one account.
type policyReader struct {
	account string
	cfg     Config
	iam     *iam.Client
	filter  PolicyFilter
	visit   func(ManagedPolicy) error
}

// details visits what the authorization details have: all customer managed
// policies, and AWS's own that are attached. A collector's role may read them.
func (r *policyReader) details(ctx context.Context) error {
	in := &iam.GetAccountAuthorizationDetailsInput{Filter: []types.EntityType{types.EntityTypeLocalManagedPolicy}, MaxItems: &r.cfg.PageSize}
	if r.filter.AWSManaged && !r.filter.Unattached {
		in.Filter = append(in.Filter, types.EntityTypeAWSManagedPolicy)
	}
	return eachPage(r.account, actionDetails, func(marker *string) (bool, *string, error) {
		in.Marker = marker
		page, err := r.iam.GetAccountAuthorizationDetails(ctx, in)
		if err != nil {
			return false, nil, r.unreadable(err, actionDetails)
		}
		for _, detail := range page.Policies {
			if err := r.detail(policyOf(detail)); err != nil {
				return false, nil, err
			}
		}
		return page.IsTruncated, page.Marker, nil
	})
}

func (r *policyReader) detail(policy details.Policy) error {
	inUse := policy.AttachmentCount > 0 || policy.BoundaryCount > 0
	if !inUse && !r.filter.Unattached {
		return nil
	}
	i := slices.IndexFunc(policy.Versions, func(v details.Version) bool {
		return v.ID == policy.DefaultVersion || policy.DefaultVersion == "" && v.Default
	})
	if i < 0 {
		return fmt.Errorf("read account %s: IAM does not tell the version in force of policy %s", r.account, policy.ARN)
	}
	return r.visit(ManagedPolicy{
		ARN: policy.ARN, Name: policy.Name, AWSManaged: details.Owner(policy.ARN) == event.OwnerAWS, Document: policy.Versions[i].Document,
	})
}

// ofAWS visits all policies that AWS manages, used or not, of which the
// authorization details have some only.
func (r *policyReader) ofAWS(ctx context.Context) error {
	in := &iam.ListPoliciesInput{Scope: types.PolicyScopeTypeAws, MaxItems: &r.cfg.PageSize}
	return eachPage(r.account, actionListManaged, func(marker *string) (bool, *string, error) {
		in.Marker = marker
		page, err := r.iam.ListPolicies(ctx, in)
		if err != nil {
			return false, nil, r.unreadable(err, actionListManaged)
		}
		for _, policy := range page.Policies {
			if err := r.fetch(ctx, policy); err != nil {
				return false, nil, err
			}
		}
		return page.IsTruncated, page.Marker, nil
	})
}

func (r *policyReader) fetch(ctx context.Context, policy types.Policy) error {
	version, err := r.iam.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: policy.Arn, VersionId: policy.DefaultVersionId})
	if err != nil {
		return r.unreadable(err, actionGetPolicyVersion)
	}
	return r.visit(ManagedPolicy{
		ARN: aws.ToString(policy.Arn), Name: aws.ToString(policy.PolicyName), AWSManaged: true,
		Document: details.DecodeDocument(aws.ToString(version.PolicyVersion.Document)),
	})
}

// unreadable says what a call failed of, and what to do where the account does
// not allow it.
func (r *policyReader) unreadable(err error, action string) error {
	f := classify(err)
	sentence := fmt.Errorf("read account %s: %s", r.account, f.reason)
	if f.state == event.StateAccessDenied {
		return fmt.Errorf("%w; allow the credentials, or the role, %s", sentence, action)
	}
	return sentence
}
