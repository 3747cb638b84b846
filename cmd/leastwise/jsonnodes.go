package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// isJSON reports whether a text is JSON, which is always in UTF-8.
func isJSON(text []byte) bool { return json.Valid(text) && utf8.Valid(text) }

// readJSON returns a JSON text as the nodes of YAML, with their places.
func readJSON(text []byte) (*yaml.Node, error) {
	r := jsonReader{text: text, decoder: json.NewDecoder(bytes.NewReader(text)), line: 1, column: 1}
	r.decoder.UseNumber() // they stay as they are written
	return r.node()
}

// jsonReader reads the nodes of a JSON text one after another.
type jsonReader struct {
	text    []byte
	decoder *json.Decoder
	// at is how much of the text is before line and column, which are from 1 on.
	at           int64
	line, column int
}

func (r *jsonReader) node() (*yaml.Node, error) {
	n := r.next()
	token, err := r.decoder.Token()
	if err != nil {
		return nil, fmt.Errorf("read JSON: %w", err)
	}
	switch value := token.(type) {
	case json.Delim:
		n.Kind = yaml.SequenceNode
		if value == '{' {
			n.Kind = yaml.MappingNode
		}
		return n, r.content(n)
	case string:
		n.Tag, n.Value = "!!str", value
	case nil:
		n.Tag, n.Value = "!!null", "null"
	default: // a number or a boolean
		n.Value = fmt.Sprint(value)
	}
	return n, nil
}

// content reads what is in a list or an object, where each key is a node before
// that of its value.
func (r *jsonReader) content(n *yaml.Node) error {
	for r.decoder.More() {
		child, err := r.node()
		if err != nil {
			return err
		}
		n.Content = append(n.Content, child)
	}
	if _, err := r.decoder.Token(); err != nil {
		return fmt.Errorf("read JSON: %w", err)
	}
	return nil
}

// next returns a scalar without a value at the place of what is read next.
func (r *jsonReader) next() *yaml.Node {
	start := r.decoder.InputOffset()
	start += int64(bytes.IndexFunc(r.text[start:], func(c rune) bool { return !strings.ContainsRune(" \t\r\n,:", c) }))
	passed := r.text[r.at:start]
	if lines := bytes.Count(passed, []byte("\n")); lines > 0 {
		r.line, r.column = r.line+lines, 1
		passed = passed[bytes.LastIndexByte(passed, '\n')+1:]
	}
	r.at, r.column = start, r.column+utf8.RuneCount(passed)
	return &yaml.Node{Kind: yaml.ScalarNode, Line: r.line, Column: r.column}
}
