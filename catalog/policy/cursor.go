package policy

import (
	"encoding/json"
	"errors"
	"strings"
)

// cursor walks over JSON text once, and finds on its way whether it is any: close
// tells. Behind what is not JSON it finds nothing more, and no step fails otherwise.
// It never recurses: depth costs nothing, however hostile. Unlike encoding/json it
// shows duplicate keys and knows where everything is. What is seldom in a policy,
// escapes, numbers and what is stepped over, it lets encoding/json check.
type cursor struct {
	source string
	pos    int
	// lists has a bit for each array, 1, and object, 0, that the cursor is in; the
	// innermost is the lowest. Nothing that is read here is 64 deep.
	lists  uint64
	first  bool // no member of the innermost was read yet
	broken bool // it is not JSON
}

func newCursor(data []byte) cursor { return cursor{source: string(data)} }

// close returns what is wrong with the text where it is not JSON, else err, which is
// what else is wrong with it.
func (c *cursor) close(what string, err error) error {
	c.kind()
	if err == nil && !c.broken && c.pos == len(c.source) {
		return nil
	}
	var raw json.RawMessage
	wrong := json.Unmarshal([]byte(c.source), &raw)
	if syntax, ok := errors.AsType[*json.SyntaxError](wrong); ok {
		return &SyntaxError{What: what, Offset: max(0, int(syntax.Offset)-1), Reason: "is not JSON: " + wrong.Error()}
	}
	if err == nil {
		return &SyntaxError{What: what, Offset: c.pos, Reason: "is not JSON"}
	}
	return err
}

func (c *cursor) fail() { c.pos, c.broken = len(c.source), true }

// kind skips to the next value and returns its first byte: one of `{["tfn-` or a
// digit, where it is JSON.
func (c *cursor) kind() byte {
	for ; c.pos < len(c.source); c.pos++ {
		switch b := c.source[c.pos]; b {
		case ' ', '\t', '\r', '\n':
		default:
			return b
		}
	}
	return 0
}

// enter steps into the object or array at the cursor.
func (c *cursor) enter() {
	c.lists <<= 1
	if c.kind() == '[' {
		c.lists |= 1
	}
	c.pos++
	c.first = true
}

// more reports whether another member follows in the object or array that the
// cursor is in. When none does it steps out.
func (c *cursor) more() bool {
	closing := byte('}')
	if c.lists&1 != 0 {
		closing = ']'
	}
	first := c.first
	c.first = false
	switch b := c.kind(); {
	case b == closing:
		c.pos++
		c.lists >>= 1
		return false
	case first:
		return true
	case b == ',':
		c.pos++
		return true
	default:
		c.fail()
		return false
	}
}

// key reads an object's next key and returns it with its position. The value
// follows.
func (c *cursor) key() (string, int) {
	c.kind()
	at := c.pos
	name := c.text()
	if c.kind() != ':' {
		c.fail()
		return name, at
	}
	c.pos++
	return name, at
}

// text reads the string at the cursor. Invalid UTF-8 becomes U+FFFD.
func (c *cursor) text() string {
	if c.kind() != '"' {
		c.fail()
		return ""
	}
	start := c.pos + 1
	if end := start + plain(c.source[start:]); end < len(c.source) && c.source[end] == '"' {
		c.pos = end + 1
		return c.source[start:end]
	}
	raw := c.quoted()
	var s string
	if json.Unmarshal([]byte(raw), &s) != nil {
		c.fail()
		return ""
	}
	if strings.IndexByte(raw, '\\') >= 0 {
		return s
	}
	return strings.ToValidUTF8(raw[1:len(raw)-1], "\uFFFD")
}

// quoted steps over the string at the cursor and returns it with its quotes.
func (c *cursor) quoted() string {
	start := c.pos
	for c.pos++; c.pos < len(c.source); c.pos++ {
		switch c.source[c.pos] {
		case '\\':
			c.pos++
		case '"':
			c.pos++
			return c.source[start:c.pos]
		}
	}
	c.fail()
	return ""
}

// skip steps over the value at the cursor and returns its text.
func (c *cursor) skip() string {
	c.kind()
	start := c.pos
	c.stepOver()
	text := c.source[start:c.pos]
	if !json.Valid([]byte(text)) {
		c.fail()
	}
	return text
}

// stepOver goes to the end of the value at the cursor, if it is one.
func (c *cursor) stepOver() {
	for depth := 0; c.pos < len(c.source); {
		switch c.source[c.pos] {
		case '"':
			c.quoted()
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
		if depth <= 0 {
			return
		}
	}
}

// scalar steps over a number, true, false or null.
func (c *cursor) scalar() {
	for c.pos < len(c.source) {
		switch c.source[c.pos] {
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
