package policy

import (
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog"
)

// refuseCRUD notes the fields that only mode crud has.
func (d *draft) refuseCRUD(t *Template) {
	for _, f := range t.fields() {
		switch f.name {
		case "mode", "name", "actions", "effect":
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
	case []field:
		return !slices.ContainsFunc(to, func(f field) bool { return !isEmpty(f.to) })
	default:
		return false
	}
}

// actionsMode adds the listed actions on every resource type that they support,
// and what they need: into the statements of its service and level whose resource
// type it supports, or on "*" where there is none.
func (d *draft) actionsMode(patterns []string) {
	asked := d.writer.catalog.NewSet()
	d.expand("actions", patterns, func(_ place, _ string, actions catalog.Set) { asked.Union(actions) })
	needed := d.writer.catalog.NewSet()
	for a := range asked.All() {
		d.onItsTypes(a)
		d.addNeeded(&needed, a)
	}
	for _, s := range d.statements {
		d.addDependents(s, &needed)
		for _, a := range s.actions {
			asked.Add(a)
		}
	}
	needed.Subtract(asked)
	for a := range needed.All() {
		if !d.beside(a) {
			d.into(&d.star).Add(a)
		}
	}
}

// beside adds an action to the statements of its service and level that are over
// a resource type which it supports. It reports whether there are any.
func (d *draft) beside(a catalog.ActionID) bool {
	service := d.writer.catalog.ServiceOf(a)
	action, found := d.writer.service(service).action(a), false
	for _, typ := range action.types {
		if s, ok := d.byKey[statementKey{service, action.level, typ}]; ok {
			s.actions = append(s.actions, a)
			found = true
		}
	}
	return found
}

// arnSeparator stands between the ARN patterns of a resource type that has several.
const arnSeparator = ", "

// onItsTypes adds an action to the statement of each of its resource types, or
// to those on "*" where it has none.
func (d *draft) onItsTypes(a catalog.ActionID) {
	service := d.writer.catalog.ServiceOf(a)
	index := d.writer.service(service)
	action := index.action(a)
	if len(action.types) == 0 {
		d.into(&d.star).Add(a)
	}
	for _, t := range action.types {
		s := d.statement(statementKey{service, action.level, t})
		s.actions = append(s.actions, a)
		s.resources = strings.Split(index.types[t].ARN, arnSeparator)
	}
}
