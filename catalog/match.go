package catalog

import (
	"strings"

	"github.com/leastwise/leastwise/catalog/internal/glob"
)

// AddMatches adds every action that an IAM action pattern names and returns how
// many it names. The pattern is "*" or a service prefix, a colon and an action
// name in which "*" stands for any characters and "?" for exactly one, in any
// case. It does not allocate for patterns of up to 128 bytes.
//
// A wildcard in the prefix names nothing, because IAM refuses such a policy
// ("Action vendors must not contain wildcards"); "*:*", which it accepts, is
// every action. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
// describes the rest.
func (c *Catalog) AddMatches(set Set, pattern string) int {
	_, n := c.AddMatchesOf(set, pattern)
	return n
}

// AddMatchesOf is AddMatches, and returns the service of the actions too; of a pattern
// that names none or every action it is none that there is.
func (c *Catalog) AddMatchesOf(set Set, pattern string) (of ServiceID, n int) {
	none := ServiceID(c.Services())
	prefix, name, ok := strings.Cut(pattern, ":")
	if pattern == "*" || ok && prefix == "*" && glob.IsAll(name) {
		set.AddRange(0, ActionID(c.Len()))
		return none, c.Len()
	}
	if !ok {
		return none, 0
	}
	s, ok := c.findService(prefix)
	if !ok {
		return none, 0
	}
	return s, c.addMatchesIn(set, s, name)
}

func (c *Catalog) addMatchesIn(set Set, s ServiceID, name string) int {
	wild := glob.IndexWildcard(name)
	if wild < 0 {
		a, ok := c.lookupIn(s, name)
		if !ok {
			return 0
		}
		set.Add(a)
		return 1
	}
	levels := &c.services[s].levels
	if glob.IsAll(name) {
		set.AddRange(levels[0], levels[LevelCount])
		return int(levels[LevelCount] - levels[0])
	}
	var stack [128]byte
	pattern := appendPattern(stack[:0], name)
	head, tail := pattern[:wild], pattern[wild:]
	n := 0
	for l := range LevelCount {
		first, end := c.prefixRange(levels[l], levels[l+1], head)
		if len(tail) == 1 && tail[0] == '*' {
			set.AddRange(first, end)
			n += int(end - first)
			continue
		}
		for a := first; a < end; a++ {
			if glob.Match(tail, c.folded.at(int(a))[wild:]) {
				set.Add(a)
				n++
			}
		}
	}
	return n
}

// prefixRange narrows a range of ascending names to those with a prefix.
func (c *Catalog) prefixRange(first, end ActionID, prefix []byte) (ActionID, ActionID) {
	if len(prefix) == 0 {
		return first, end
	}
	first = c.searchPrefix(first, end, prefix, 0)
	return first, c.searchPrefix(first, end, prefix, 1)
}

// searchPrefix returns the first action of a range whose name, cut to the
// length of the prefix, compares with the prefix to at least atLeast, which is 0 or 1.
func (c *Catalog) searchPrefix(first, end ActionID, prefix []byte, atLeast int) ActionID {
	lo, hi := int(first), int(end)
	for lo < hi {
		mid := (lo + hi) / 2
		if comparePrefix(c.folded.at(mid), prefix) >= atLeast {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return ActionID(lo)
}

// comparePrefix compares the head of a name with a prefix: less than, equal to or
// more than 0. Names of one service differ early.
func comparePrefix(name string, prefix []byte) int {
	n := min(len(name), len(prefix))
	for i := range n {
		if name[i] != prefix[i] {
			return int(name[i]) - int(prefix[i])
		}
	}
	return n - len(prefix)
}

// appendPattern folds a pattern and writes every run of wildcards with the "?"
// first and one "*", so that a literal follows each "*" but the last.
func appendPattern(dst []byte, pattern string) []byte {
	star := false
	for i := range len(pattern) {
		ch := pattern[i]
		switch {
		case ch == '*':
			star = true
			continue
		case star && ch != '?':
			dst = append(dst, '*')
			star = false
		}
		dst = append(dst, lower(ch))
	}
	if star {
		dst = append(dst, '*')
	}
	return dst
}
