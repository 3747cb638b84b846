package aws

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/leastwise/leastwise/collectors"
	"github.com/leastwise/leastwise/collectors/details"
)

// details emits policies, groups, users and roles: three passes over the
// account's authorization details, each page of which is let go before the next.
func (r *reader) details(ctx context.Context) error {
	w := details.NewWriter(r.run, r.fetchPolicy, r.written)
	for _, pass := range [][]types.EntityType{
		{types.EntityTypeLocalManagedPolicy, types.EntityTypeAWSManagedPolicy},
		{types.EntityTypeGroup},
		{types.EntityTypeUser, types.EntityTypeRole},
	} {
		if err := r.pages(ctx, pass, func(page *iam.GetAccountAuthorizationDetailsOutput) error { return writePage(ctx, w, page) }); err != nil {
			return err
		}
	}
	return nil
}

// pages visits every page of a pass.
func (r *reader) pages(ctx context.Context, filter []types.EntityType, visit func(*iam.GetAccountAuthorizationDetailsOutput) error) error {
	in := &iam.GetAccountAuthorizationDetailsInput{Filter: filter, MaxItems: &r.cfg.PageSize}
	return eachPage(r.run.Job().Account, actionDetails, func(marker *string) (bool, *string, error) {
		in.Marker = marker
		page, err := r.iam.GetAccountAuthorizationDetails(ctx, in)
		if err != nil {
			return false, nil, stopped(ctx, r.unreadable(err))
		}
		return page.IsTruncated, page.Marker, visit(page)
	})
}

// eachPage gets pages until the last. A page may be short or empty and still not
// be the last; one that says that more follows has to say where.
func eachPage(account, action string, get func(marker *string) (more bool, next *string, err error)) error {
	var marker *string
	for {
		more, next, err := get(marker)
		if err != nil || !more {
			return err
		}
		if aws.ToString(next) == "" || aws.ToString(next) == aws.ToString(marker) {
			return fmt.Errorf("read account %s: %s: IAM says that more follows and not where", account, action)
		}
		marker = next
	}
}

// unreadable says what to do when the part fails that nothing is without.
func (r *reader) unreadable(err error) error {
	f := classify(err)
	sentence := fmt.Sprintf("read account %s: %s", r.run.Job().Account, f.reason)
	if f.permanent {
		return collectors.Permanent(errors.New(sentence + "; check the permissions of the collector's role against deploy/aws/collector-role.yaml"))
	}
	return errors.New(sentence)
}

func writePage(ctx context.Context, w *details.Writer, page *iam.GetAccountAuthorizationDetailsOutput) error {
	for _, p := range page.Policies {
		if !inUse(p) {
			continue
		}
		if err := w.Policy(ctx, policyOf(p)); err != nil {
			return err
		}
	}
	for _, g := range page.GroupDetailList {
		if err := w.Group(ctx, groupOf(g)); err != nil {
			return err
		}
	}
	for _, u := range page.UserDetailList {
		if err := w.User(ctx, userOf(u)); err != nil {
			return err
		}
	}
	for _, role := range page.RoleDetailList {
		if err := w.Role(ctx, roleOf(role)); err != nil {
			return err
		}
	}
	return nil
}

// inUse reports whether a policy belongs to the account's history: its own do,
// and those of AWS's that it uses. One that an entity turns out to carry after
// all is fetched.
func inUse(p types.ManagedPolicyDetail) bool {
	return details.Owner(aws.ToString(p.Arn)) != "aws" || aws.ToInt32(p.AttachmentCount) > 0 || aws.ToInt32(p.PermissionsBoundaryUsageCount) > 0
}

// fetchPolicy gets a policy that an entity carries and that was not listed: one
// that is only a permissions boundary, or that came while the account was read.
func (r *reader) fetchPolicy(ctx context.Context, arn string) (details.Policy, bool, error) {
	policy, err := r.iam.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: &arn})
	if err != nil {
		return details.Policy{}, false, r.problem(ctx, actionGetPolicy, err)
	}
	version, err := r.iam.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: &arn, VersionId: policy.Policy.DefaultVersionId})
	if err != nil {
		return details.Policy{}, false, r.problem(ctx, actionGetPolicyVersion, err)
	}
	return fetchedOf(*policy.Policy, *version.PolicyVersion), true, nil
}
