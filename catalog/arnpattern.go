package catalog

import (
	"maps"
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog/internal/glob"
)

// arnPattern is one ARN pattern of a resource type. In resource a placeholder
// is anyOne anyMore and a literal "*" is starOne anyMore; no other bytes below
// the space occur in it.
type arnPattern struct {
	kind            uint16 // resource type
	service         ServiceID
	region, account arnPart
	resource        string
	plain           string // resource with "?*" for each placeholder, for ARNs without wildcards
	literal         string // what resource begins with, before any placeholder
	head, mask      uint64 // of literal, see headOf
	specificity     int    // literal bytes of the resource
	only            bool   // the type has no other pattern
	public          string // see publicResources
}

const (
	anyOne  = 0x00
	anyMore = 0x01
	starOne = 0x02
)

const placeholder = "\x00\x01"

// arnPatterns are all patterns by the service part of their ARNs, which is not
// always the prefix of the service that they belong to. Patterns whose service
// part is a placeholder are in anyService.
type arnPatterns struct {
	byService  map[string][]arnPattern
	services   []string // the keys of byService, sorted
	anyService []arnPattern
}

// arnSeparator stands between the patterns of a type that has several.
const arnSeparator = ", "

func (c *Catalog) compilePatterns() *arnPatterns {
	out := &arnPatterns{byService: make(map[string][]arnPattern, len(c.services))}
	for s := range c.services {
		for t := c.services[s].firstType; t < c.services[s].endType; t++ {
			arns := strings.Split(c.typeARN(int(t)), arnSeparator)
			for _, text := range arns {
				out.add(text, ServiceID(s), t, len(arns) == 1)
			}
		}
	}
	out.services = slices.Sorted(maps.Keys(out.byService))
	return out
}

// add files one pattern. A text that is no ARN names nothing, and is left out.
func (p *arnPatterns) add(text string, s ServiceID, kind uint16, only bool) {
	parts := strings.SplitN(text, ":", 6)
	if len(parts) != 6 || parts[5] == "" {
		return
	}
	resource := compileResource(parts[5])
	literal := resource
	if i := strings.IndexByte(literal, anyMore); i > 0 {
		literal = literal[:i-1]
	}
	entry := arnPattern{
		kind: kind, service: s, only: only,
		region: compilePart(parts[3]), account: compilePart(parts[4]),
		resource: resource, plain: plainGlob(resource), literal: literal, public: publicResources(parts[2], literal),
		specificity: len(resource) - 2*strings.Count(resource, string(rune(anyMore))),
	}
	entry.head, entry.mask = headOf(literal)
	if isPlaceholder(parts[2]) {
		p.anyService = append(p.anyService, entry)
		return
	}
	p.byService[parts[2]] = append(p.byService[parts[2]], entry)
}

func isPlaceholder(part string) bool { return strings.Contains(part, "${") }

// compileResource replaces the placeholders of a resource, ${...} or, in a few
// services, {...}.
func compileResource(s string) string {
	var out strings.Builder
	for s != "" {
		opener := strings.TrimPrefix(s, "$")
		if strings.HasPrefix(opener, "{") {
			if end := strings.IndexByte(opener, '}'); end > 0 {
				out.WriteString(placeholder)
				s = opener[end+1:]
				continue
			}
		}
		switch {
		case s[0] == '*':
			out.WriteByte(starOne)
			out.WriteByte(anyMore)
		case s[0] >= ' ':
			out.WriteByte(s[0])
		}
		s = s[1:]
	}
	return out.String()
}

// plainGlob writes a compiled resource as IAM writes patterns.
func plainGlob(resource string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case anyOne, starOne:
			return '?'
		case anyMore:
			return '*'
		default:
			return r
		}
	}, resource)
}

// headOf returns the first bytes of a resource, up to eight and up to the first
// wildcard, in one word, with a mask of those that there are. Where two heads
// differ in a byte that both masks have, the resources are different.
func headOf(resource string) (head, mask uint64) {
	for i := 0; i < min(8, len(resource)) && resource[i] != '*' && resource[i] != '?'; i++ {
		head |= uint64(resource[i]) << (8 * i)
		mask |= 0xff << (8 * i)
	}
	return head, mask
}

// fit says how an ARN's resource matches a pattern; more is better.
type fit uint8

const (
	fitNone    fit = iota
	fitOverlap     // a wildcard of the ARN covers some resources of the type
	fitSpan        // a placeholder stands for several segments
	fitStar        // a "*" of the pattern stands for a segment without wildcard
	fitExact       // every placeholder stands for one segment
)

