package awssim

import (
	"slices"

	"github.com/leastwise/leastwise/internal/awssim/world"
)

// detailList is one of the lists of GetAccountAuthorizationDetails.
type detailList struct {
	kind            world.Kind
	filter, element string
}

// detailLists returns the lists in the order in which pages go through them.
// The last two make up one element.
func detailLists() []detailList {
	return []detailList{
		{world.KindUser, "User", "UserDetailList"},
		{world.KindGroup, "Group", "GroupDetailList"},
		{world.KindRole, "Role", "RoleDetailList"},
		{world.KindPolicy, "LocalManagedPolicy", "Policies"},
		{world.KindAWSPolicy, "AWSManagedPolicy", "Policies"},
	}
}

func (c *call) getAccountAuthorizationDetails() (func(*xmlWriter), *apiError) {
	at, limit, failure := c.paging()
	if failure != nil {
		return nil, failure
	}
	lists, failure := c.filteredLists()
	if failure != nil {
		return nil, failure
	}
	return func(x *xmlWriter) {
		next, more := writeDetails(x, c.day.On(at.day), lists, at, limit)
		c.finishPage(x, more, next)
	}, nil
}

// filteredLists returns the lists that the Filter parameter asks for: all when
// it is not there.
func (c *call) filteredLists() ([]detailList, *apiError) {
	all := detailLists()
	filters := c.list("Filter")
	if len(filters) == 0 {
		return all, nil
	}
	for _, f := range filters {
		if !slices.ContainsFunc(all, func(l detailList) bool { return l.filter == f }) {
			return nil, errInvalid(c.request, "Value '"+f+"' at 'filter' failed to satisfy constraint: Member must satisfy enum value set")
		}
	}
	return slices.DeleteFunc(all, func(l detailList) bool { return !slices.Contains(filters, l.filter) }), nil
}

// writeDetails writes at most limit entities from the marker on, and returns
// where the next page begins when there may be more.
func writeDetails(x *xmlWriter, day world.Day, lists []detailList, at marker, limit int) (next marker, more bool) {
	open := ""
	defer func() {
		if open != "" {
			x.close(open)
		}
	}()
	for _, l := range lists {
		if l.kind < at.kind {
			continue
		}
		first := 0
		if l.kind == at.kind {
			first = at.slot
		}
		if l.element != open {
			if open != "" {
				x.close(open)
			}
			open = l.element
			x.open(open)
		}
		for slot := first; slot < day.Slots(l.kind); slot++ {
			if limit == 0 {
				return at.next(l.kind, slot), true
			}
			if x.detail(day, l.kind, slot) {
				limit--
			}
		}
	}
	return marker{}, false
}

// detail writes the entity in the slot, if there is one.
func (x *xmlWriter) detail(day world.Day, kind world.Kind, slot int) bool {
	switch kind {
	case world.KindUser:
		return member(x, day.User, slot, x.userDetail)
	case world.KindGroup:
		return member(x, day.Group, slot, x.groupDetail)
	case world.KindRole:
		return member(x, day.Role, slot, x.roleDetail)
	case world.KindPolicy:
		return member(x, day.Policy, slot, x.policyDetail)
	default:
		return member(x, attachedOnly(day), slot, x.policyDetail)
	}
}

// attachedOnly leaves out the policies of AWS that are attached to nobody. IAM
// does not list them, even when they serve as a permissions boundary.
func attachedOnly(day world.Day) func(int) (world.Policy, bool) {
	return func(slot int) (world.Policy, bool) {
		p, found := day.AWSPolicy(slot)
		return p, found && p.Attachments > 0
	}
}

func member[T any](x *xmlWriter, in func(int) (T, bool), slot int, write func(T)) bool {
	entity, found := in(slot)
	if found {
		x.element("member", func() { write(entity) })
	}
	return found
}

