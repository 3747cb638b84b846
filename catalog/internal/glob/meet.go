package glob

// Meet returns a pattern of what two patterns both match, and whether they have
// anything in common. There can be more that both match: what is literal in one
// stands where the other has wildcards, once. A hole is a text like others here.
func Meet(a, b string) (string, bool) {
	m := meeting{a: a, b: b, failed: make(map[[2]int]bool)}
	if !m.from(0, 0) {
		return "", false
	}
	out := make([]byte, len(m.reversed))
	for i, c := range m.reversed {
		out[len(out)-1-i] = c
	}
	return string(out), true
}

// meeting is a search through two patterns at once.
type meeting struct {
	a, b     string
	failed   map[[2]int]bool // where what is left has nothing in common
	reversed []byte          // the pattern, from its end, once it is found
}

// from finds what a from i on and b from j on have in common. What needs no
// wildcard comes first.
func (m *meeting) from(i, j int) bool {
	at := [2]int{i, j}
	if m.failed[at] {
		return false
	}
	endA, endB := i == len(m.a), j == len(m.b)
	manyA, manyB := !endA && m.a[i] == '*', !endB && m.b[j] == '*'
	found := endA && endB ||
		manyA && manyB && m.take('*', i+1, j+1) ||
		manyA && !endB && m.take(m.b[j], i, j+1) ||
		manyB && !endA && m.take(m.a[i], i+1, j) ||
		manyA && m.from(i+1, j) ||
		manyB && m.from(i, j+1) ||
		!endA && !endB && m.both(i, j)
	m.failed[at] = !found
	return found
}

// both takes a character that stands in both, or in one against a "?".
func (m *meeting) both(i, j int) bool {
	x, y := m.a[i], m.b[j]
	switch {
	case x == '*' || y == '*':
		return false
	case x == y || y == '?':
		return m.take(x, i+1, j+1)
	case x == '?':
		return m.take(y, i+1, j+1)
	default:
		return false
	}
}

// take puts a character before what is found behind it.
func (m *meeting) take(c byte, i, j int) bool {
	found := m.from(i, j)
	if found {
		m.reversed = append(m.reversed, c)
	}
	return found
}