// fit compares a resource, with wildcards or without, that begins with the literal or
// not.
func (p *arnPattern) fit(resource string, wild, prefixed bool) fit {
	if prefixed {
		if f := p.fitSegments(resource, wild); f != fitNone {
			return f
		}
		if p.resource != placeholder && p.spans(resource, wild) {
			return fitSpan
		}
	}
	if wild && (resource == "*" || intersects(p.resource, resource, true)) {
		return fitOverlap
	}
	return fitNone
}

// spans reports whether the resource matches the pattern as it is, its wildcards
// being ordinary characters.
func (p *arnPattern) spans(resource string, wild bool) bool {
	if !wild {
		return glob.Match(p.plain, resource)
	}
	return intersects(p.resource, resource, false)
}

const separators = ":/"

// fitSegments compares segment by segment; the separators must be the same.
func (p *arnPattern) fitSegments(resource string, wild bool) fit {
	pattern, best := p.resource, fitExact
	for {
		i, j := strings.IndexAny(pattern, separators), strings.IndexAny(resource, separators)
		if (i < 0) != (j < 0) {
			return fitNone
		}
		if i < 0 {
			return min(best, fitSegment(pattern, resource, wild))
		}
		if pattern[i] != resource[j] {
			return fitNone
		}
		best = min(best, fitSegment(pattern[:i], resource[:j], wild))
		if best == fitNone {
			return fitNone
		}
		pattern, resource = pattern[i+1:], resource[j+1:]
	}
}

func fitSegment(pattern, segment string, wild bool) fit {
	if pattern == segment {
		return fitExact
	}
	if strings.IndexByte(pattern, anyMore) < 0 || segment == "" {
		return fitNone
	}
	if pattern != placeholder && !intersects(pattern, segment, wild) {
		return fitNone
	}
	if strings.IndexByte(pattern, starOne) >= 0 && !glob.HasWildcard(segment) {
		return fitStar
	}
	return fitExact
}

// intersects reports whether some text matches both a compiled pattern and a
// resource; without wild the resource's wildcards are ordinary characters.
//
// It walks the product of the two as automata, a row for each position of the
// pattern, where row[j] says that some text leads to there and to position j of
// the resource. All steps go forward, so that one pass is enough.
func intersects(pattern, resource string, wild bool) bool {
	return intersectsIn(pattern, resource, wild, false)
}

// intersectsSegments is intersects for a resource with wildcards where each
// placeholder stands for one segment.
func intersectsSegments(pattern, resource string) bool {
	return intersectsIn(pattern, resource, true, true)
}

func intersectsIn(pattern, resource string, wild, segments bool) bool {
	var stack [2][256]bool
	row, next := stack[0][:], stack[1][:]
	if len(resource) >= len(row) {
		row, next = make([]bool, len(resource)+1), make([]bool, len(resource)+1)
	}
	row, next = row[:len(resource)+1], next[:len(resource)+1]
	row[0] = true
	end := -1 // a last placeholder takes all that stands behind it
	if segments {
		end = strings.LastIndexAny(resource, separators)
	}
	far := 0 // nothing is marked behind it
	for i := 0; i <= len(pattern); i++ {
		clear(next[:min(far+2, len(next))])
		last, reached := pattern[i:] == placeholder, false
		for j := 0; j <= far; j++ {
			if !row[j] {
				continue
			}
			if last && j > end && j < len(resource) {
				return true
			}
			reached = true
			step(pattern, i, resource, j, wild, segments, row, next)
			if j == far && j < len(resource) && row[j+1] {
				far++
			}
		}
		if !reached {
			return false
		}
		row, next = next, row
		far = min(far+1, len(resource))
	}
	return next[len(resource)]
}

// step marks what can be reached from (i, j).
func step(pattern string, i int, resource string, j int, wild, segments bool, row, next []bool) {
	more := i < len(pattern) && pattern[i] == anyMore
	star := wild && j < len(resource) && resource[j] == '*'
	if star {
		row[j+1] = true
	}
	if more {
		next[j] = true
	}
	if i == len(pattern) || j == len(resource) {
		return
	}
	p, r := pattern[i], resource[j]
	if p >= ' ' && !star && p != r && (!wild || r != '?') {
		return
	}
	if segments && p < starOne && (r == '/' || r == ':') {
		return // a placeholder ends with its segment
	}
	switch {
	case more && star:
	case more:
		row[j+1] = true
	case star:
		next[j] = true
	default:
		next[j+1] = true
	}
}
