package policy

import (
	"bytes"
	"encoding/json"
)

// MarshalJSON writes a template that [ParseTemplate] reads again. Fields and values
// that are empty are left out.
func (t Template) MarshalJSON() ([]byte, error) {
	w := templateWriter{conditions: t.EntryConditions}
	w.object("", t.fields())
	return w.out.Bytes(), w.err
}

// UnmarshalJSON reads a template as [ParseTemplate] does.
func (t *Template) UnmarshalJSON(data []byte) (err error) {
	*t, err = ParseTemplate(data)
	return err
}

type templateWriter struct {
	out        bytes.Buffer
	conditions map[string]Conditions
	err        error
}

func (w *templateWriter) object(prefix string, fields []field) {
	w.out.WriteByte('{')
	first := true
	for _, f := range fields {
		if isEmpty(f.to) {
			continue
		}
		if !first {
			w.out.WriteByte(',')
		}
		first = false
		w.value(f.name)
		w.out.WriteByte(':')
		switch to := f.to.(type) {
		case part:
			w.object(prefix+f.name+".", to.fields())
		case *[]string:
			w.list(prefix+f.name, f.item, *to)
		default:
			w.value(to)
		}
	}
	w.out.WriteByte('}')
}

func (w *templateWriter) list(path, item string, values []string) {
	w.out.WriteByte('[')
	for i, value := range values {
		if i > 0 {
			w.out.WriteByte(',')
		}
		conditions := w.conditions[place{path, i}.String()]
		if len(conditions) == 0 {
			w.value(value)
			continue
		}
		w.out.WriteByte('{')
		w.value(item)
		w.out.WriteByte(':')
		w.value(value)
		w.out.WriteString(`,"conditions":`)
		w.value(conditions)
		w.out.WriteByte('}')
	}
	w.out.WriteByte(']')
}

func (w *templateWriter) value(v any) {
	text, err := json.Marshal(v)
	if err != nil && w.err == nil {
		w.err = err
	}
	w.out.Write(text)
}
