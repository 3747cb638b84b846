package world

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// templateFiles holds the hand-written documents: a file per policy, its
// revisions apart by lines of ---. Files under aws start with a line that gives
// the policy's path and description.
//
//go:embed templates
var templateFiles embed.FS

// template is a policy document in its successive revisions. An edit moves a
// policy from one revision to the next.
type template struct {
	name              string
	path, description string // of policies managed by AWS
	revisions         []revision
	shelved           bool // attached to nobody
}

// revision is one text of a document and what it allows.
type revision struct {
	text   text
	grants grants
}

// revision returns the n-th revision, going round.
func (t *template) revision(n int) *revision {
	return &t.revisions[floorMod(n, len(t.revisions))]
}

// templateSet are the templates of one folder, in the order of their names.
type templateSet struct {
	list   []*template
	byName map[string]int
}

// get returns the template called name.
func (s templateSet) get(name string) (*template, error) {
	i, ok := s.byName[name]
	if !ok {
		return nil, fmt.Errorf("find template %s: no such file", name)
	}
	return s.list[i], nil
}

// all returns the templates with the given names.
func (s templateSet) all(names []string) ([]*template, error) {
	var found []*template
	for _, name := range names {
		t, err := s.get(name)
		if err != nil {
			return nil, err
		}
		found = append(found, t)
	}
	return found, nil
}

// readTemplates reads a folder of templates. What their documents allow is
// found out with the values of common.
func readTemplates(folder string, common *values, services serviceList) (templateSet, error) {
	set := templateSet{byName: map[string]int{}}
	files, err := fs.Glob(templateFiles, path.Join("templates", folder, "*.txt"))
	if err != nil {
		return set, fmt.Errorf("list templates: %w", err)
	}
	for _, file := range files {
		content, err := templateFiles.ReadFile(file)
		if err != nil {
			return set, fmt.Errorf("read template: %w", err)
		}
		t, err := parseTemplate(strings.TrimSuffix(path.Base(file), ".txt"), string(content), common, services)
		if err != nil {
			return set, err
		}
		set.byName[t.name] = len(set.list)
		set.list = append(set.list, t)
	}
	return set, nil
}

func parseTemplate(name, content string, common *values, services serviceList) (*template, error) {
	t := &template{name: name}
	if head, rest, _ := strings.Cut(content, "\n"); strings.HasPrefix(head, "/") {
		t.path, t.description, _ = strings.Cut(head, "|")
		content = rest
	}
	for body := range strings.SplitSeq(content, "\n---\n") {
		text, err := parseText(strings.TrimSuffix(body, "\n"))
		if err != nil {
			return nil, fmt.Errorf("read template %s: %w", name, err)
		}
		g, err := readGrants(text.render(nil, common), services)
		if err != nil {
			return nil, fmt.Errorf("read template %s: %w", name, err)
		}
		t.revisions = append(t.revisions, revision{text: text, grants: g})
	}
	return t, nil
}

// list is a JSON string or array of strings.
type list []string

func (l *list) UnmarshalJSON(data []byte) error {
	if data[0] == '[' {
		return json.Unmarshal(data, (*[]string)(l))
	}
	*l = make(list, 1)
	return json.Unmarshal(data, &(*l)[0])
}

// statement is what the access advisor reads of a policy's statement.
type statement struct {
	Effect    string
	Action    list
	NotAction list
}

// readGrants finds out which services and tracked actions a document allows.
// Like the access advisor, it does not look at Deny, resources or conditions.
func readGrants(document []byte, services serviceList) (grants, error) {
	var doc struct{ Statement json.RawMessage }
	if err := json.Unmarshal(document, &doc); err != nil {
		return grants{}, fmt.Errorf("parse document: %w", err)
	}
	if len(doc.Statement) == 0 {
		return grants{}, errors.New("parse document: it has no statement")
	}
	statements := make([]statement, 1)
	var into any = &statements[0]
	if doc.Statement[0] == '[' {
		into = &statements
	}
	if err := json.Unmarshal(doc.Statement, into); err != nil {
		return grants{}, fmt.Errorf("parse statement: %w", err)
	}
	var g grants
	for _, s := range statements {
		if s.Effect == "Allow" {
			g = g.union(services.allowed(s))
		}
	}
	return g, nil
}
