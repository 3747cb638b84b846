package source

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/leastwise/leastwise/catalog"
)

// Encode returns the catalog file that holds the facts. The same facts give the
// same bytes. A reference to a resource type, a condition key or an action that
// the facts do not have is an error, and so is a name that occurs twice, or that
// no policy can have; all of them are reported.
func Encode(f *Facts) ([]byte, error) {
	e := newEncoder(f)
	e.number()
	if len(e.faults) > 0 {
		return nil, fmt.Errorf("encode catalog: %w", errors.Join(e.faults...))
	}
	e.collect()
	if len(e.faults) > 0 {
		return nil, fmt.Errorf("encode catalog: %w", errors.Join(e.faults...))
	}
	return e.file(), nil
}

// encoder gives every name its number, then collects what refers to them.
type encoder struct {
	facts    *Facts
	services []*service
	faults   []error

	actions  map[string]int // full name in lower case
	keys     map[string]int
	keyNames []string
	kinds    map[string]int // types of condition keys
	kindList []string

	typeKeys, actionKeys, dependents []list
	resources                        [][]resource // per action
}

// resource is a resource type of an action with its number resolved.
type resource struct {
	kind     int
	required bool
	keys     list
}

// service is a service with its parts in the order of the file.
type service struct {
	Service
	types map[string]int // by lower-case name, over all services
}

func newEncoder(f *Facts) *encoder {
	e := &encoder{facts: f, actions: map[string]int{}, keys: map[string]int{}, kinds: map[string]int{}}
	for _, s := range f.Services {
		s.Prefix = strings.ToLower(s.Prefix)
		s.Actions = slices.Clone(s.Actions)
		slices.SortFunc(s.Actions, func(a, b Action) int {
			return cmp.Or(cmp.Compare(a.Level, b.Level), compareNames(a.Name, b.Name))
		})
		s.ResourceTypes = slices.Clone(s.ResourceTypes)
		slices.SortFunc(s.ResourceTypes, func(a, b catalog.ResourceType) int { return compareNames(a.Name, b.Name) })
		e.services = append(e.services, &service{Service: s, types: map[string]int{}})
	}
	slices.SortFunc(e.services, func(a, b *service) int { return cmp.Compare(a.Prefix, b.Prefix) })
	return e
}

// writable reports whether a policy can name a service or an action so: in a
// pattern, "*" and "?" would stand for others, and ":" stands between the two.
func writable(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`*?:"\`, r)
	})
}

func printable(name string) bool {
	return !strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) })
}

func compareNames(a, b string) int {
	return cmp.Or(cmp.Compare(strings.ToLower(a), strings.ToLower(b)), cmp.Compare(a, b))
}

func (e *encoder) fault(format string, args ...any) {
	e.faults = append(e.faults, fmt.Errorf(format, args...))
}

// number gives actions, resource types, condition keys and their types their
// places in the file.
func (e *encoder) number() {
	if day := e.facts.Date; day.Unix() < 0 || day.Unix() > math.MaxUint32 {
		e.fault("date %s: not between 1970 and 2106", day.Format(time.DateOnly))
	}
	kinds, types := 0, map[string]bool{}
	for i, s := range e.services {
		if i > 0 && e.services[i-1].Prefix == s.Prefix {
			e.fault("service %s: named twice", s.Prefix)
		}
		if !writable(s.Prefix) {
			e.fault("service %q: no policy can have the name", s.Prefix)
		}
		for _, a := range s.Actions {
			if !writable(a.Name) {
				e.fault("action %q of %s: no policy can have the name", a.Name, s.Prefix)
			}
			full := strings.ToLower(s.Prefix + ":" + a.Name)
			if _, again := e.actions[full]; again {
				e.fault("action %s: named twice", full)
			}
			e.actions[full] = len(e.actions)
		}
		for _, t := range s.ResourceTypes {
			if !printable(t.Name) || !printable(t.ARN) {
				e.fault("resource type %q of %s: it has characters that cannot be printed", t.Name, s.Prefix)
			}
			name := strings.ToLower(t.Name)
			if _, again := s.types[name]; again {
				e.fault("resource type %s of %s: named twice", t.Name, s.Prefix)
			}
			s.types[name] = kinds
			kinds++
		}
		for _, k := range s.ConditionKeys {
			if !printable(k.Name) {
				e.fault("condition key %q of %s: it has characters that cannot be printed", k.Name, s.Prefix)
			}
			e.keys[k.Name] = 0
			types[k.Type] = true
		}
	}
	e.keyNames, e.kindList = sortedKeys(e.keys), sortedKeys(types)
	for i, name := range e.keyNames {
		e.keys[name] = i
	}
	for i, name := range e.kindList {
		e.kinds[name] = i
	}
	if len(e.actions) > catalog.MaxActions || len(e.kindList) > 16 {
		e.fault("%d actions and %d types of condition keys: at most %d and 16", len(e.actions), len(e.kindList), catalog.MaxActions)
	}
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// collect resolves every reference.
func (e *encoder) collect() {
	for _, s := range e.services {
		for _, t := range s.ResourceTypes {
			if !strings.HasPrefix(t.ARN, catalog.ARNHead) || strings.Count(t.ARN, ":") < 5 {
				e.fault("resource type %s of %s: unexpected ARN %q", t.Name, s.Prefix, t.ARN)
			}
			e.typeKeys = append(e.typeKeys, e.keySet(s, t.ConditionKeys))
		}
		for _, a := range s.Actions {
			e.actionKeys = append(e.actionKeys, e.keySet(s, a.ConditionKeys))
			e.dependents = append(e.dependents, e.dependentSet(s, a))
			e.resources = append(e.resources, e.resourcesOf(s, a))
		}
	}
}

// resourcesOf resolves the resource types of an action, in the order of the file.
func (e *encoder) resourcesOf(s *service, a Action) []resource {
	out := make([]resource, 0, len(a.Resources))
	for _, r := range a.Resources {
		kind, known := s.types[strings.ToLower(r.Type)]
		if !known {
			e.fault("action %s:%s: unknown resource type %s", s.Prefix, a.Name, r.Type)
		}
		if slices.ContainsFunc(out, func(o resource) bool { return known && o.kind == kind }) {
			e.fault("action %s:%s: resource type %s named twice", s.Prefix, a.Name, r.Type)
		}
		out = append(out, resource{kind: kind, required: r.Required, keys: e.keySet(s, r.ConditionKeys)})
	}
	slices.SortFunc(out, func(x, y resource) int { return cmp.Compare(x.kind, y.kind) })
	return out
}

func (e *encoder) keySet(s *service, names []string) list {
	ids := make([]int, 0, len(names))
	for _, name := range names {
		id, known := e.keys[name]
		if !known {
			e.fault("service %s: unknown condition key %s", s.Prefix, name)
		}
		ids = append(ids, id)
	}
	return ascendingSet(ids)
}

func (e *encoder) dependentSet(s *service, a Action) list {
	ids := make([]int, 0, len(a.Dependents))
	for _, name := range a.Dependents {
		id, known := e.actions[strings.ToLower(name)]
		if !known {
			e.fault("action %s:%s: unknown dependent action %s", s.Prefix, a.Name, name)
		}
		ids = append(ids, id)
	}
	return ascendingSet(ids)
}

// ascendingSet encodes distinct numbers as the gaps between them.
func ascendingSet(ids []int) list {
	slices.Sort(ids)
	ids = slices.Compact(ids)
	var w writer
	next := 0
	for _, id := range ids {
		w.uint(id - next)
		next = id + 1
	}
	return list{count: len(ids), body: string(w)}
}