func (x *xmlWriter) userDetail(u world.User) {
	x.text("Path", u.Path)
	x.text("UserName", u.Name)
	x.text("UserId", u.ID)
	x.text("Arn", u.ARN)
	x.time("CreateDate", u.Created)
	x.inlinePolicies("UserPolicyList", u.Inline)
	x.open("GroupList")
	for _, name := range u.Groups {
		x.text("member", name)
	}
	x.close("GroupList")
	x.attachedPolicies(u.Attached)
	x.boundary(u.Boundary)
	x.tags(u.Tags)
}

func (x *xmlWriter) groupDetail(g world.Group) {
	x.text("Path", g.Path)
	x.text("GroupName", g.Name)
	x.text("GroupId", g.ID)
	x.text("Arn", g.ARN)
	x.time("CreateDate", g.Created)
	x.inlinePolicies("GroupPolicyList", g.Inline)
	x.attachedPolicies(g.Attached)
}

func (x *xmlWriter) roleDetail(r world.Role) {
	x.role(r)
	x.open("InstanceProfileList")
	if p := r.Profile; p != nil {
		x.element("member", func() {
			x.text("Path", p.Path)
			x.text("InstanceProfileName", p.Name)
			x.text("InstanceProfileId", p.ID)
			x.text("Arn", p.ARN)
			x.time("CreateDate", p.Created)
			members(x, "Roles", []world.Role{r}, x.role)
		})
	}
	x.close("InstanceProfileList")
	x.inlinePolicies("RolePolicyList", r.Inline)
	x.attachedPolicies(r.Attached)
	x.boundary(r.Boundary)
	x.tags(r.Tags)
	x.element("RoleLastUsed", func() {
		x.time("LastUsedDate", r.LastUsed)
		x.optional("Region", r.LastUsedRegion)
	})
}

func (x *xmlWriter) role(r world.Role) {
	x.text("Path", r.Path)
	x.text("RoleName", r.Name)
	x.text("RoleId", r.ID)
	x.text("Arn", r.ARN)
	x.time("CreateDate", r.Created)
	x.document("AssumeRolePolicyDocument", r.Trust)
}

func (x *xmlWriter) policyDetail(p world.Policy) {
	x.policy(p)
	members(x, "PolicyVersionList", p.Versions, x.policyVersion)
}

// policy writes what ManagedPolicyDetail and Policy have in common.
func (x *xmlWriter) policy(p world.Policy) {
	x.text("PolicyName", p.Name)
	x.text("PolicyId", p.ID)
	x.text("Arn", p.ARN)
	x.text("Path", p.Path)
	x.text("DefaultVersionId", p.DefaultVersion)
	x.int("AttachmentCount", p.Attachments)
	x.int("PermissionsBoundaryUsageCount", p.BoundaryUses)
	x.bool("IsAttachable", true)
	x.optional("Description", p.Description)
	x.time("CreateDate", p.Created)
	x.time("UpdateDate", p.Updated)
}

func (x *xmlWriter) policyVersion(v world.PolicyVersion) {
	x.document("Document", v.Document)
	x.text("VersionId", v.ID)
	x.bool("IsDefaultVersion", v.Default)
	x.time("CreateDate", v.Created)
}

func (x *xmlWriter) inlinePolicies(tag string, policies []world.InlinePolicy) {
	members(x, tag, policies, func(p world.InlinePolicy) {
		x.text("PolicyName", p.Name)
		x.document("PolicyDocument", p.Document)
	})
}

func (x *xmlWriter) attachedPolicies(policies []world.AttachedPolicy) {
	members(x, "AttachedManagedPolicies", policies, func(p world.AttachedPolicy) {
		x.text("PolicyName", p.Name)
		x.text("PolicyArn", p.ARN)
	})
}

func (x *xmlWriter) boundary(arn string) {
	if arn == "" {
		return
	}
	x.element("PermissionsBoundary", func() {
		// IAM spells the type so, unlike the PermissionsBoundaryPolicy of its reference.
		x.text("PermissionsBoundaryType", "Policy")
		x.text("PermissionsBoundaryArn", arn)
	})
}

func (x *xmlWriter) tags(tags []world.Tag) {
	members(x, "Tags", tags, func(t world.Tag) {
		x.text("Key", t.Key)
		x.text("Value", t.Value)
	})
}
