package escalation

import "slices"

// Audience is whom a node lets in, of those who could become it otherwise. Nodes
// with the same audience should share one value.
type Audience struct {
	// Only are lists of patterns with "*" and "?". One of each list must match
	// the ARN of whoever is let in; without lists everyone is.
	Only [][]string
	// Except are ARNs that are not let in.
	Except []string
	// Refuses says of an ARN that it is not let in either; nil is of none.
	Refuses func(arn string) bool
}

// Admits reports whether an ARN is let in; a nil audience lets everyone in.
func (a *Audience) Admits(arn string) bool {
	if a == nil {
		return true
	}
	if slices.Contains(a.Except, arn) || a.Refuses != nil && a.Refuses(arn) {
		return false
	}
	return !slices.ContainsFunc(a.Only, func(list []string) bool {
		return !slices.ContainsFunc(list, func(p string) bool { return match(p, arn) })
	})
}

// audiences remembers whom each audience lets in, a bit per node.
type audiences struct {
	nodes []Node
	known map[*Audience][]uint64
}

// admits reports whether an audience lets a node in.
func (m *audiences) admits(a *Audience, n NodeID) bool {
	if a == nil {
		return true
	}
	bits, known := m.known[a]
	if !known {
		bits = make([]uint64, (len(m.nodes)+63)/64)
		for i := range m.nodes {
			if a.Admits(m.nodes[i].ARN) {
				bits[i/64] |= 1 << (i % 64)
			}
		}
		m.known[a] = bits
	}
	return bits[n/64]&(1<<(n%64)) != 0
}

// match reports whether s matches a pattern of "*", "?" and literal bytes. It
// goes back to the last "*" only, so that it takes at most len(p) * len(s) steps.
func match(p, s string) bool {
	i, j, star, retry := 0, 0, -1, 0
	for j < len(s) {
		switch {
		case i < len(p) && p[i] == '*':
			star, retry = i, j
			i++
		case i < len(p) && (p[i] == '?' || p[i] == s[j]):
			i++
			j++
		case star >= 0:
			retry++
			i, j = star+1, retry
		default:
			return false
		}
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}
