// Package glob compares texts and patterns as IAM does: "*" stands for any
// characters, "?" for exactly one, and case matters.
package glob

import "strings"

// Wildcards are the characters that stand for others in a pattern.
const Wildcards = "*?"

// IndexWildcard returns where the first wildcard of a pattern is, or -1. Patterns are
// so short that a plain loop takes a third of strings.IndexAny.
func IndexWildcard(pattern string) int {
	for i := range len(pattern) {
		if pattern[i] == '*' || pattern[i] == '?' {
			return i
		}
	}
	return -1
}

// HasWildcard reports whether a pattern has a wildcard.
func HasWildcard(pattern string) bool { return IndexWildcard(pattern) >= 0 }

// Hole stands in a pattern for a text that is not known, as the value of a
// policy variable. It matches nothing for sure and may match anything.
const Hole = 0x00

// IsAll reports whether a pattern is nothing but stars, so that it matches everything.
func IsAll(pattern string) bool { return pattern != "" && strings.Trim(pattern, "*") == "" }

// Match reports whether s fits a pattern of "*", "?" and literal bytes. It goes
// back to the last "*" only, which is enough, so that it takes at most
// len(pattern) * len(s) steps; from a "*" it leaps to where the literal after
// it is.
func Match[P string | []byte](pattern P, s string) bool {
	p, i := 0, 0
	star, retry := -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			p++
			star, retry = p, i
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]):
			p++
			i++
			continue
		case star >= 0:
			retry++
		default:
			return false
		}
		if star == len(pattern) {
			return true
		}
		if next := pattern[star]; next != '*' && next != '?' {
			leap := strings.IndexByte(s[retry:], next)
			if leap < 0 {
				return false
			}
			retry += leap
		}
		p, i = star, retry
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// Covers reports whether wide matches everything that narrow can match. It is
// sure when it says so. It says no where only an arrangement of wildcards that
// nobody writes, as "?*" over "*?", makes it so, and for a hole that no "*" of
// wide takes in.
func Covers(wide, narrow string) bool {
	p, i := 0, 0
	star, retry := -1, 0
	for i < len(narrow) {
		switch {
		case p < len(wide) && wide[p] == '*':
			p++
			star, retry = p, i
		case p < len(wide) && takesIn(wide[p], narrow[i]):
			p++
			i++
		case star >= 0:
			retry++
			p, i = star, retry
		default:
			return false
		}
	}
	return strings.Trim(wide[p:], "*") == ""
}

// takesIn reports whether one byte of a pattern, not a "*", matches all that
// one byte of another stands for.
func takesIn(wide, narrow byte) bool {
	switch {
	case narrow == '*' || narrow == Hole || wide == Hole:
		return false
	case wide == '?':
		return true
	default:
		return wide == narrow
	}
}

// rowSize is the length of pattern that needs no memory from the heap.
const rowSize = 256

// Intersects reports whether some text fits both patterns, taking a hole for "*".
//
// It walks the product of the two as automata, a row for each position of a,
// where row[j] says that some text leads to there and to position j of b. All
// steps go forward, so that one pass is enough.
func Intersects(a, b string) bool {
	if !headsAgree(a, b) {
		return false
	}
	var stack [2][rowSize]bool
	row, next := stack[0][:], stack[1][:]
	if len(b) >= rowSize {
		row, next = make([]bool, len(b)+1), make([]bool, len(b)+1)
	}
	row, next = row[:len(b)+1], next[:len(b)+1]
	row[0] = true
	far := 0 // nothing is marked behind it
	for i := 0; i <= len(a); i++ {
		clear(next[:min(far+2, len(next))])
		last, reached := i == len(a)-1 && isMany(a[i]), false
		for j := 0; j <= far; j++ {
			if !row[j] {
				continue
			}
			if last {
				return true // it takes all that is left of b
			}
			reached = true
			step(a, i, b, j, row, next)
			if j == far && j < len(b) && row[j+1] {
				far++
			}
		}
		if !reached {
			return false
		}
		row, next = next, row
		far = min(far+1, len(b))
	}
	return next[len(b)]
}

// headsAgree compares up to the first wildcard of either.
func headsAgree(a, b string) bool {
	for i := range min(len(a), len(b)) {
		x, y := a[i], b[i]
		if isMany(x) || isMany(y) || x == '?' || y == '?' {
			return true
		}
		if x != y {
			return false
		}
	}
	return true
}

func isMany(c byte) bool { return c == '*' || c == Hole }

// step marks what can be reached from (i, j).
func step(a string, i int, b string, j int, row, next []bool) {
	aMany, bMany := i < len(a) && isMany(a[i]), j < len(b) && isMany(b[j])
	if bMany {
		row[j+1] = true
	}
	if aMany {
		next[j] = true
	}
	if i == len(a) || j == len(b) {
		return
	}
	switch {
	case aMany && bMany:
	case aMany:
		row[j+1] = true
	case bMany:
		next[j] = true
	case a[i] == b[j] || a[i] == '?' || b[j] == '?':
		next[j+1] = true
	}
}
