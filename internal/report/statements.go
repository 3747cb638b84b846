package report

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/leastwise/leastwise/catalog/risk"
)

// statements numbers the statements that evidence names, in the order in which
// they are asked for, each once.
type statements struct {
	documents map[string][]byte            // by hash
	split     map[string][]json.RawMessage // the statements of those that were looked at
	numbers   map[statementKey]int
	list      []statementView
}

type statementKey struct {
	document string
	index    int
}

// statementView is one statement as its policy has it.
type statementView struct {
	N                 int
	Place, Hash, JSON string
}

func newStatements(documents map[string][]byte) *statements {
	return &statements{documents: documents, split: map[string][]json.RawMessage{}, numbers: map[statementKey]int{}}
}

// number returns the number of a piece of evidence's statement, from 1; 0 when
// it names none that the report has.
func (s *statements) number(e *risk.Evidence) int {
	key := statementKey{e.Document, e.Statement}
	if n, ok := s.numbers[key]; ok {
		return n
	}
	list := s.of(e.Document)
	if e.Statement < 0 || e.Statement >= len(list) {
		return 0
	}
	n := len(s.list) + 1
	s.numbers[key] = n
	s.list = append(s.list, statementView{
		N: n, Place: place(&risk.Evidence{Document: e.Document, Policy: e.Policy, Source: e.Source, Statement: e.Statement, SID: e.SID}),
		Hash: e.Document[:min(shownHash, len(e.Document))], JSON: indented(list[e.Statement]),
	})
	return n
}

func (s *statements) of(document string) []json.RawMessage {
	if list, ok := s.split[document]; ok {
		return list
	}
	list := splitStatements(s.documents[document])
	s.split[document] = list
	return list
}

// splitStatements returns the statements of a document, of which there may be
// one without a list; nil where it cannot be read.
func splitStatements(document []byte) []json.RawMessage {
	var d struct{ Statement json.RawMessage }
	if json.Unmarshal(document, &d) != nil {
		return nil
	}
	var list []json.RawMessage
	if json.Unmarshal(d.Statement, &list) == nil {
		return list
	}
	return []json.RawMessage{d.Statement}
}

func indented(raw json.RawMessage) string {
	var b bytes.Buffer
	if json.Indent(&b, raw, "", "  ") != nil {
		return strings.ToValidUTF8(string(raw), "\uFFFD")
	}
	return b.String()
}
