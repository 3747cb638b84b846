package world

// tables are what all accounts of a world are made from.
type tables struct {
	vocabulary             vocabulary
	services               serviceList
	policies, trust, aws   templateSet
	plants                 templateSet
	planted                map[string]*planted // by the sort of the account
	users, groups, roles   []*archetype        // those that come and go
	hubUsers               []*archetype        // fixed users of the management account
	fixedGroups, fixedRole []*archetype
	templates              []*template // of customer managed policies
	templateWeights        []int
	boundaries             []*template
	awsBoundary            policyRef // managed by AWS and never attached, only a boundary
	policyName             text
}

// newTables reads the embedded templates and compiles the archetypes.
func newTables(cfg Config, common *values) (*tables, error) {
	t := &tables{vocabulary: newVocabulary(cfg.Partition)}
	if err := t.readTemplates(common); err != nil {
		return nil, err
	}
	if err := t.compileArchetypes(cfg); err != nil {
		return nil, err
	}
	if err := t.choosePolicies(); err != nil {
		return nil, err
	}
	return t, t.compilePlantings()
}

func (t *tables) readTemplates(common *values) error {
	var err error
	if t.services, err = readServices(); err != nil {
		return err
	}
	if t.policies, err = readTemplates("policies", common, t.services); err != nil {
		return err
	}
	if t.trust, err = readTemplates("trust", common, t.services); err != nil {
		return err
	}
	if t.plants, err = readTemplates("plants", common, t.services); err != nil {
		return err
	}
	t.aws, err = readTemplates("aws", common, t.services)
	return err
}

func (t *tables) compileArchetypes(cfg Config) error {
	for _, group := range []struct {
		to    *[]*archetype
		specs []spec
	}{
		{&t.users, userSpecs()},
		{&t.groups, groupSpecs()},
		{&t.roles, roleSpecs()},
		{&t.hubUsers, fixedUsers()},
		{&t.fixedGroups, fixedGroups()},
		{&t.fixedRole, fixedRoles(cfg)},
	} {
		compiled, err := t.compileAll(group.specs, t.policies)
		if err != nil {
			return err
		}
		*group.to = compiled
	}
	return nil
}

func (t *tables) choosePolicies() error {
	for _, s := range policySpecs() {
		found, err := t.policies.get(s.template)
		if err != nil {
			return err
		}
		found.shelved = s.shelved
		t.templates = append(t.templates, found)
		t.templateWeights = append(t.templateWeights, s.weight)
	}
	var err error
	if t.boundaries, err = t.policies.all(boundarySpecs()); err != nil {
		return err
	}
	ceilings, err := t.awsRefs([]string{"SystemAdministrator"})
	if err != nil {
		return err
	}
	t.awsBoundary = ceilings[0]
	t.policyName, err = parseText("<app>-<component>-<env><serial>-")
	return err
}

// policyTemplate picks what a customer managed policy is made from.
func (t *tables) policyTemplate(d draw) *template {
	total := 0
	for _, w := range t.templateWeights {
		total += w
	}
	at := d.below(total)
	for i, w := range t.templateWeights {
		if at -= w; at < 0 {
			return t.templates[i]
		}
	}
	return t.templates[0]
}
