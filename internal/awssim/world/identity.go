package world

// policyName returns the name of a managed policy.
func (r resident) policyName(s *scribe) string {
	switch t := r.day.account.world.tables; {
	case r.ref.Kind == KindAWSPolicy:
		return r.template.name
	case r.planted() != nil:
		return r.planted().name
	case r.boundary():
		// boundary-developer.txt makes developer-boundary.
		return r.template.name[len("boundary-"):] + "-boundary"
	default:
		return s.string(t.policyName) + r.template.name
	}
}

// boundary is true for the customer managed policies that only serve as boundaries.
func (r resident) boundary() bool {
	return r.ref.Kind == KindPolicy && r.ref.Slot < r.day.account.populations[KindPolicy].common
}

// name returns the friendly name of r.
func (r resident) name(s *scribe) string {
	if r.kind == nil {
		return r.policyName(s)
	}
	return s.string(r.kind.name)
}

// path returns the path of r.
func (r resident) path(s *scribe) string {
	switch {
	case r.ref.Kind == KindAWSPolicy:
		return r.template.path
	case r.planted() != nil:
		return r.planted().path
	case r.boundary():
		return "/boundary/"
	case r.ref.Kind == KindPolicy:
		return pick(r.identity.of(forPath), []string{"/", "/", "/app/", "/managed/policies/"})
	default:
		return s.string(r.kind.path)
	}
}

// arn returns r's ARN.
func (r resident) arn(path, name string) string {
	a := r.day.account
	resource := map[Kind]string{KindUser: "user", KindGroup: "group", KindRole: "role", KindPolicy: "policy", KindAWSPolicy: "policy"}[r.ref.Kind]
	if r.ref.Kind == KindAWSPolicy {
		return a.world.ARN("iam", "aws", resource+path+name)
	}
	return a.arn(resource + path + name)
}

// uniqueID returns the id that no other generation has.
func (r resident) uniqueID() string {
	prefix := map[Kind]string{KindUser: "AIDA", KindGroup: "AGPA", KindRole: "AROA", KindPolicy: "ANPA", KindAWSPolicy: "ANPA"}[r.ref.Kind]
	return r.gen.of(forID).uniqueID(prefix)
}

// tags returns r's tags, one of which changes now and then. Their values hold
// the characters that tags may have.
func (r resident) tags(s *scribe) []Tag {
	tagged := 70
	if r.kind != nil {
		tagged = r.kind.tagged
	}
	if !r.gen.of(forTag, 0).chance(tagged) {
		return nil
	}
	owner := r.gen.of(forTag, 1)
	owners := []string{"ana.silva@example.com", "Jürgen Weiß", "platform+oncall@example.com", "日本チーム", "R&D / 100%"}
	e := owner.epoch(r.day.number, 60, 500)
	tags := []Tag{
		{"team", s.get(varTeam)},
		{"owner", pick(owner.of(forEpoch, e.n), owners)},
		{"managed-by", pick(r.identity.of(forTag, 2), []string{"terraform", "cloudformation", "pulumi", "hand"})},
	}
	if r.gen.of(forTag, 3).chance(60) {
		tags = append(tags, Tag{"env", s.get(varEnv)})
	}
	if r.gen.of(forTag, 4).chance(40) {
		tags = append(tags, Tag{"cost:center", octet(r.identity.of(forTag, 5))})
	}
	if r.gen.of(forTag, 6).chance(10) {
		tags = append(tags, Tag{"ephemeral", ""})
	}
	return tags
}
