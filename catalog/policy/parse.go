package policy

import "fmt"

const documentName = "policy document"

// ParseDocument reads an IAM policy document as JSON text. Every element may
// be a scalar or a list, Statement an object or a list of them. Element names
// are case-sensitive, as IAM's are. Where a key is repeated, its last value
// holds, as in most JSON readers.
//
// What IAM would refuse but can be stepped over is collected in the document's
// Problems. Only input that is not JSON, or has no statements to read, is an
// error: a *SyntaxError with the byte position.
func ParseDocument(data []byte) (*Document, error) {
	p := parser{cursor: newCursor(data), doc: &Document{}, statement: -1}
	if err := p.close(documentName, p.document()); err != nil {
		return nil, err
	}
	return p.doc, nil
}

// parser carries the state of one ParseDocument.
type parser struct {
	cursor
	doc       *Document
	statement int      // index of the statement being read, or -1
	sidAt     int      // where its Sid stands
	values    []string // working memory of list
}

func fatal(at int, format string, args ...any) error {
	return &SyntaxError{What: documentName, Offset: at, Reason: fmt.Sprintf(format, args...)}
}

func (p *parser) problem(at int, element, format string, args ...any) {
	p.doc.Problems = append(p.doc.Problems, Problem{
		Statement: p.statement, Element: element, Offset: at, Reason: fmt.Sprintf(format, args...),
	})
}

// document reads the outer object.
func (p *parser) document() error {
	first, start, found := p.kind(), p.pos, false
	if first != '{' {
		return fatal(start, "is %s, not an object", kindName(first))
	}
	var seen keys
	p.enter()
	for p.more() {
		name, at := p.key()
		p.noteRepeat(&seen, name, at, lastHolds)
		switch name {
		case "Version":
			p.doc.Version = p.version(at)
		case "Id":
			p.doc.ID = p.single(name, at)
		case "Statement":
			found = true
			if err := p.statements(at); err != nil {
				return err
			}
		default:
			p.unknown(name, at, documentElements)
		}
	}
	if !found {
		return fatal(start, "has no Statement element")
	}
	return nil
}

// version reads Version and notes values other than the two that IAM defines.
func (p *parser) version(at int) string {
	isString := p.kind() == '"'
	v := p.single("Version", at)
	if isString && v != "2012-10-17" && v != "2008-10-17" {
		p.problem(at, "Version", "%q is neither 2012-10-17 nor 2008-10-17", v)
	}
	return v
}

func (p *parser) statements(at int) error {
	p.doc.Statements = nil
	sids := make(map[string]int)
	switch first := p.kind(); first {
	case '{':
		p.oneStatement(sids)
	case '[':
		p.enter()
		for p.more() {
			p.oneStatement(sids)
		}
		if len(p.doc.Statements) == 0 {
			p.problem(at, "Statement", "is an empty list")
		}
	default:
		return fatal(p.pos, "Statement is %s, not an object or a list of objects", kindName(first))
	}
	p.statement = -1
	return nil
}

// oneStatement reads one member of Statement. A member that is not an object
// keeps its place as a statement without effect, so that indices stay true. The
// statements before it are in sids, by their Sids.
func (p *parser) oneStatement(sids map[string]int) {
	p.statement = len(p.doc.Statements)
	var s Statement
	if first := p.kind(); first != '{' {
		p.problem(p.pos, "", "is %s, not an object", kindName(first))
		p.skip()
	} else {
		p.elements(&s)
		p.repeatedSID(sids, s.SID)
	}
	if p.doc.Statements == nil {
		p.doc.Statements = make([]Statement, 0, 2)
	}
	p.doc.Statements = append(p.doc.Statements, s)
}

// repeatedSID notes a Sid that an earlier statement carries too.
func (p *parser) repeatedSID(sids map[string]int, sid string) {
	if sid == "" {
		return
	}
	if first, again := sids[sid]; again {
		p.problem(p.sidAt, "Sid", "%q is also the Sid of statement %d", sid, first)
		return
	}
	sids[sid] = p.statement
}

// keys holds the keys seen in one object, to find repeated ones. The zero value holds
// none. Most objects have few, which are compared one by one.
type keys struct {
	few  [8]string
	n    int // how many of few there are
	many map[string]struct{}
}

// again puts a key in and reports whether it was there before.
func (k *keys) again(name string) bool {
	if k.has(name) {
		return true
	}
	if k.n < len(k.few) {
		k.few[k.n] = name
		k.n++
		return false
	}
	if k.many == nil {
		k.many = make(map[string]struct{})
	}
	k.many[name] = struct{}{}
	return false
}

func (k *keys) has(name string) bool {
	for i := range k.n {
		if k.few[i] == name {
			return true
		}
	}
	_, ok := k.many[name]
	return ok
}

// What becomes of a repeated key: elements keep their last value, principals
// and conditions keep all of them.
const (
	lastHolds = "its last value holds"
	allKept   = "all its values are kept"
)

func (p *parser) noteRepeat(seen *keys, name string, at int, consequence string) {
	if seen.again(name) {
		p.problem(at, name, "is repeated; %s", consequence)
	}
}
