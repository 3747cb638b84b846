package diff

import (
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog"
)

// What is compared. Each knows all that its fields need.
type (
	service struct{ catalog.Service }
	action  struct {
		catalog.Action
		lastAccessed string // "yes", "no", or "" where the source does not say
	}
	resourceType struct{ catalog.ResourceType }
	conditionKey struct{ catalog.ConditionKey }
)

func (s service) label() string      { return s.Prefix }
func (a action) label() string       { return a.FullName() }
func (t resourceType) label() string { return t.Name }
func (k conditionKey) label() string { return k.Name }

func (service) level() string      { return "" }
func (a action) level() string     { return a.Level.String() }
func (resourceType) level() string { return "" }
func (conditionKey) level() string { return "" }

// parts are the parts of one service.
type parts struct {
	actions table[action]
	types   table[resourceType]
	keys    table[conditionKey]
}

func servicesOf(c *catalog.Catalog) table[service] {
	out := make(table[service], c.Services())
	for id := range c.Services() {
		s := c.Service(catalog.ServiceID(id))
		out[s.Prefix] = service{s}
	}
	return out
}

// load returns the parts of a service; none where the catalog does not have it.
func load(c *catalog.Catalog, services table[service], prefix string) parts {
	p := parts{actions: table[action]{}, types: table[resourceType]{}, keys: table[conditionKey]{}}
	s, ok := services[prefix]
	if !ok {
		return p
	}
	for id := s.First; id < s.End; id++ {
		a := action{Action: c.Action(id)}
		if tracked, known := c.LastAccessed(id); tracked {
			a.lastAccessed = "yes"
		} else if known {
			a.lastAccessed = "no"
		}
		p.actions[strings.ToLower(a.Name)] = a
	}
	for _, t := range c.ResourceTypes(s.ID) {
		p.types[strings.ToLower(t.Name)] = resourceType{t}
	}
	for _, k := range c.ConditionKeys(s.ID) {
		p.keys[strings.ToLower(k.Name)] = conditionKey{k}
	}
	return p
}

func titleFields(was, is service) []Field {
	return appendValue(nil, "service_name", was.Name, is.Name)
}

// actionFields compares actions. Condition keys are those that can stand in a
// statement with the action, whether or not they need one of its resource types:
// sources tell these apart in different ways.
func actionFields(was, is action) []Field {
	fields := appendValue(nil, "access_level", was.level(), is.level())
	fields = appendList(fields, "resource_types", was.types(false), is.types(false))
	fields = appendList(fields, "required_resource_types", was.types(true), is.types(true))
	fields = appendList(fields, "condition_keys", was.keys(), is.keys())
	fields = appendList(fields, "dependent_actions", was.Dependents, is.Dependents)
	if was.lastAccessed != "" && is.lastAccessed != "" {
		fields = appendValue(fields, "last_accessed", was.lastAccessed, is.lastAccessed)
	}
	return fields
}

// types are the names of an action's resource types.
func (a action) types(onlyRequired bool) []string {
	var out []string
	for _, r := range a.Resources {
		if r.Required || !onlyRequired {
			out = append(out, r.Type)
		}
	}
	return out
}

// keys are all condition keys of an action.
func (a action) keys() []string {
	out := slices.Clip(a.ConditionKeys)
	for _, r := range a.Resources {
		out = append(out, r.ConditionKeys...)
	}
	return out
}

func typeFields(was, is resourceType) []Field {
	fields := appendValue(nil, "arn", was.ARN, is.ARN)
	return appendList(fields, "condition_keys", was.ConditionKeys, is.ConditionKeys)
}

func keyFields(was, is conditionKey) []Field {
	return appendValue(nil, "type", was.Type, is.Type)
}
