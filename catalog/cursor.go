package catalog

import "errors"

var errCorrupt = errors.New("corrupt data")

// cursor reads a payload from the front. The first fault makes it empty and
// bad, so that callers may check once at the end.
type cursor struct {
	s   string
	bad bool
}

func (c *cursor) fail() {
	c.s, c.bad = "", true
}

// uint reads a varint of at most 32 bits.
func (c *cursor) uint() uint32 {
	var x uint64
	for i := 0; i < len(c.s) && i < 5; i++ {
		b := c.s[i]
		x |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			c.s = c.s[i+1:]
			if x > 1<<32-1 {
				break
			}
			return uint32(x)
		}
	}
	c.fail()
	return 0
}

// below reads a number that must be less than limit.
func (c *cursor) below(limit int) int {
	n := int(c.uint())
	if n >= limit {
		c.fail()
		return 0
	}
	return n
}

// count reads the length of a list whose elements take at least one byte each,
// so that a corrupt length can never ask for more memory than the file has.
func (c *cursor) count() int {
	n := int(c.uint())
	if n > len(c.s) {
		c.fail()
		return 0
	}
	return n
}

func (c *cursor) text() string {
	n := c.count()
	t := c.s[:n]
	c.s = c.s[n:]
	return t
}

// column reads n numbers that must all be less than limit.
func (c *cursor) column(n, limit int) []uint16 {
	out := make([]uint16, n)
	for i := range out {
		out[i] = uint16(c.below(limit))
	}
	return out
}

// end reports whether everything was read and nothing was wrong.
func (c *cursor) end() bool { return !c.bad && c.s == "" }
