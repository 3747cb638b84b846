package source

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/leastwise/leastwise/catalog"
)

// ReferencePackage is what [Facts] of AWS's Service Reference call their source.
const ReferencePackage = "AWS Service Reference"

// ReferenceEntry is one service in the index of AWS's Service Reference,
// https://docs.aws.amazon.com/service-authorization/latest/reference/service-reference.html.
type ReferenceEntry struct {
	// Service is the prefix.
	Service string
	// URL is where its file is.
	URL string
	// Modified is when the file was changed; zero where the index does not say.
	Modified time.Time
}

// ParseReferenceIndex reads the index. Entries that lack something or come twice
// are errors, all of them at once.
func ParseReferenceIndex(data []byte) ([]ReferenceEntry, error) {
	var listed []struct {
		Service  string  `json:"service"`
		URL      string  `json:"url"`
		Modified float64 `json:"modified"` // seconds since 1970
	}
	if err := json.Unmarshal(data, &listed); err != nil {
		return nil, fmt.Errorf("read index: %w", err)
	}
	if len(listed) == 0 {
		return nil, errors.New("read index: it lists no service")
	}
	out := make([]ReferenceEntry, 0, len(listed))
	seen := make(map[string]bool, len(listed))
	var faults []error
	for i, l := range listed {
		if l.Service == "" || l.URL == "" {
			faults = append(faults, fmt.Errorf("read index: entry %d lacks its service or its url", i+1))
		}
		if l.Service != "" && seen[l.Service] {
			faults = append(faults, fmt.Errorf("read index: service %s is listed twice", l.Service))
		}
		seen[l.Service] = true
		entry := ReferenceEntry{Service: l.Service, URL: l.URL}
		if l.Modified > 0 {
			entry.Modified = time.Unix(int64(l.Modified), 0).UTC()
		}
		out = append(out, entry)
	}
	return out, errors.Join(faults...)
}

// The file of a service; what is not named here is not read.
type (
	referenceFile struct {
		Name          string
		Version       string
		Actions       []referenceAction
		Resources     []referenceResource
		ConditionKeys []referenceKey
	}
	referenceAction struct {
		Name                string
		ActionConditionKeys []string
		Annotations         *struct{ Properties *referenceProperties }
		Resources           []struct{ Name string }
		SupportedBy         map[string]bool
	}
	referenceProperties struct {
		IsList, IsPermissionManagement, IsTaggingOnly, IsWrite bool
	}
	referenceResource struct {
		Name          string
		ARNFormats    []string
		ConditionKeys []string
	}
	referenceKey struct {
		Name  string
		Types []string
	}
)

// lastAccessed is how the Service Reference calls IAM's action last accessed
// information among what supports an action.
const lastAccessed = "IAM Action Last Accessed"

// ReferenceService is a service as its file in the Service Reference has it.
type ReferenceService struct {
	Service
	// Version is that of the file's form, "v1.4".
	Version string
	// Modified is that of the index.
	Modified time.Time
}

// ParseReferenceService reads the file of the service that an entry of the index
// names. Every fault that keeps it from being used is in the error.
func ParseReferenceService(entry ReferenceEntry, data []byte) (*ReferenceService, error) {
	var file referenceFile
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("read service %s: %w", entry.Service, err)
	}
	var faults []error
	fault := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("read service %s: %w", entry.Service, fmt.Errorf(format, args...)))
	}
	if !strings.EqualFold(file.Name, entry.Service) {
		fault("its file is of %q", file.Name)
	}
	faultNames(fault, "action", file.Actions, func(a referenceAction) string { return a.Name })
	faultNames(fault, "resource type", file.Resources, func(r referenceResource) string { return r.Name })
	faultNames(fault, "condition key", file.ConditionKeys, func(k referenceKey) string { return k.Name })
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return &ReferenceService{Service: file.convert(), Version: file.Version, Modified: entry.Modified}, nil
}

// faultNames reports what has no name, and what has the name of another.
func faultNames[T any](fault func(string, ...any), what string, list []T, name func(T) string) {
	seen := make(map[string]bool, len(list))
	for i, item := range list {
		folded := strings.ToLower(name(item))
		switch {
		case folded == "":
			fault("%s %d has no name", what, i+1)
		case seen[folded]:
			fault("%s %s is named twice", what, name(item))
		}
		seen[folded] = true
	}
}

func (f *referenceFile) convert() Service {
	s := Service{Prefix: strings.ToLower(f.Name)}
	for _, r := range f.Resources {
		s.ResourceTypes = append(s.ResourceTypes, catalog.ResourceType{
			Service: s.Prefix, Name: r.Name, ARN: joinFormats(r.ARNFormats), ConditionKeys: r.ConditionKeys,
		})
	}
	for _, k := range f.ConditionKeys {
		kind := ""
		if len(k.Types) > 0 {
			kind = k.Types[0]
		}
		s.ConditionKeys = append(s.ConditionKeys, catalog.ConditionKey{Service: s.Prefix, Name: k.Name, Type: kind})
	}
	for _, a := range f.Actions {
		s.Actions = append(s.Actions, a.convert())
	}
	return s
}

// joinFormats makes one pattern of those that a catalog can hold; it is empty
// where there is none.
func joinFormats(formats []string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(formats), func(arn string) bool {
		return !strings.HasPrefix(arn, catalog.ARNHead) || strings.Count(arn, ":") < 5
	}), ", ")
}

func (a *referenceAction) convert() Action {
	out := Action{Name: a.Name, ConditionKeys: a.ActionConditionKeys, LastAccessed: a.SupportedBy[lastAccessed]}
	if a.Annotations != nil && a.Annotations.Properties != nil {
		out.Level = a.Annotations.Properties.level()
	} else {
		out.unleveled = true
	}
	for _, r := range a.Resources {
		out.addResource(resourceEntry{Name: r.Name})
	}
	return out
}

// level is the first of Permissions management, Tagging, Write, List that holds,
// and Read where none does: see chooseLevel.
func (p *referenceProperties) level() catalog.Level {
	switch {
	case p.IsPermissionManagement:
		return catalog.PermissionsManagement
	case p.IsTaggingOnly:
		return catalog.Tagging
	case p.IsWrite:
		return catalog.Write
	case p.IsList:
		return catalog.List
	}
	return catalog.Read
}
