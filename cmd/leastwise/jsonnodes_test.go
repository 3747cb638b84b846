package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// Where both can read a text, JSON has the nodes that YAML has, at their places.
func TestJSONIsReadAsYAMLReadsIt(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"a": ["b", {"c": "d"}], "é": {}, "f": "", "g": [], "h": [["i"]]}`,
		"{\n  \"a\": [\n    \"é\", \"b\"\n  ],\r\n  \"c\" :\n\n\"d\"}\n",
		"  [ \"a,b: c\" , [ ] ,\"d\"]",
		`"a"`,
	} {
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatal(err)
		}
		got, err := readJSON([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(nodesOf(doc.Content[0]), nodesOf(got)); diff != "" {
			t.Errorf("%s (-YAML +JSON):\n%s", text, diff)
		}
	}
}

// placedNode is what is compared of a node.
type placedNode struct {
	Kind         yaml.Kind
	Value        string
	Line, Column int
	Content      []placedNode
}

func nodesOf(n *yaml.Node) placedNode {
	p := placedNode{Kind: n.Kind, Value: n.Value, Line: n.Line, Column: n.Column}
	for _, child := range n.Content {
		p.Content = append(p.Content, nodesOf(child))
	}
	return p
}
