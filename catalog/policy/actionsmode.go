package policy

import (
	"slices"

	"github.com/leastwise/leastwise/catalog"
)

// refuseCRUD notes the fields that only mode crud has.
func (d *draft) refuseCRUD(t *Template) {
	for _, f := range t.fields() {
		switch f.name {
		case "mode", "name", "actions", "effect", "conditions":
		default:
			d.refuse(f.name, !isEmpty(f.to), t.Mode)
		}
	}
}

// isEmpty reports whether what a field points to has nothing but empty strings.
func isEmpty(to any) bool {
	switch to := to.(type) {
	case *string:
		return *to == ""
	case *[]string:
		return !slices.ContainsFunc(*to, func(s string) bool { return s != "" })
	case *Conditions:
		return len(*to) == 0
	case part:
		return !slices.ContainsFunc(to.fields(), func(f field) bool { return !isEmpty(f.to) })
	default:
		return false
	}
}

// actionsMode adds the listed actions on every resource type that they support,
// and what they need: into the statements of its service and level whose resource
// type it supports, or on "*" where there is none.
func (d *draft) actionsMode(patterns []string) {
	var asked []catalog.Set // by their conditions
	d.expand("actions", patterns, func(at place, pattern string, actions catalog.Set) {
		conditions := d.conditionsAt(at)
		for len(asked) <= conditions {
			asked = append(asked, d.writer.catalog.NewSet())
		}
		d.include(&asked[conditions], actions)
		if d.why != nil {
			d.why.ask(actions, conditions, Because{Path: at.String(), Value: pattern})
		}
	})
	if d.full() {
		return
	}
	d.actions = 0 // each has several types, or one, or none
	needs := make([]needed, len(asked))
	for conditions, actions := range asked {
		if d.full() {
			return
		}
		needs[conditions] = d.newNeeded()
		for a := range actions.All() {
			d.onItsTypes(a, conditions, &needs[conditions])
		}
	}
	for _, s := range d.statements {
		d.addDependents(s, needs[s.conditions].add)
		for _, a := range s.actions {
			asked[s.conditions].Add(a)
		}
	}
	for conditions := range needs {
		needs[conditions].actions.Subtract(asked[conditions])
		needs[conditions].actions.Subtract(asked[0])
		d.bindNeeded(&needs[conditions], conditions)
	}
}

// needed is what actions under the same conditions need.
type needed struct {
	actions catalog.Set
	needers map[catalog.ActionID][]reasonKey // by what is needed; nil unless it is to be explained
}

func (d *draft) newNeeded() needed {
	n := needed{actions: d.writer.catalog.NewSet()}
	if d.why != nil {
		n.needers = make(map[catalog.ActionID][]reasonKey)
	}
	return n
}

func (n *needed) add(needed catalog.ActionID, from *draftStatement, by catalog.ActionID) {
	n.actions.Add(needed)
	if n.needers != nil {
		n.needers[needed] = append(n.needers[needed], reasonKey{from, by})
	}
}

// bindNeeded adds each action to the statements of its service and level that are
// over a resource type which it supports, or on "*" where there is none.
func (d *draft) bindNeeded(needs *needed, conditions int) {
	for a := range needs.actions.All() {
		service := d.writer.catalog.ServiceOf(a)
		action, found := d.writer.service(service).action(a), false
		for _, typ := range action.types {
			if s, ok := d.byKey[statementKey{service, action.level, typ, conditions}.packed()]; ok {
				s.actions = append(s.actions, a)
				d.why.neededBy(s, a, needs.needers[a])
				found = true
			}
		}
		if !found {
			star := &d.under(d.elsewhere(conditions)).star
			d.into(&star.wide).Add(a)
			d.why.neededBy(star, a, needs.needers[a])
		}
	}
}

// onItsTypes adds an action to the statement of each of its resource types, or
// with what it needs to those on "*" where it has none.
func (d *draft) onItsTypes(a catalog.ActionID, conditions int, needs *needed) {
	service := d.writer.catalog.ServiceOf(a)
	index := d.writer.service(service)
	action := index.action(a)
	if len(action.types) == 0 {
		star := &d.under(conditions).star
		d.into(&star.wide).Add(a)
		d.actions++
		d.why.asked(star, a, action.level, "")
		d.needed(a, func(needed catalog.ActionID) { needs.add(needed, star, a) })
	}
	d.actions += len(action.types)
	for _, t := range action.types {
		s := d.statement(statementKey{service, action.level, t, conditions})
		s.actions = append(s.actions, a)
		s.resources = index.types[t].Patterns()
		d.why.asked(s, a, action.level, index.types[t].Name)
	}
}
