package world

import "fmt"

// planted is a planting whose names have been looked up.
type planted struct {
	users, groups, roles []*archetype
	policies             []*plantedPolicy
}

// plantedPolicy is a plantedSpec with its template.
type plantedPolicy struct {
	plantedSpec
	template *template
}

// historyPeriod is how many days lie between two versions of a planted policy. All
// of them are older than 200 days when a world starts.
const historyPeriod = 90

// history is how often the policy was edited at an age in days.
func (p *plantedPolicy) history(age int) edits {
	last := min(p.versions, 1+age/historyPeriod)
	return edits{period: historyPeriod, last: last, standing: last}
}

// compilePlantings looks up what is planted, once all else is known.
func (t *tables) compilePlantings() error {
	t.planted = map[string]*planted{}
	for sort, plants := range plantings() {
		compiled, err := t.compilePlanting(plants)
		if err != nil {
			return fmt.Errorf("plant in %s: %w", sort, err)
		}
		t.planted[sort] = compiled
	}
	return nil
}

func (t *tables) compilePlanting(plants planting) (*planted, error) {
	p := &planted{}
	for _, s := range plants.policies {
		found, err := t.plants.get(s.template)
		if err != nil {
			return nil, err
		}
		p.policies = append(p.policies, &plantedPolicy{s, found})
	}
	for _, group := range []struct {
		to    *[]*archetype
		specs []spec
	}{{&p.groups, plants.groups}, {&p.users, plants.users}, {&p.roles, plants.roles}} {
		compiled, err := t.compileAll(group.specs, t.plants)
		if err != nil {
			return nil, err
		}
		for _, a := range compiled {
			if err := t.connect(a, p); err != nil {
				return nil, err
			}
		}
		*group.to = compiled
	}
	return p, nil
}

// connect looks up the policies and groups that something planted names.
func (t *tables) connect(a *archetype, p *planted) error {
	a.planted, a.fence = true, noPolicy
	for _, name := range a.spec.own {
		ref, ok := t.ownPolicy(name, p)
		if !ok {
			return fmt.Errorf("find planted policy %s of %s: no such policy", name, a.spec.name)
		}
		a.own = append(a.own, ref)
	}
	for _, name := range a.spec.member {
		slot := -1
		for i, g := range append(append([]*archetype{}, t.fixedGroups...), p.groups...) {
			if g.spec.name == name {
				slot = i
			}
		}
		if slot < 0 {
			return fmt.Errorf("find group %s of %s: no such group", name, a.spec.name)
		}
		a.member = append(a.member, slot)
	}
	if a.spec.fence != "" {
		ref, ok := t.ownPolicy(a.spec.fence, p)
		if !ok {
			return fmt.Errorf("find boundary %s of %s: no such policy", a.spec.fence, a.spec.name)
		}
		a.fence = ref
	}
	return nil
}

// ownPolicy finds a planted policy by its name, or a boundary by its template.
func (t *tables) ownPolicy(name string, p *planted) (policyRef, bool) {
	for i, b := range t.boundaries {
		if b.name == name {
			return policyRef(i), true
		}
	}
	for i, own := range p.policies {
		if own.name == name {
			return policyRef(len(t.boundaries) + i), true
		}
	}
	return noPolicy, false
}

// sort is what is planted in the account: what it is for, or that it manages the
// organization.
func (a *Account) sort() string {
	if a.Management() {
		return sortManagement
	}
	return a.env()
}

// plants returns what is planted in the account: nothing in those that are closed
// or too small for all that an account usually has.
func (a *Account) plants() *planted {
	cfg, t := a.world.cfg, a.world.tables
	small := a.scaled(cfg.Groups) < len(t.fixedGroups) || a.scaled(cfg.Roles) < len(t.fixedRole) || cfg.Users == 0 || cfg.Policies < len(t.boundaries)
	if !cfg.Plants || a.Suspended() || small {
		return &planted{}
	}
	return t.planted[a.sort()]
}

// planted returns what the planted policy r is; nil for all others.
func (r resident) planted() *plantedPolicy {
	p := &r.day.account.populations[KindPolicy]
	if r.ref.Kind != KindPolicy || r.ref.Slot < p.common || r.ref.Slot >= p.permanent {
		return nil
	}
	return r.day.account.planting.policies[r.ref.Slot-p.common]
}

// turn is the revision that the inline policies of something planted are in.
func (r resident) turn() int {
	if r.kind.turns == 0 {
		return 0
	}
	return floorMod(r.gen.of(forEdit).epoch(r.day.number, r.kind.turns, r.kind.turns+1).n, 2)
}
