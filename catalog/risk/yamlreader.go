package risk

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// yamlReader walks a YAML file and collects what is wrong with it, with lines.
type yamlReader struct {
	file   string
	id     string // of the rule that is being read
	faults Faults
}

func (y *yamlReader) fault(n *yaml.Node, format string, args ...any) {
	line := 0
	if n != nil {
		line = n.Line
	}
	y.faults = append(y.faults, Fault{File: y.file, Line: line, Rule: y.id, Reason: fmt.Sprintf(format, args...)})
}

// root parses the file and returns its outermost mapping, or nil with a fault.
func (y *yamlReader) root(r io.Reader) *yaml.Node {
	source, err := io.ReadAll(r)
	if err != nil {
		y.fault(nil, "%v", err)
		return nil
	}
	var doc, more yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(source))
	switch err := decoder.Decode(&doc); {
	case errors.Is(err, io.EOF):
		y.fault(nil, "the file is empty")
		return nil
	case err != nil:
		y.syntax(source, err)
		return nil
	}
	if err := decoder.Decode(&more); err == nil {
		y.fault(&more, "the file has a second document")
	} else if !errors.Is(err, io.EOF) {
		y.syntax(source, err)
	}
	top := doc.Content[0]
	if top.Kind != yaml.MappingNode {
		y.fault(top, "the file is not a mapping")
		return nil
	}
	return top
}

// syntax turns the library's error into a fault.
func (y *yamlReader) syntax(source []byte, err error) {
	line, problem := YAMLProblem(source, err)
	y.faults = append(y.faults, Fault{File: y.file, Line: line, Reason: "cannot be read as YAML: " + problem})
}

// fields calls the function of each key of a mapping.
func (y *yamlReader) fields(n *yaml.Node, known map[string]func(*yaml.Node)) {
	seen := make(map[string]bool)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], meant(n.Content[i+1])
		read, ok := known[key.Value]
		switch {
		case seen[key.Value]:
			y.fault(key, "%s stands twice", key.Value)
		case !ok:
			names := make([]string, 0, len(known))
			for name := range known {
				names = append(names, name)
			}
			slices.Sort(names)
			y.fault(key, "%q is not known here; want one of %s", key.Value, strings.Join(names, ", "))
		default:
			read(value)
		}
		seen[key.Value] = true
	}
}

func (y *yamlReader) mapping(n *yaml.Node, what string) bool {
	if n.Kind != yaml.MappingNode {
		y.fault(n, "%s is not a mapping", what)
		return false
	}
	return true
}

// items returns the elements of a list.
func (y *yamlReader) items(n *yaml.Node, what string) []*yaml.Node {
	if n.Kind != yaml.SequenceNode {
		y.fault(n, "%s is not a list", what)
		return nil
	}
	items := make([]*yaml.Node, len(n.Content))
	for i, item := range n.Content {
		items[i] = meant(item)
	}
	return items
}

// meant returns what an alias stands for.
func meant(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// text reads a string into dst; an empty one is a fault.
func (y *yamlReader) text(dst *string, what string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if n.Kind != yaml.ScalarNode || n.Value == "" || n.Tag == "!!null" {
			y.fault(n, "%s is not a text", what)
			return
		}
		*dst = n.Value
	}
}

// texts reads a list of strings into dst.
func (y *yamlReader) texts(dst *[]string, what string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		for _, item := range y.items(n, what) {
			var s string
			if y.text(&s, "an element of "+what)(item); s != "" {
				*dst = append(*dst, s)
			}
		}
	}
}

// number reads a whole number from low to high into dst.
func (y *yamlReader) number(dst *int, what string, low, high int) func(*yaml.Node) {
	return func(n *yaml.Node) {
		v, err := strconv.Atoi(n.Value)
		if n.Kind != yaml.ScalarNode || err != nil || v < low || v > high {
			y.fault(n, "%s is not a number from %d to %d", what, low, high)
			return
		}
		*dst = v
	}
}

// flag reads true or false into dst.
func (y *yamlReader) flag(dst *bool, what string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if n.Kind != yaml.ScalarNode || n.Value != "true" && n.Value != "false" {
			y.fault(n, "%s is neither true nor false", what)
			return
		}
		*dst = n.Value == "true"
	}
}
