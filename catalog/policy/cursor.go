package policy

import (
	"encoding/json"
	"errors"
	"strings"
)

// cursor walks over JSON text that newCursor has found valid, so none of its
// steps can fail. It never recurses: depth costs nothing, however hostile.
// Unlike encoding/json it shows duplicate keys and knows where everything is.
type cursor struct {
	data   []byte
	source string // data again, of which texts are parts
	pos    int
}

// newCursor checks data with encoding/json, whose depth limit is 10,000.
func newCursor(what string, data []byte) (cursor, error) {
	if json.Valid(data) { // half the work of the call that says what is wrong
		return cursor{data: data, source: string(data)}, nil
	}
	var raw json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		offset := 0
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			offset = max(0, int(syntax.Offset)-1)
		}
		return cursor{}, &SyntaxError{What: what, Offset: offset, Reason: "is not JSON: " + err.Error()}
	}
	return cursor{data: data, source: string(data)}, nil
}

// kind skips to the next value and returns its first byte: one of `{["tfn-` or a digit.
func (c *cursor) kind() byte {
	for {
		switch b := c.data[c.pos]; b {
		case ' ', '\t', '\r', '\n', ',', ':':
			c.pos++
		default:
			return b
		}
	}
}

// enter steps into the object or array at the cursor.
func (c *cursor) enter() { c.kind(); c.pos++ }

// more reports whether another member follows in the object or array that the
// cursor is in. When none does it steps out.
func (c *cursor) more() bool {
	if b := c.kind(); b == '}' || b == ']' {
		c.pos++
		return false
	}
	return true
}

// key reads an object's next key and returns it with its position. The value
// follows.
func (c *cursor) key() (string, int) {
	c.kind()
	at := c.pos
	return c.text(), at
}

// text reads the string at the cursor. Invalid UTF-8 becomes U+FFFD.
func (c *cursor) text() string {
	c.kind()
	start := c.pos
	if end := start + 1 + plain(c.source[start+1:]); c.data[end] == '"' {
		c.pos = end + 1
		return c.source[start+1 : end]
	}
	raw, escaped := c.rawString()
	if escaped {
		var s string
		if json.Unmarshal(raw, &s) == nil {
			return s
		}
	}
	return strings.ToValidUTF8(c.source[start+1:c.pos-1], "\uFFFD")
}

// rawString steps over the string at the cursor and returns it with its quotes.
func (c *cursor) rawString() (raw []byte, escaped bool) {
	start := c.pos
	for c.pos++; c.data[c.pos] != '"'; c.pos++ {
		if c.data[c.pos] == '\\' {
			escaped = true
			c.pos++
		}
	}
	c.pos++
	return c.data[start:c.pos], escaped
}

// skip steps over the value at the cursor and returns its text.
func (c *cursor) skip() []byte {
	c.kind()
	start, depth := c.pos, 0
	for {
		switch c.data[c.pos] {
		case '"':
			c.rawString()
		case '{', '[':
			depth++
			c.pos++
		case '}', ']':
			depth--
			c.pos++
		case ' ', '\t', '\r', '\n', ',', ':':
			c.pos++
		default:
			c.scalar()
		}
		if depth == 0 {
			return c.data[start:c.pos]
		}
	}
}

// scalar steps over a number, true, false or null.
func (c *cursor) scalar() {
	for c.pos < len(c.data) {
		switch c.data[c.pos] {
		case ' ', '\t', '\r', '\n', ',', ':', ']', '}':
			return
		}
		c.pos++
	}
}

// kindName names a JSON value by its first byte, for messages.
func kindName(first byte) string {
	switch first {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	default:
		return "a number"
	}
}
