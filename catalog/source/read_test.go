package source_test

import (
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/source"
)

// files make a package as npm unpacks it.
func files(overrides map[string]string) fs.FS {
	all := map[string]string{
		"package.json":           `{"name": "facts", "version": "2.0", "updatedAt": "2026-09-26T04:46:59.905Z", "license": "MIT"}`,
		"data/serviceNames.json": `{"one": "Service One", "gone": "Gone"}`,
		"data/services.json":     `["one"]`,
		"data/actions/one.json": `{
			"getthing": {"name": "GetThing", "description": "Grants permission to get a thing", "accessLevel": "Read", "conditionKeys": ["one:Size"], "dependentActions": [],
				"resourceTypes": [{"name": "thing", "required": false, "conditionKeys": ["one:Size"], "dependentActions": []},
					{"name": "thing", "required": true, "conditionKeys": ["one:Color"], "dependentActions": []}]},
			"putthing": {"name": "PutThing", "accessLevel": "Tagging, Write", "resourceTypes": [], "conditionKeys": [], "dependentActions": []}}`,
		"data/resourceTypes/one.json": `{"thing": {"key": "thing", "arn": "arn:${Partition}:one:::${Id}", "conditionKeys": ["one:Size"]}, "plain": {"key": "Plain", "arn": "arn:${Partition}:one:::p/${Id}"}}`,
		"data/conditionKeys/one.json": `{"one:size": {"key": "one:Size", "description": "Filters access by size", "type": "Numeric"}, "one:color": {"key": "one:Color", "type": "String"}}`,
	}
	maps.Copy(all, overrides)
	out := fstest.MapFS{}
	for name, text := range all {
		if text != "" {
			out[name] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	return out
}

// older is a version that has dependent actions, of which not all exist now.
func older() fs.FS {
	return files(map[string]string{
		"package.json": `{"name": "facts", "version": "1.0", "updatedAt": "2025-12-06T04:47:37.991Z"}`,
		"data/actions/one.json": `{
			"getthing": {"name": "GetThing", "accessLevel": "List", "conditionKeys": [], "dependentActions": ["one:PutThing", "gone:Action"],
				"resourceTypes": [{"name": "thing", "required": false, "conditionKeys": [], "dependentActions": ["One:PutThing", "one:GetThing"]}]},
			"oldthing": {"name": "OldThing", "accessLevel": "Write", "resourceTypes": [], "conditionKeys": [], "dependentActions": ["one:GetThing"]}}`,
	})
}

func find(t *testing.T, f *source.Facts, name string) source.Action {
	t.Helper()
	i := slices.IndexFunc(f.Services[0].Actions, func(a source.Action) bool { return a.Name == name })
	if i < 0 {
		t.Fatalf("no action %s", name)
	}
	return f.Services[0].Actions[i]
}

func TestReadTakesTheFactsOfAPackage(t *testing.T) {
	t.Parallel()
	f, err := source.Read(files(nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	if f.Package != "facts" || !slices.Equal(f.Versions, []string{"2.0"}) || !f.Date.Equal(time.Date(2026, 9, 26, 4, 46, 59, 905e6, time.UTC)) {
		t.Errorf("%s %v %v", f.Package, f.Versions, f.Date)
	}
	s := f.Services[0]
	if len(f.Services) != 1 || s.Prefix != "one" || s.Name != "Service One" || len(s.ResourceTypes) != 2 || len(s.ConditionKeys) != 2 {
		t.Errorf("services %+v", f.Services)
	}
	if got := find(t, f, "PutThing"); got.Level != catalog.Tagging || len(got.Dependents) != 0 {
		t.Errorf("PutThing: %+v", got)
	}
	got := find(t, f, "GetThing")
	if len(got.Resources) != 1 || !got.Resources[0].Required || strings.Join(got.Resources[0].ConditionKeys, " ") != "one:Size one:Color" {
		t.Errorf("a type that is listed twice: %+v", got.Resources)
	}
}

func TestReadTakesDependentsOfTheOlderPackage(t *testing.T) {
	t.Parallel()
	f, err := source.Read(files(nil), older())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(f.Versions, []string{"2.0", "1.0"}) {
		t.Errorf("versions %v", f.Versions)
	}
	got := find(t, f, "GetThing")
	if strings.Join(got.Dependents, " ") != "one:PutThing One:PutThing one:GetThing" || got.Level != catalog.Read {
		t.Errorf("GetThing: %+v", got)
	}
}

func TestReadChoosesOneOfSeveralLevels(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]catalog.Level{
		"Read":                          catalog.Read,
		"Read, List":                    catalog.List,
		"List, Write":                   catalog.Write,
		"Write,Tagging":                 catalog.Tagging,
		"Tagging, Write":                catalog.Tagging,
		"Permissions management, Write": catalog.PermissionsManagement,
		"Read, List, Write, Tagging, Permissions management": catalog.PermissionsManagement,
	} {
		f, err := source.Read(files(map[string]string{"data/actions/one.json": `{"a": {"name": "A", "accessLevel": "` + text + `"}}`}), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := find(t, f, "A").Level; got != want {
			t.Errorf("%q: level %s, want %s", text, got, want)
		}
	}
}

func TestReadSaysWhichFileIsWrong(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"package.json":                `{`,
		"data/services.json":          `{}`,
		"data/serviceNames.json":      "",
		"data/actions/one.json":       "",
		"data/resourceTypes/one.json": "",
		"data/conditionKeys/one.json": `[]`,
	} {
		broken := files(map[string]string{name: text})
		if _, err := source.Read(broken, nil); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s = %q: error %v", name, text, err)
		}
		if _, err := source.Read(files(nil), broken); err == nil || !strings.Contains(err.Error(), "dependent actions") {
			t.Errorf("%s = %q in the older package: error %v", name, text, err)
		}
	}
	unknown := files(map[string]string{"data/actions/one.json": `{"a": {"name": "A", "accessLevel": "Delete"}}`})
	if _, err := source.Read(unknown, nil); err == nil || !strings.Contains(err.Error(), "one:A") {
		t.Errorf("an unknown level: error %v", err)
	}
}
