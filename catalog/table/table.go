package table

import (
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog"
)

// Action is an action on one of the resource types that it supports, as one of the
// type's ARN patterns has it.
type Action struct {
	Action      string `json:"action"` // the full name, "s3:GetObject"
	AccessLevel string `json:"access_level"`
	// ResourceType is empty, and ARN "*", for an action that supports none.
	ResourceType string `json:"resource_type"`
	// Required says that every request names a resource of the type.
	Required bool   `json:"required"`
	ARN      string `json:"resource_arn_format"`
	// ConditionKeys are those of the action, those of the action with the resource
	// type, and those of the resource type but for [catalog.KeyOfRequest], sorted.
	ConditionKeys []string `json:"condition_keys"`
	// Dependents are the full names of the actions that it needs too.
	Dependents []string `json:"dependent_actions"`
}

// Resource is a resource type with one of its ARN patterns.
type Resource struct {
	Service       string   `json:"service_prefix"`
	Name          string   `json:"resource_type_name"`
	ARN           string   `json:"raw_arn"`
	ConditionKeys []string `json:"condition_keys"`
}

// Condition is a condition key of a service.
type Condition struct {
	Service string `json:"service_prefix"`
	Name    string `json:"name"`
	Type    string `json:"condition_value_type"` // String, Bool, ArrayOfString, ...
}

// Service is a service.
type Service struct {
	Prefix  string `json:"service_prefix"`
	Name    string `json:"service_name"` // "Amazon S3"
	Actions int    `json:"actions"`      // how many it has
}

// everyResource is the ARN of actions that support no resource type.
const everyResource = "*"

// Actions returns the rows of the actions of a set that a filter found, by service,
// then by name, then by resource type. Of an action that supports several types those
// are left out that are not of the filter's resource type, or on which the action has
// not its condition key.
func Actions(c *catalog.Catalog, set catalog.Set, f catalog.ActionFilter) []Action {
	rows := []Action{}
	types := make(map[string]catalog.ResourceType)
	service := catalog.ServiceID(c.Services())
	for _, name := range c.Names(set) {
		id, _ := c.LookupAction(name)
		if of := c.ServiceOf(id); of != service {
			service = of
			clear(types)
			for _, t := range c.ResourceTypes(service) {
				t.ConditionKeys = slices.DeleteFunc(t.ConditionKeys, catalog.KeyOfRequest)
				types[t.Name] = t
			}
		}
		rows = appendAction(rows, c.Action(id), types, func(typ string) bool {
			return (f.ResourceType == "" || strings.EqualFold(typ, f.ResourceType)) &&
				(f.Condition == "" || c.SupportsKeyOn(id, typ, f.Condition))
		})
	}
	return rows
}

func appendAction(rows []Action, a catalog.Action, types map[string]catalog.ResourceType, wanted func(typ string) bool) []Action {
	row := Action{
		Action: a.FullName(), AccessLevel: a.Level.String(), ARN: everyResource,
		ConditionKeys: union(a.ConditionKeys), Dependents: union(a.Dependents),
	}
	if len(a.Resources) == 0 {
		return append(rows, row)
	}
	for _, r := range a.Resources {
		if !wanted(r.Type) {
			continue
		}
		of := types[r.Type]
		row.ResourceType, row.Required = r.Type, r.Required
		row.ConditionKeys = union(a.ConditionKeys, r.ConditionKeys, of.ConditionKeys)
		for _, row.ARN = range of.Patterns() {
			rows = append(rows, row)
		}
	}
	return rows
}

// union returns what any of the lists has, sorted, never nil.
func union(lists ...[]string) []string {
	all := append([]string{}, slices.Concat(lists...)...)
	slices.Sort(all)
	return slices.Compact(all)
}

// Resources returns the rows of resource types, one for each of their ARN patterns.
func Resources(types []catalog.ResourceType) []Resource {
	rows := make([]Resource, 0, len(types))
	for _, t := range types {
		keys := union(t.ConditionKeys)
		for _, arn := range t.Patterns() {
			rows = append(rows, Resource{Service: t.Service, Name: t.Name, ARN: arn, ConditionKeys: keys})
		}
	}
	return rows
}

// ARNs returns the ARN patterns of rows, each once; types can have the same.
func ARNs(rows []Resource) []string {
	arns := make([]string, 0, len(rows))
	seen := make(map[string]bool, len(rows))
	for _, r := range rows {
		if !seen[r.ARN] {
			seen[r.ARN] = true
			arns = append(arns, r.ARN)
		}
	}
	return arns
}

// Conditions returns the rows of condition keys.
func Conditions(keys []catalog.ConditionKey) []Condition {
	rows := make([]Condition, len(keys))
	for i, k := range keys {
		rows[i] = Condition{Service: k.Service, Name: k.Name, Type: k.Type}
	}
	return rows
}

// Services returns the rows of services.
func Services(services []catalog.Service) []Service {
	rows := make([]Service, len(services))
	for i, s := range services {
		rows[i] = Service{Prefix: s.Prefix, Name: s.Name, Actions: int(s.End - s.First)}
	}
	return rows
}
