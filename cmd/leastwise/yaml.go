package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"github.com/leastwise/leastwise/catalog/risk"
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
		return nil, yamlFault(text, err)
	}
	if err := onlyDocument(text, decoder); err != nil {
		return nil, err
	}
	return &doc, mergeKeys(&doc, make(map[*yaml.Node]bool))
}

// onlyDocument returns an error where there is something behind a document that was
// decoded.
func onlyDocument(text []byte, decoder *yaml.Decoder) error {
	switch err := decoder.Decode(new(yaml.Node)); {
	case err == nil:
		return errors.New("it has more than one YAML document")
	case errors.Is(err, io.EOF):
		return nil
	default:
		return yamlFault(text, err)
	}
}

// yamlFault makes one sentence of an error of the YAML package.
func yamlFault(source []byte, err error) error {
	line, problem := risk.YAMLProblem(source, err)
	if line > 0 {
		problem = fmt.Sprintf("line %d: %s", line, problem)
	}
	return errors.New(problem)
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
	doc, err := readJSON(text)
	if err != nil {
		return nil, fmt.Errorf("encode YAML: %w", err)
	}
	quote(doc)
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := errors.Join(encoder.Encode(doc), encoder.Close()); err != nil {
		return nil, fmt.Errorf("encode YAML: %w", err)
	}
	return out.Bytes(), nil
}

// quote puts texts into quotes that the encoder would write without, or in a
// style of several lines, and that a reader could take for something else.
func quote(n *yaml.Node) {
	if n.Tag == "!!str" && (oldScalar(n.Value) || oldNumber(n.Value) || strings.ContainsFunc(n.Value, lost)) {
		n.Style = yaml.DoubleQuotedStyle
	}
	for _, child := range n.Content {
		quote(child)
	}
}

// oldScalar reports whether YAML 1.1 reads a text as a boolean, as the key of a
// merge or as a default value, and YAML 1.2 does not (https://yaml.org/type).
func oldScalar(s string) bool {
	switch strings.ToLower(s) {
	case "y", "n", "yes", "no", "on", "off", "<<", "=":
		return true
	default:
		return false
	}
}

// oldNumber reports whether YAML 1.1 may read a text as a number, in base 60 for
// example, or as a time, and YAML 1.2 does not. It may be true of other texts.
func oldNumber(s string) bool {
	const digits = "0123456789"
	return strings.ContainsAny(s, ":_-") && strings.ContainsAny(s, digits) && strings.ContainsAny(s[:1], "+-."+digits) &&
		strings.Trim(s, "+-.:_TtZxb \t"+digits) == ""
}

// lost reports whether a character survives in double quotes only: the line breaks
// of YAML 1.1, and what is not printable.
func lost(c rune) bool { return c != '\n' && c != ' ' && !unicode.IsPrint(c) }
