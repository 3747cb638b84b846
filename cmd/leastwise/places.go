package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/leastwise/leastwise/catalog/policy"
)

// position is a place in a text, in lines and columns from 1 on; 0 is none.
type position struct{ line, column int }

// finder finds where in a text things stand, by their paths: "read[2]",
// "sts.assume-role[0]".
type finder struct {
	wanted map[string]position
	nodes  int
}

// locate returns where in a YAML or JSON text the things of faults stand. What is not
// there, a field that is missing for example, is where what it belongs to stands.
func locate(text []byte, faults []policy.Fault) []position {
	f := finder{wanted: make(map[string]position)}
	for i := range faults {
		for path := faults[i].Path; path != ""; path = parent(path) {
			f.wanted[path] = position{}
		}
	}
	if len(faults) > 0 {
		if doc, err := readYAML(text); err == nil {
			f.visit(doc, "", 0)
		}
	}
	found := make([]position, len(faults))
	for i := range faults {
		for path := faults[i].Path; path != "" && found[i].line == 0; path = parent(path) {
			found[i] = f.wanted[path]
		}
	}
	return found
}

// parent is the path of what the thing at path belongs to; "" is the document.
func parent(path string) string { return path[:max(0, strings.LastIndexAny(path, ".["))] }

func (f *finder) visit(n *yaml.Node, path string, depth int) {
	if f.nodes++; f.nodes > maxNodes || depth > maxDepth {
		return
	}
	switch n.Kind {
	case yaml.DocumentNode:
		f.visit(n.Content[0], path, depth)
	case yaml.AliasNode:
		f.visit(n.Alias, path, depth+1)
	case yaml.SequenceNode:
		for i, item := range n.Content {
			f.child(item, item, fmt.Sprintf("%s[%d]", path, i), depth)
		}
	case yaml.MappingNode:
		for i := 0; i < len(n.Content); i += 2 {
			f.child(n.Content[i], n.Content[i+1], strings.TrimPrefix(path+"."+n.Content[i].Value, "."), depth)
		}
	}
}

// child looks at a part of a list or an object, which stands where at stands.
func (f *finder) child(at, value *yaml.Node, path string, depth int) {
	if _, wanted := f.wanted[path]; wanted {
		f.wanted[path] = position{at.Line, at.Column}
	}
	f.visit(value, path, depth+1)
}

// faultLines returns faults in the order of the text, each as a sentence with its
// place in the input: "orders.yml:3:5: read[0]: ...".
func faultLines(input string, text []byte, faults []policy.Fault) []string {
	type placed struct {
		at  position
		say string
	}
	name := placeName(input)
	found := locate(text, faults)
	all := make([]placed, len(faults))
	for i := range faults {
		where := name
		if at := found[i]; at.line > 0 {
			where = fmt.Sprintf("%s:%d:%d", name, at.line, at.column)
		}
		fault := faults[i]
		fault.Path = visible(fault.Path)
		all[i] = placed{found[i], visible(oneLine(where + ": " + fault.Error()))}
	}
	slices.SortStableFunc(all, func(a, b placed) int {
		return cmp.Or(cmp.Compare(a.at.line, b.at.line), cmp.Compare(a.at.column, b.at.column))
	})
	lines := make([]string, len(all))
	for i := range all {
		lines[i] = all[i].say
	}
	return lines
}

// placeName is what an input is called in front of a line and a column.
func placeName(input string) string {
	if input == stdio {
		return "standard input"
	}
	return visible(input)
}

// linesError is an error of several sentences, each of which is a line of its own.
type linesError []string

func (e linesError) Error() string { return strings.Join(e, "\n") }

// asLines makes an error of those that there are, each a line of its own.
func asLines(errs []error) error {
	var lines linesError
	for _, err := range errs {
		if err != nil {
			lines = append(lines, sentences(err)...)
		}
	}
	if lines == nil {
		return nil
	}
	return lines
}

// sentences returns what is to be said of an error, line by line: all in one, unless
// it is or has a linesError.
func sentences(err error) []string {
	if _, ok := errors.AsType[linesError](err); ok {
		return strings.Split(err.Error(), "\n")
	}
	return []string{oneLine(err.Error())}
}
