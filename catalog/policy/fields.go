package policy

import (
	"bytes"
	"strings"
)

// Field is a member of a JSON object that [ReadFields] reads: its value goes to a
// *string, a *bool, an *int of at least 0 or a *Sent, or ReadFields panics.
type Field struct {
	Name string
	To   any
}

// Sent is a policy document in another JSON object, as [ParseDocument] reads it.
type Sent struct {
	*Document        // nil where there is none, or none that can be read
	Text      string // as it stands in the object; empty where there is none
	Err       error  // a *SyntaxError, why it cannot be read
}

// ReadFields reads a JSON object into fields, those of a request for example, and
// says in errors what it is. No text at all is an empty object, and a null an empty
// value. Input that is not JSON is a *SyntaxError; what is no object, and fields that
// it does not have, that stand twice or that have values of another type are Faults,
// all of them at once.
func ReadFields(what string, data []byte, fields ...Field) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil
	}
	r := templateReader{cursor: newCursor(data), what: "the " + what}
	if r.expect('{', whole(""), "an object") {
		all := make([]field, 0, maxFields)
		for _, f := range fields {
			all = append(all, field{f.Name, f.To, ""})
		}
		r.object("", all)
	}
	if err := r.close(what, nil); err != nil {
		return err
	}
	return r.faults.err()
}

// sent reads a policy document. One that cannot be read is stepped over.
func (r *templateReader) sent(to *Sent) {
	r.kind()
	before := r.cursor
	p := parser{cursor: before, doc: &Document{}, statement: -1}
	if err := p.document(); err != nil {
		*to = Sent{Text: r.skip(), Err: err}
		return
	}
	r.cursor = p.cursor
	*to = Sent{Document: p.doc, Text: r.source[before.pos:r.pos]}
}

// theFields names the fields of an object that has few.
func theFields(fields []field) string {
	const few = 8
	if len(fields) > few {
		return ""
	}
	names := make([]string, len(fields))
	for i := range fields {
		names[i] = fields[i].name
	}
	return "; it has " + strings.Join(names, ", ")
}
