package awssim

import (
	"bufio"
	"encoding/xml"
	"io"
	"strconv"
	"time"
)

// xmlWriter streams an answer of the Query protocol. Errors of the connection
// stick to the bufio.Writer and show when it is flushed.
type xmlWriter struct{ w *bufio.Writer }

func newXMLWriter(w io.Writer) *xmlWriter { return &xmlWriter{bufio.NewWriterSize(w, 32<<10)} }

func (x *xmlWriter) open(tag string) { _, _ = x.w.WriteString("<" + tag + ">") }

func (x *xmlWriter) close(tag string) { _, _ = x.w.WriteString("</" + tag + ">") }

// empty writes an element without content.
func (x *xmlWriter) empty(tag string) { _, _ = x.w.WriteString("<" + tag + "/>") }

// element writes an element around what content writes.
func (x *xmlWriter) element(tag string, content func()) {
	x.open(tag)
	content()
	x.close(tag)
}

func (x *xmlWriter) text(tag, value string) {
	x.open(tag)
	_ = xml.EscapeText(x.w, []byte(value))
	x.close(tag)
}

// optional writes the element unless the value is empty.
func (x *xmlWriter) optional(tag, value string) {
	if value != "" {
		x.text(tag, value)
	}
}

func (x *xmlWriter) int(tag string, value int) { x.text(tag, strconv.Itoa(value)) }

func (x *xmlWriter) bool(tag string, value bool) { x.text(tag, strconv.FormatBool(value)) }

// time writes the time in UTC with seconds, unless it is zero.
func (x *xmlWriter) time(tag string, value time.Time) {
	if !value.IsZero() {
		x.text(tag, value.UTC().Format(time.RFC3339))
	}
}

// document writes a policy document percent-encoded, as IAM does.
func (x *xmlWriter) document(tag string, raw []byte) {
	x.open(tag)
	for _, c := range raw {
		if unreserved(c) {
			_ = x.w.WriteByte(c)
			continue
		}
		const digits = "0123456789ABCDEF"
		_ = x.w.WriteByte('%')
		_ = x.w.WriteByte(digits[c>>4])
		_ = x.w.WriteByte(digits[c&15])
	}
	x.close(tag)
}

// unreserved tells whether RFC 3986, section 2.3, lets the character stand for itself.
func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~'
}

// members writes a list: an element around one member per value.
func members[T any](x *xmlWriter, tag string, values []T, member func(T)) {
	if len(values) == 0 {
		x.empty(tag)
		return
	}
	x.open(tag)
	for _, v := range values {
		x.open("member")
		member(v)
		x.close("member")
	}
	x.close(tag)
}
