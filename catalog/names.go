package catalog

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

// maxNames bounds the decoded size of one list, in bytes: front coding can
// otherwise make a small corrupt file ask for its square.
const maxNames = 16 << 20

// names reads a front-coded list.
func (c *cursor) names() names {
	n := c.count()
	ends := make([]uint32, n)
	text := make([]byte, 0, 2*len(c.s))
	last := 0
	for i := range ends {
		shared := c.below(len(text) - last + 1)
		tail := c.text()
		start := len(text)
		if start+shared+len(tail) > maxNames {
			c.fail()
		}
		if c.bad {
			return names{}
		}
		text = append(text, text[last:last+shared]...)
		text = append(text, tail...)
		last = start
		ends[i] = uint32(len(text))
	}
	return names{text: string(text), ends: ends}
}

// lower returns the same list in lower case. Only ASCII letters are folded:
// IAM names have no others.
func (n *names) lower() names {
	b := []byte(n.text)
	for i, ch := range b {
		b[i] = lower(ch)
	}
	return names{text: string(b), ends: n.ends}
}

// lower folds an ASCII letter; IAM names have no others.
func lower(ch byte) byte {
	if 'A' <= ch && ch <= 'Z' {
		return ch + ('a' - 'A')
	}
	return ch
}
