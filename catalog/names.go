package catalog

import (
	"encoding/binary"
	"strings"
)

// names is an immutable list of texts in one block of memory.
type names struct {
	text string
	ends []uint32
}

func (n *names) len() int { return len(n.ends) }

func (n *names) at(i int) string {
	start := uint32(0)
	if i > 0 {
		start = n.ends[i-1]
	}
	return n.text[start:n.ends[i]]
}

// maxNames bounds the decoded size of one list, in bytes, so that a corrupt file
// cannot ask for more memory than that; the longest list has half a megabyte.
const maxNames = 4 << 20

// names reads a front-coded list.
func (c *cursor) names() names {
	ends := make([]uint32, c.count())
	size := c.below(maxNames)
	var text strings.Builder
	text.Grow(size)
	last := ""
	for i := range ends {
		shared := c.below(len(last) + 1)
		tail := c.text()
		if text.Len()+shared+len(tail) > size {
			c.fail()
		}
		if c.bad {
			return names{}
		}
		start := text.Len()
		text.WriteString(last[:shared])
		text.WriteString(tail)
		last = text.String()[start:]
		ends[i] = uint32(text.Len())
	}
	if text.Len() != size {
		c.fail()
	}
	return names{text: text.String(), ends: ends}
}

// lower returns the same list in lower case.
func (n *names) lower() names {
	text := []byte(n.text)
	lowerAll(text)
	return names{text: string(text), ends: n.ends}
}

// lower folds an ASCII letter; the names of IAM have no others.
func lower(ch byte) byte {
	if ch-'A' <= 'Z'-'A' {
		ch |= 0x20
	}
	return ch
}

// lowerAll is lower for every byte of b, eight at a time: the high bit of each
// byte of upper is set where that byte is one of A to Z.
func lowerAll(b []byte) {
	const ones = 0x0101010101010101
	for ; len(b) >= 8; b = b[8:] {
		w := binary.LittleEndian.Uint64(b)
		low7 := w & (0x7f * ones)
		fromA, pastZ := low7+(0x80-'A')*ones, low7+(0x7f-'Z')*ones
		upper := (fromA ^ pastZ) & ^w & (0x80 * ones)
		binary.LittleEndian.PutUint64(b, w|upper>>2)
	}
	for i, ch := range b {
		b[i] = lower(ch)
	}
}
