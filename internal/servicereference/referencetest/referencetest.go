// Package referencetest serves a Service Reference on loopback, in the form in
// which AWS publishes it.
package referencetest

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/source"
)

// host is what AWS's own index names in its URLs.
const host = "https://servicereference.us-east-1.amazonaws.com"

// Modified is when all files of the index were changed, in seconds since 1970.
const Modified = 1_785_247_299

// Start serves an index of the files, which are by the service's prefix, until
// the test ends, and returns its URL; below "mirror" it is too. Handler, where it is not nil, gets every
// request first and says whether it answered.
func Start(t testing.TB, files map[string]string, handler func(http.ResponseWriter, *http.Request) bool) string {
	t.Helper()
	type entry struct {
		Service  string `json:"service"`
		URL      string `json:"url"`
		Modified int    `json:"modified"`
	}
	index := make([]entry, 0, len(files))
	pages := map[string]string{}
	for service, text := range files {
		path := "/v1/" + service + "/" + service + ".json"
		index = append(index, entry{service, host + path, Modified})
		pages[path] = text
	}
	pages["/"] = string(encode(t, index))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if handler != nil && handler(w, r) {
			return
		}
		text, found := pages[cmp.Or(strings.TrimPrefix(r.URL.Path, "/mirror"), "/")]
		if !found {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(text))
	}))
	t.Cleanup(server.Close)
	return server.URL + "/"
}

// The file of a service.
type (
	serviceFile struct {
		Name          string
		Actions       []action
		ConditionKeys []key
		Operations    []operation
		Resources     []resource
		Version       string
	}
	action struct {
		Name                string
		ActionConditionKeys []string `json:",omitempty"`
		Annotations         struct{ Properties map[string]bool }
		Resources           []named `json:",omitempty"`
		SupportedBy         map[string]bool
	}
	named struct{ Name string }
	key   struct {
		Name  string
		Types []string
	}
	resource struct {
		Name          string
		ARNFormats    []string
		ConditionKeys []string `json:",omitempty"`
	}
	operation struct {
		Name              string
		AuthorizedActions []struct{ Name, Service string }
	}
)

// Files are the services' files that tell of facts what the Service Reference
// tells.
func Files(t testing.TB, f *source.Facts) map[string]string {
	t.Helper()
	out := make(map[string]string, len(f.Services))
	for _, s := range f.Services {
		file := serviceFile{Name: s.Prefix, Version: "v1.4"}
		for _, k := range s.ConditionKeys {
			file.ConditionKeys = append(file.ConditionKeys, key{k.Name, []string{k.Type}})
		}
		for _, r := range s.ResourceTypes {
			file.Resources = append(file.Resources, resource{r.Name, strings.Split(r.ARN, ", "), r.ConditionKeys})
		}
		for _, a := range s.Actions {
			file.Actions = append(file.Actions, actionOf(a))
			file.Operations = append(file.Operations, operation{Name: a.Name, AuthorizedActions: []struct{ Name, Service string }{{a.Name, s.Prefix}}})
		}
		out[s.Prefix] = string(encode(t, file))
	}
	return out
}

func actionOf(a source.Action) action {
	out := action{Name: a.Name, ActionConditionKeys: a.ConditionKeys}
	out.Annotations.Properties = map[string]bool{
		"IsList":                 a.Level == catalog.List,
		"IsPermissionManagement": a.Level == catalog.PermissionsManagement,
		"IsTaggingOnly":          a.Level == catalog.Tagging,
		"IsWrite":                a.Level != catalog.List && a.Level != catalog.Read,
	}
	out.SupportedBy = map[string]bool{"IAM Access Analyzer Policy Generation": true, "IAM Action Last Accessed": a.LastAccessed}
	for _, r := range a.Resources {
		out.Resources = append(out.Resources, named{r.Type})
	}
	return out
}

func encode(t testing.TB, value any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
