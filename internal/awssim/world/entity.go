package world

import "time"

// User returns the user in the slot, if one lives there.
func (d Day) User(slot int) (User, bool) {
	r, alive := d.resident(Ref{KindUser, slot})
	if !alive {
		return User{}, false
	}
	s := r.scribe()
	u := User{
		Name: r.name(s), Path: r.path(s), ID: r.uniqueID(), Created: r.created(),
		Attached: r.attachedPolicies(), Inline: r.inlinePolicies(s), Boundary: r.boundaryARN(), Tags: r.tags(s),
	}
	u.ARN = r.arn(u.Path, u.Name)
	for _, slot := range r.memberOf(nil) {
		u.Groups = append(u.Groups, d.nameOf(Ref{KindGroup, slot}))
	}
	return u, true
}

// Group returns the group in the slot, if one lives there.
func (d Day) Group(slot int) (Group, bool) {
	r, alive := d.resident(Ref{KindGroup, slot})
	if !alive {
		return Group{}, false
	}
	s := r.scribe()
	g := Group{
		Name: r.name(s), Path: r.path(s), ID: r.uniqueID(), Created: r.created(),
		Attached: r.attachedPolicies(), Inline: r.inlinePolicies(s),
	}
	g.ARN = r.arn(g.Path, g.Name)
	return g, true
}

// Role returns the role in the slot, if one lives there.
func (d Day) Role(slot int) (Role, bool) {
	r, alive := d.resident(Ref{KindRole, slot})
	if !alive {
		return Role{}, false
	}
	s := r.scribe()
	role := Role{
		Name: r.name(s), Path: r.path(s), ID: r.uniqueID(), Created: r.created(), Trust: r.trust(s),
		Attached: r.attachedPolicies(), Inline: r.inlinePolicies(s), Boundary: r.boundaryARN(), Tags: r.tags(s),
	}
	role.ARN = r.arn(role.Path, role.Name)
	if last, used := r.lastUsed(); used {
		role.LastUsed = r.usedAt(last, forHabit, 0)
		role.LastUsedRegion = r.usedIn(last)
	}
	if r.kind.profile {
		role.Profile = r.instanceProfile(role)
	}
	return role, true
}

// trust returns the role's trust policy, which is edited now and then.
func (r resident) trust(s *scribe) []byte {
	t := pick(r.identity.of(forTrust), r.kind.trust)
	e := r.gen.of(forTrust).epoch(r.day.number, 120, 900)
	return s.document(t.revision(e.n).text)
}

func (r resident) instanceProfile(role Role) *InstanceProfile {
	p := &InstanceProfile{
		Name: role.Name, Path: role.Path, ID: r.gen.of(forID, 1).uniqueID("AIPA"), Created: role.Created.Add(time.Second),
	}
	p.ARN = r.day.account.arn("instance-profile" + p.Path + p.Name)
	return p
}

func (r resident) attachedPolicies() []AttachedPolicy {
	refs := r.attached(nil)
	all := make([]AttachedPolicy, 0, len(refs))
	for _, p := range refs {
		all = append(all, AttachedPolicy{Name: r.day.nameOf(p.ref()), ARN: r.day.arnOf(p.ref())})
	}
	return all
}

func (r resident) inlinePolicies(s *scribe) []InlinePolicy {
	policies := r.inline(nil)
	all := make([]InlinePolicy, 0, len(policies))
	for _, p := range policies {
		all = append(all, InlinePolicy{Name: p.template.name, Document: s.document(p.template.revision(p.revision).text)})
	}
	return all
}

func (r resident) boundaryARN() string {
	p := r.boundaryPolicy()
	if p == noPolicy {
		return ""
	}
	return r.day.arnOf(p.ref())
}

// nameOf returns the name of an entity that is there on the day.
func (d Day) nameOf(ref Ref) string {
	r, alive := d.resident(ref)
	if !alive {
		return ""
	}
	return r.name(r.scribe())
}

// arnOf returns the ARN of an entity that is there on the day.
func (d Day) arnOf(ref Ref) string {
	r, alive := d.resident(ref)
	if !alive {
		return ""
	}
	s := r.scribe()
	return r.arn(r.path(s), r.name(s))
}
