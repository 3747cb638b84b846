package source

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/leastwise/leastwise/catalog"
)

// ReferenceFacts makes facts of services of the Service Reference. Their date is
// that of the newest file, or now where the index has no dates. What the
// reference does not tell is kept from base, where the service, the action and
// what it refers to still exist: names of services, dependent actions, which
// resource types are required, and condition keys that only hold with one
// resource type.
//
// The notes say, one sentence each, what in the reference contradicts itself and
// what became of it.
func ReferenceFacts(services []*ReferenceService, now time.Time, base *Facts) (f *Facts, notes []string) {
	f = &Facts{Package: ReferencePackage, KeptFrom: base.origin(), LastAccessedKnown: true}
	for _, s := range services {
		if s.Version != "" && !slices.Contains(f.Versions, s.Version) {
			f.Versions = append(f.Versions, s.Version)
		}
		if s.Modified.After(f.Date) {
			f.Date = s.Modified
		}
		f.Services = append(f.Services, s.Service)
	}
	slices.Sort(f.Versions)
	if f.Date.IsZero() {
		f.Date = now
	}
	k := newKeeper(f, base)
	k.keep()
	k.prune()
	return f, k.notes
}

// origin names a source and its versions in one text.
func (f *Facts) origin() string {
	return strings.TrimSpace(f.Package + " " + strings.Join(f.Versions, ", "))
}

// keeper fills in facts from others, and then takes out what refers to nothing.
type keeper struct {
	facts *Facts
	notes []string

	services map[string]*Service // of the base, by prefix
	old      map[string]*Action  // of the base, by full name in lower case
	now      map[string]bool     // the facts' actions, by full name in lower case
	keys     map[string]string   // the facts' condition keys, by name and by name in lower case
}

func newKeeper(f, base *Facts) *keeper {
	k := &keeper{facts: f, services: map[string]*Service{}, old: map[string]*Action{}, now: map[string]bool{}, keys: map[string]string{}}
	for i := range base.Services {
		k.services[strings.ToLower(base.Services[i].Prefix)] = &base.Services[i]
	}
	for name, a := range base.actions() {
		k.old[name] = a
	}
	for name := range f.actions() {
		k.now[name] = true
	}
	for _, s := range f.Services {
		for _, key := range s.ConditionKeys {
			k.keys[key.Name], k.keys[strings.ToLower(key.Name)] = key.Name, key.Name
		}
	}
	return k
}

func (k *keeper) note(format string, args ...any) {
	k.notes = append(k.notes, fmt.Sprintf(format, args...))
}

func (k *keeper) keep() {
	for i := range k.facts.Services {
		s := &k.facts.Services[i]
		old := k.services[s.Prefix]
		if old == nil {
			old = &Service{Name: s.Prefix}
		}
		if s.Name == "" {
			s.Name = old.Name
		}
		for j := range s.ResourceTypes {
			if t := &s.ResourceTypes[j]; t.ARN == "" {
				t.ARN = arnOf(old, t.Name)
			}
		}
		if len(s.Actions) == 0 {
			k.note("service %s: it has no action, and had %d before", s.Prefix, len(old.Actions))
		}
		for j := range s.Actions {
			k.keepAction(s.Prefix, &s.Actions[j])
		}
	}
}

func arnOf(s *Service, kind string) string {
	for _, t := range s.ResourceTypes {
		if strings.EqualFold(t.Name, kind) {
			return t.ARN
		}
	}
	return ""
}

func (k *keeper) keepAction(prefix string, a *Action) {
	old := k.old[strings.ToLower(prefix+":"+a.Name)]
	if old == nil {
		if a.unleveled {
			a.Level = catalog.Write
			k.note("service %s: action %s has no access level; it is taken for Write", prefix, a.Name)
		}
		return
	}
	if a.unleveled {
		a.Level = old.Level
	}
	if len(a.Dependents) == 0 {
		a.Dependents = k.existing(old.Dependents)
	}
	for i := range a.Resources {
		r := &a.Resources[i]
		for _, was := range old.Resources {
			if !strings.EqualFold(was.Type, r.Type) {
				continue
			}
			r.Required = was.Required
			r.ConditionKeys = slices.DeleteFunc(slices.Clone(was.ConditionKeys), func(key string) bool {
				_, known := k.spelled(key)
				return !known || slices.Contains(a.ConditionKeys, key)
			})
		}
	}
}

// existing are the actions of a list that the facts have.
func (k *keeper) existing(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !k.now[strings.ToLower(name)] })
}

// prune takes out resource types without an ARN, and references to resource
// types and condition keys that there are not.
func (k *keeper) prune() {
	for i := range k.facts.Services {
		s := &k.facts.Services[i]
		k.pruneKeys(s)
		types := k.pruneTypes(s)
		for j := range s.Actions {
			k.pruneAction(s.Prefix, &s.Actions[j], types)
		}
	}
}

func (k *keeper) pruneKeys(s *Service) {
	for i := range s.ConditionKeys {
		if key := &s.ConditionKeys[i]; key.Type == "" {
			k.note("service %s: condition key %s has no type; it is taken for String", s.Prefix, key.Name)
			key.Type = "String"
		}
	}
}

// pruneTypes returns the names, in lower case, of the resource types that stay.
func (k *keeper) pruneTypes(s *Service) map[string]bool {
	names := make(map[string]bool, len(s.ResourceTypes))
	s.ResourceTypes = slices.DeleteFunc(s.ResourceTypes, func(t catalog.ResourceType) bool {
		if t.ARN == "" {
			k.note("service %s: resource type %s has no ARN format; it is left out", s.Prefix, t.Name)
		}
		return t.ARN == ""
	})
	for i := range s.ResourceTypes {
		t := &s.ResourceTypes[i]
		t.ConditionKeys = k.known(t.ConditionKeys, s.Prefix, "resource type "+t.Name)
		names[strings.ToLower(t.Name)] = true
	}
	return names
}

func (k *keeper) pruneAction(prefix string, a *Action, types map[string]bool) {
	a.ConditionKeys = k.known(a.ConditionKeys, prefix, "action "+a.Name)
	a.Resources = slices.DeleteFunc(a.Resources, func(r catalog.ActionResource) bool {
		known := types[strings.ToLower(r.Type)]
		if !known {
			k.note("service %s: action %s supports a resource type %q, which there is not; it is left out", prefix, a.Name, r.Type)
		}
		return !known
	})
}

// known are the condition keys of a list that some service has, as it spells
// them.
func (k *keeper) known(keys []string, prefix, of string) []string {
	var out []string
	for _, key := range keys {
		name, ok := k.spelled(key)
		if !ok {
			k.note("service %s: %s supports a condition key %q, which there is not; it is left out", prefix, of, key)
			continue
		}
		out = append(out, name)
	}
	return out
}

// spelled returns the condition key that a name stands for in any case.
func (k *keeper) spelled(key string) (string, bool) {
	if k.keys[key] != "" {
		return key, true
	}
	name := k.keys[strings.ToLower(key)]
	return name, name != ""
}
