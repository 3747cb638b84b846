package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxNodes bounds what a YAML file's aliases can grow it to, and maxDepth how
// deep it can be.
const (
	maxNodes = 1 << 20
	maxDepth = 100
)

var errYAMLSize = errors.New("it is too deep, or its aliases make too much of it")

// yamlToJSON returns the one document of a YAML or JSON text as JSON with its keys
// in their order. Scalars other than null become strings as they are written:
// nothing that is read here wants a number.
func yamlToJSON(text []byte) ([]byte, error) {
	doc, err := readYAML(text)
	if err != nil {
		return nil, err
	}
	c := yamlConverter{}
	if err := c.node(doc, 0); err != nil {
		return nil, err
	}
	return c.out.Bytes(), nil
}

// readYAML returns the one document of a YAML or JSON text. JSON is read as such:
// of its escapes, the parser of YAML knows neither \/ nor those of UTF-16 pairs.
func readYAML(text []byte) (*yaml.Node, error) {
	if isJSON(text) {
		return readJSON(text)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var doc yaml.Node
	if err := decoder.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, errors.New("it is empty")
	} else if err != nil {
		return nil, yamlFault(err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("it has more than one YAML document")
	}
	return &doc, nil
}

// yamlFault makes one sentence of a parser's error.
func yamlFault(err error) error {
	return errors.New(strings.TrimPrefix(strings.Join(strings.Fields(err.Error()), " "), "yaml: "))
}

type yamlConverter struct {
	out   bytes.Buffer
	nodes int
}

func (c *yamlConverter) node(n *yaml.Node, depth int) error {
	if c.nodes++; c.nodes > maxNodes || depth > maxDepth {
		return errYAMLSize
	}
	switch n.Kind {
	case yaml.DocumentNode:
		return c.node(n.Content[0], depth)
	case yaml.AliasNode:
		return c.node(n.Alias, depth+1)
	case yaml.SequenceNode:
		return c.sequence(n, depth)
	case yaml.MappingNode:
		return c.mapping(n, depth)
	default:
		if n.ShortTag() == "!!null" {
			c.out.WriteString("null")
			return nil
		}
		return c.text(n.Value)
	}
}

func (c *yamlConverter) sequence(n *yaml.Node, depth int) error {
	c.out.WriteByte('[')
	for i, item := range n.Content {
		if i > 0 {
			c.out.WriteByte(',')
		}
		if err := c.node(item, depth+1); err != nil {
			return err
		}
	}
	c.out.WriteByte(']')
	return nil
}

func (c *yamlConverter) mapping(n *yaml.Node, depth int) error {
	c.out.WriteByte('{')
	for i := 0; i < len(n.Content); i += 2 {
		if i > 0 {
			c.out.WriteByte(',')
		}
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode {
			return fmt.Errorf("line %d: a key is not a text", key.Line)
		}
		if err := c.text(key.Value); err != nil {
			return err
		}
		c.out.WriteByte(':')
		if err := c.node(n.Content[i+1], depth+1); err != nil {
			return err
		}
	}
	c.out.WriteByte('}')
	return nil
}

func (c *yamlConverter) text(s string) error {
	quoted, err := json.Marshal(s)
	c.out.Write(quoted)
	return err
}

// jsonToYAML returns JSON text as YAML with its keys in their order.
func jsonToYAML(text []byte) ([]byte, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("encode YAML: %w", err)
	}
	plain(&doc)
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := errors.Join(encoder.Encode(&doc), encoder.Close()); err != nil {
		return nil, fmt.Errorf("encode YAML: %w", err)
	}
	return out.Bytes(), nil
}

// plain takes JSON's style from a node, so that YAML's own is used. Empty lists
// and objects have no other, and texts that YAML 1.1 takes for booleans keep
// their quotes.
func plain(n *yaml.Node) {
	if len(n.Content) > 0 || n.Kind == yaml.ScalarNode && !oldBoolean(n.Value) {
		n.Style = 0
	}
	for _, child := range n.Content {
		plain(child)
	}
}

// oldBoolean reports whether YAML 1.1 reads a text as a boolean and YAML 1.2
// does not (https://yaml.org/type/bool.html).
func oldBoolean(s string) bool {
	switch strings.ToLower(s) {
	case "y", "n", "yes", "no", "on", "off":
		return true
	default:
		return false
	}
}
