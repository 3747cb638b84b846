package policy

import (
	"bytes"
	"encoding/json"
)

// jsonWriter appends JSON text without white space and without HTML escapes. It
// writes what policies are made of, names, texts and lists of texts; the rest is
// encoding/json's, which takes five times as long.
type jsonWriter struct{ out []byte }

// raw writes JSON as it is, brackets for example.
func (w *jsonWriter) raw(json string) { w.out = append(w.out, json...) }

// next parts a member of an object or a list from the one before.
func (w *jsonWriter) next() {
	if last := w.out[len(w.out)-1]; last != '{' && last != '[' {
		w.out = append(w.out, ',')
	}
}

// name begins a member of an object. A name is plain.
func (w *jsonWriter) name(name string) {
	w.next()
	w.out = append(append(append(w.out, '"'), name...), `":`...)
}

// text writes a text. Nearly all texts of policies are plain.
func (w *jsonWriter) text(s string) {
	if plain(s) < len(s) {
		w.value(s)
		return
	}
	w.out = append(append(append(w.out, '"'), s...), '"')
}

// list writes a list of texts.
func (w *jsonWriter) list(texts []string) {
	w.raw(`[`)
	for i, text := range texts {
		if i > 0 {
			w.raw(`,`)
		}
		w.text(text)
	}
	w.raw(`]`)
}

// oneOrList writes the only text of a list, or the list.
func (w *jsonWriter) oneOrList(texts []string) {
	if len(texts) == 1 {
		w.text(texts[0])
		return
	}
	w.list(texts)
}

// value writes texts, and lists and maps of them, which always encode.
func (w *jsonWriter) value(v any) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(v) // texts always encode, and the buffer takes them all
	w.out = append(w.out, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
}

// indented returns JSON indented by indent per level; as it is where that is empty.
func indented(text []byte, indent string) []byte {
	if indent == "" {
		return text
	}
	var b bytes.Buffer
	_ = json.Indent(&b, text, "", indent) // it is JSON, and the buffer takes it all
	return b.Bytes()
}
