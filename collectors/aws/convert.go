package aws

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/leastwise/leastwise/collectors/details"
)

// second is a time in UTC with a precision of one second; zero for none.
func second(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Second)
}

func userOf(u types.UserDetail) details.User {
	return details.User{
		Identity: details.Identity{Name: aws.ToString(u.UserName), Path: aws.ToString(u.Path), ID: aws.ToString(u.UserId),
			ARN: aws.ToString(u.Arn), CreatedAt: second(u.CreateDate), Tags: tagsOf(u.Tags)},
		Groups: u.GroupList, Attached: attachedOf(u.AttachedManagedPolicies), Inline: inlineOf(u.UserPolicyList), Boundary: boundaryOf(u.PermissionsBoundary),
	}
}

func groupOf(g types.GroupDetail) details.Group {
	return details.Group{
		Identity: details.Identity{Name: aws.ToString(g.GroupName), Path: aws.ToString(g.Path), ID: aws.ToString(g.GroupId),
			ARN: aws.ToString(g.Arn), CreatedAt: second(g.CreateDate)},
		Attached: attachedOf(g.AttachedManagedPolicies), Inline: inlineOf(g.GroupPolicyList),
	}
}

func roleOf(r types.RoleDetail) details.Role {
	d := details.Role{
		Identity: details.Identity{Name: aws.ToString(r.RoleName), Path: aws.ToString(r.Path), ID: aws.ToString(r.RoleId),
			ARN: aws.ToString(r.Arn), CreatedAt: second(r.CreateDate), Tags: tagsOf(r.Tags)},
		Trust:    details.DecodeDocument(aws.ToString(r.AssumeRolePolicyDocument)),
		Attached: attachedOf(r.AttachedManagedPolicies), Inline: inlineOf(r.RolePolicyList), Boundary: boundaryOf(r.PermissionsBoundary),
	}
	if used := r.RoleLastUsed; used != nil {
		d.LastUsedAt, d.LastUsedRegion = second(used.LastUsedDate), aws.ToString(used.Region)
	}
	for _, p := range r.InstanceProfileList {
		d.InstanceProfiles = append(d.InstanceProfiles, aws.ToString(p.Arn))
	}
	return d
}

func policyOf(p types.ManagedPolicyDetail) details.Policy {
	d := details.Policy{
		Identity: details.Identity{Name: aws.ToString(p.PolicyName), Path: aws.ToString(p.Path), ID: aws.ToString(p.PolicyId),
			ARN: aws.ToString(p.Arn), CreatedAt: second(p.CreateDate)},
		UpdatedAt: second(p.UpdateDate), DefaultVersion: aws.ToString(p.DefaultVersionId),
		AttachmentCount: int(aws.ToInt32(p.AttachmentCount)), BoundaryCount: int(aws.ToInt32(p.PermissionsBoundaryUsageCount)), Attachable: p.IsAttachable,
	}
	for _, v := range p.PolicyVersionList {
		d.Versions = append(d.Versions, versionOf(v))
	}
	return d
}

// fetchedOf is a policy that was asked for by itself, with its version in force.
// Tags, which authorization details lack, are left out, so that how a policy was
// found makes no difference to its content.
func fetchedOf(p types.Policy, v types.PolicyVersion) details.Policy {
	return details.Policy{
		Identity: details.Identity{Name: aws.ToString(p.PolicyName), Path: aws.ToString(p.Path), ID: aws.ToString(p.PolicyId),
			ARN: aws.ToString(p.Arn), CreatedAt: second(p.CreateDate)},
		UpdatedAt: second(p.UpdateDate), DefaultVersion: aws.ToString(p.DefaultVersionId), Versions: []details.Version{versionOf(v)},
		AttachmentCount: int(aws.ToInt32(p.AttachmentCount)), BoundaryCount: int(aws.ToInt32(p.PermissionsBoundaryUsageCount)), Attachable: p.IsAttachable,
	}
}

func versionOf(v types.PolicyVersion) details.Version {
	return details.Version{
		ID: aws.ToString(v.VersionId), Default: v.IsDefaultVersion, CreatedAt: second(v.CreateDate),
		Document: details.DecodeDocument(aws.ToString(v.Document)),
	}
}

func attachedOf(policies []types.AttachedPolicy) []details.Attached {
	list := make([]details.Attached, 0, len(policies))
	for _, p := range policies {
		list = append(list, details.Attached{Name: aws.ToString(p.PolicyName), ARN: aws.ToString(p.PolicyArn)})
	}
	return list
}

func inlineOf(policies []types.PolicyDetail) []details.Inline {
	list := make([]details.Inline, 0, len(policies))
	for _, p := range policies {
		list = append(list, details.Inline{Name: aws.ToString(p.PolicyName), Document: details.DecodeDocument(aws.ToString(p.PolicyDocument))})
	}
	return list
}

func boundaryOf(b *types.AttachedPermissionsBoundary) string {
	if b == nil {
		return ""
	}
	return aws.ToString(b.PermissionsBoundaryArn)
}

func tagsOf(tags []types.Tag) map[string]string {
	if len(tags) == 0 {
		return nil
	}
	m := make(map[string]string, len(tags))
	for _, t := range tags {
		m[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return m
}
