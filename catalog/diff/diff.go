// Package diff says what changed between two catalogs: services, actions with
// their access levels, resource types and condition keys that came, went or are
// described in another way.
//
// It compares what catalogs say, never their files: the order of a file's facts
// makes no difference, and neither does the case of a name.
package diff

import (
	"maps"
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog"
)

// Op is what happened to something.
type Op string

// The ops.
const (
	Added   Op = "added"
	Removed Op = "removed"
	Changed Op = "changed"
)

// Change is what happened to one service, action, resource type or condition
// key.
type Change struct {
	Op Op `json:"change"`
	// Service is the prefix.
	Service string `json:"service"`
	// Name is an action's full name, "s3:GetObject", or else the plain name.
	Name string `json:"name"`
	// AccessLevel is that of an action, as the newer of the catalogs has it that
	// have the action.
	AccessLevel string `json:"access_level,omitempty"`
	// Fields are what is different, where the op is Changed.
	Fields []Field `json:"fields,omitempty"`
}

// Field is what is different of one thing: its value, or a list's names.
type Field struct {
	Name    string   `json:"field"`
	From    string   `json:"from,omitempty"`
	To      string   `json:"to,omitempty"`
	Added   []string `json:"added,omitempty"`
	Removed []string `json:"removed,omitempty"`
}

// Changes are all changes, by service, then by name.
type Changes struct {
	Services      []Change `json:"services"`
	Actions       []Change `json:"actions"`
	ResourceTypes []Change `json:"resource_types"`
	ConditionKeys []Change `json:"condition_keys"`
}

// Empty reports whether there are none.
func (c *Changes) Empty() bool {
	return len(c.Services)+len(c.Actions)+len(c.ResourceTypes)+len(c.ConditionKeys) == 0
}

// Compare returns what changed from old to now. A service that came or went has
// all its parts among the changes too.
func Compare(old, now *catalog.Catalog) *Changes {
	out := &Changes{Services: []Change{}, Actions: []Change{}, ResourceTypes: []Change{}, ConditionKeys: []Change{}}
	before, after := servicesOf(old), servicesOf(now)
	for _, prefix := range union(before, after) {
		out.Services = append(out.Services, changes(prefix, before.only(prefix), after.only(prefix), titleFields)...)
		was, is := load(old, before, prefix), load(now, after, prefix)
		out.Actions = append(out.Actions, changes(prefix, was.actions, is.actions, actionFields)...)
		out.ResourceTypes = append(out.ResourceTypes, changes(prefix, was.types, is.types, typeFields)...)
		out.ConditionKeys = append(out.ConditionKeys, changes(prefix, was.keys, is.keys, keyFields)...)
	}
	return out
}

// item is something with a name that both catalogs may have.
type item interface {
	label() string
	level() string
}

// table are items by their names in lower case.
type table[T item] map[string]T

// only is the table of one name.
func (t table[T]) only(name string) table[T] {
	found, ok := t[name]
	if !ok {
		return nil
	}
	return table[T]{name: found}
}

// union are the names of both, sorted.
func union[T item](a, b table[T]) []string {
	names := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(names)
	return slices.Compact(names)
}

// changes compares two tables of one service.
func changes[T item](service string, before, after table[T], fields func(was, is T) []Field) []Change {
	names := union(before, after)
	out := make([]Change, 0, len(names))
	for _, name := range names {
		was, had := before[name]
		is, has := after[name]
		c := Change{Op: Changed, Service: service}
		switch {
		case !had:
			c.Op, c.Name, c.AccessLevel = Added, is.label(), is.level()
		case !has:
			c.Op, c.Name, c.AccessLevel = Removed, was.label(), was.level()
		default:
			c.Name, c.AccessLevel = is.label(), is.level()
			c.Fields = fields(was, is)
			if was.label() != is.label() {
				c.Fields = slices.Insert(c.Fields, 0, Field{Name: "name", From: was.label(), To: is.label()})
			}
			if len(c.Fields) == 0 {
				continue
			}
		}
		out = append(out, c)
	}
	return out
}

// appendValue appends the field of a value where it is different.
func appendValue(fields []Field, name, was, is string) []Field {
	if was == is {
		return fields
	}
	return append(fields, Field{Name: name, From: was, To: is})
}

// appendList appends the field of a list where its names are different, in any
// case and order.
func appendList(fields []Field, name string, was, is []string) []Field {
	f := Field{Name: name, Added: without(is, was), Removed: without(was, is)}
	if len(f.Added)+len(f.Removed) == 0 {
		return fields
	}
	return append(fields, f)
}

// without are the names of a list, sorted, that another does not have.
func without(names, other []string) []string {
	var out []string
	for _, name := range names {
		if !slices.ContainsFunc(other, func(o string) bool { return strings.EqualFold(o, name) }) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
