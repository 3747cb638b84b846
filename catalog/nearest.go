package catalog

import (
	"cmp"
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog/internal/glob"
)

// NearestServices returns up to n service prefixes that s may have been meant
// to be, the nearest first; none where nothing is near. What people call a service
// counts too: eventbridge is near to events, Amazon EventBridge, and elb to
// elasticloadbalancing, Elastic Load Balancing.
func (c *Catalog) NearestServices(s string, n int) []string {
	near := newNearest(s, n)
	called := letters(s)
	for i := range c.prefixes.len() {
		if d := callDistance(called, c.prefixes.at(i), c.titles.at(i)); d < farCall {
			near.insert(candidate{distance: d, called: true, name: c.prefixes.at(i)})
		} else {
			near.offer(c.prefixes.at(i), "")
		}
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
	called       bool // goes before others at the same distance
	name, prefix string
}

func (a candidate) compare(b candidate) int {
	if d := cmp.Compare(a.distance, b.distance); d != 0 || a.called == b.called {
		return cmp.Or(d, cmp.Compare(a.name, b.name), cmp.Compare(a.prefix, b.prefix))
	}
	if a.called {
		return -1
	}
	return 1
}

// newNearest compares with s. More than one edit, and one more for every three
// characters, is no slip of the pen.
func newNearest(s string, n int) *nearest {
	s = strings.ToLower(s)
	return &nearest{wanted: s, n: n, limit: 1 + len(s)/3}
}

// newNearestKey compares with a condition key, of which what follows the slash is
// the policy's. How many slips there may be goes by the part behind the service.
func newNearestKey(key string, n int) *nearest {
	stem, _, _ := strings.Cut(key, "/")
	near := newNearest(stem, n)
	near.limit = newNearest(stem[strings.IndexByte(stem, ':')+1:], n).limit
	return near
}

// offerKey offers a condition key by what stands before its slash, and without its
// service where none is wanted.
func (m *nearest) offerKey(key string) {
	stem, _, _ := strings.Cut(key, "/")
	if !strings.Contains(m.wanted, ":") {
		_, stem, _ = strings.Cut(stem, ":")
	}
	m.offerOnce(stem, key)
}

// offerOnce offers a name that can come several times, in any case, by the text
// that stands for it. A pattern is near to all that fits it.
func (m *nearest) offerOnce(text, name string) {
	switch {
	case slices.ContainsFunc(m.best, func(b candidate) bool { return strings.EqualFold(b.name, name) }):
	case !glob.HasWildcard(m.wanted):
		m.offerAs(text, candidate{name: name})
	case glob.Match(m.wanted, strings.ToLower(text)):
		m.insert(candidate{name: name})
	}
}

func (m *nearest) offer(name, prefix string) {
	m.offerAs(name, candidate{name: name, prefix: prefix})
}

// offerAs offers a candidate by the text that stands for it.
func (m *nearest) offerAs(text string, found candidate) {
	if d := len(text) - len(m.wanted); d > m.limit || -d > m.limit {
		return
	}
	if found.distance = m.distance(strings.ToLower(text)); found.distance <= m.limit && found.distance < len(m.wanted) {
		m.insert(found)
	}
}

// insert keeps a candidate if it is among the n best.
func (m *nearest) insert(found candidate) {
	at, _ := slices.BinarySearchFunc(m.best, found, candidate.compare)
	if at >= m.n {
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
