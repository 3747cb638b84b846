package catalog

import (
	"cmp"
	"slices"
	"strings"
)

// NearestServices returns up to n service prefixes that s may have been meant
// to be, the nearest first; none where nothing is near.
func (c *Catalog) NearestServices(s string, n int) []string {
	near := newNearest(s, n)
	for i := range c.prefixes.len() {
		near.offer(c.prefixes.at(i), "")
	}
	return near.texts()
}

// NearestActions returns up to n full action names that s may have been meant
// to be, the nearest first; none where nothing is near. With a known service in
// s only its actions are compared, else those of the nearest services; without
// a colon the action names of all services.
func (c *Catalog) NearestActions(s string, n int) []string {
	prefix, name, ok := strings.Cut(s, ":")
	if !ok {
		near := newNearest(s, n)
		for a := range c.Len() {
			near.offer(c.actionNames.at(a), c.prefixes.at(int(c.serviceOf[a])))
		}
		return near.texts()
	}
	services := []string{prefix}
	if _, known := c.findService(prefix); !known {
		services = c.NearestServices(prefix, n)
	}
	near := newNearest(name, n)
	for _, p := range services {
		id, _ := c.findService(p)
		levels := &c.services[id].levels
		for a := levels[0]; a < levels[LevelCount]; a++ {
			near.offer(c.actionNames.at(int(a)), c.prefixes.at(int(id)))
		}
	}
	return near.texts()
}

// nearest keeps the n candidates with the least edit distance.
type nearest struct {
	wanted string
	n      int
	limit  int
	best   []candidate
	rows   [3][]int
}

type candidate struct {
	distance     int
	name, prefix string
}

// newNearest compares with s. More than one edit, and one more for every three
// characters, is no slip of the pen.
func newNearest(s string, n int) *nearest {
	s = strings.ToLower(s)
	return &nearest{wanted: s, n: n, limit: 1 + len(s)/3}
}

// offerOnce is offer for names without a prefix that can come several times, in
// any case.
func (m *nearest) offerOnce(name string) {
	if !slices.ContainsFunc(m.best, func(b candidate) bool { return strings.EqualFold(b.name, name) }) {
		m.offer(name, "")
	}
}

func (m *nearest) offer(name, prefix string) {
	if d := len(name) - len(m.wanted); d > m.limit || -d > m.limit || m.n <= 0 {
		return
	}
	d := m.distance(strings.ToLower(name))
	if d > m.limit {
		return
	}
	found := candidate{distance: d, name: name, prefix: prefix}
	at, _ := slices.BinarySearchFunc(m.best, found, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.name, b.name), cmp.Compare(a.prefix, b.prefix))
	})
	if at == m.n {
		return
	}
	m.best = slices.Insert(m.best, at, found)
	if len(m.best) > m.n {
		m.best = m.best[:m.n]
	}
}

func (m *nearest) texts() []string {
	out := make([]string, 0, len(m.best))
	for _, b := range m.best {
		if b.prefix != "" {
			b.name = b.prefix + ":" + b.name
		}
		out = append(out, b.name)
	}
	return out
}

// distance is the number of insertions, deletions, substitutions and swaps of
// neighbours between the wanted text and s (optimal string alignment).
func (m *nearest) distance(s string) int {
	for i := range m.rows {
		m.rows[i] = slices.Grow(m.rows[i][:0], len(s)+1)[:len(s)+1]
	}
	before, last, row := m.rows[0], m.rows[1], m.rows[2]
	for j := range last {
		last[j] = j
	}
	for i := range len(m.wanted) {
		row[0] = i + 1
		for j := range len(s) {
			cost := 1
			if m.wanted[i] == s[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && m.wanted[i] == s[j-1] && m.wanted[i-1] == s[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(s)]
}
