package export

import (
	"cmp"

	"github.com/leastwise/leastwise/collectors/details"
	"github.com/leastwise/leastwise/schemas/event"
)

func (u user) details(f *findings) details.User {
	return details.User{
		Identity: u.identity(f, event.KindUser, u.UserName, u.UserID), Groups: u.GroupList,
		Attached: u.managed(), Inline: embedded(u.Inline), Boundary: u.Boundary.ARN,
	}
}

func (g group) details(f *findings) details.Group {
	return details.Group{
		Identity: g.identity(f, event.KindGroup, g.GroupName, g.GroupID), Attached: g.managed(), Inline: embedded(g.Inline),
	}
}

func (r role) details(f *findings) details.Role {
	d := details.Role{
		Identity: r.identity(f, event.KindRole, r.RoleName, r.RoleID), Trust: r.Trust,
		Attached: r.managed(), Inline: embedded(r.Inline), Boundary: r.Boundary.ARN,
		LastUsedAt: r.LastUsed.LastUsedDate.Time, LastUsedRegion: r.LastUsed.Region,
	}
	for _, p := range r.Profiles {
		d.InstanceProfiles = append(d.InstanceProfiles, p.ARN)
	}
	return d
}

func (p policy) details(f *findings) details.Policy {
	d := details.Policy{
		Identity: p.identity(f, event.KindPolicy, p.PolicyName, p.PolicyID), UpdatedAt: p.UpdateDate.Time, DefaultVersion: p.DefaultVersionID,
		AttachmentCount: p.AttachmentCount, BoundaryCount: p.BoundaryCount, Attachable: p.IsAttachable,
	}
	for _, v := range p.Versions {
		d.Versions = append(d.Versions, details.Version{ID: v.VersionID, Default: v.IsDefaultVersion, CreatedAt: v.CreateDate.Time, Document: v.Document})
	}
	return d
}

func (c common) identity(f *findings, kind event.Kind, name, id string) details.Identity {
	i := details.Identity{
		Name: cmp.Or(name, details.NameOf(c.ARN)), Path: c.Path, ID: f.id(kind, id, c.ARN), ARN: c.ARN, CreatedAt: c.CreateDate.Time,
	}
	for _, t := range c.Tags {
		if i.Tags == nil {
			i.Tags = make(map[string]string, len(c.Tags))
		}
		i.Tags[t.Key] = t.Value
	}
	return i
}

func (c common) managed() []details.Attached {
	list := make([]details.Attached, 0, len(c.Attached))
	for _, a := range c.Attached {
		list = append(list, details.Attached{Name: a.Name, ARN: a.ARN})
	}
	return list
}

func embedded(policies []inline) []details.Inline {
	list := make([]details.Inline, 0, len(policies))
	for _, p := range policies {
		list = append(list, details.Inline{Name: p.Name, Document: p.Document})
	}
	return list
}
