package catalog

import (
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog/internal/glob"
)

// TypeID is the index of a resource type, in the order of the services and of
// [Catalog.ResourceTypes] in each.
type TypeID uint16

// Extent is how much of a resource type a pattern covers: some of its resources
// at least.
type Extent struct {
	Type TypeID
	// Whole says that the pattern covers all resources of the type, or of one of
	// its ARN patterns where it has several, in one account at least.
	Whole bool
	// Every says that it covers all resources of the type in all accounts.
	Every bool
}

// AppendExtents appends the resource types whose resources an ARN pattern, as
// it stands in the Resource element of a policy, covers in whole or in part.
//
// Other than [Catalog.MatchARN], which says what an ARN means to name, it says
// what a pattern reaches, for which its wildcards go over "/" and ":" as IAM's
// do: "arn:aws:s3:::*" covers all buckets and all objects, "arn:aws:s3:::b/*"
// some objects and no bucket. A placeholder of a type stands for one segment; it
// stands for several where no type of the service fits segment by segment. The
// name of a partition and the id of an account count as the own ones. A NUL byte
// stands for text that is not known, as the value of a policy variable: it may
// name anything, and as an account it is the own one.
//
// A pattern with fewer than six parts has "*" for those that are missing. One
// that does not begin with "arn:" reaches nothing: IAM refuses it.
//
// A "*" that ends the region or the account can stand for what is behind the colon
// too: "arn:aws:lambda:*:function:f" covers functions. A pattern is read so where it
// reaches nothing as it stands, or only because a text that is no account is taken
// for one. The result spread says how many times [glob.Spread] makes of the
// pattern one that can be compared part by part.
func (c *Catalog) AppendExtents(dst []Extent, pattern string) (extents []Extent, spread int) {
	parts, ok := splitPattern(pattern)
	if !ok {
		return dst, 0
	}
	plain := c.appendExtents(dst, &parts, false)
	if len(plain) > len(dst) && (isAccount(parts[4]) || !strings.HasSuffix(parts[3], "*")) {
		return plain, 0
	}
	for times, text := 1, pattern; ; times++ {
		var part int
		if text, part = glob.Spread(text); part == 0 {
			return plain, 0
		}
		parts, _ = splitPattern(text)
		if extents = c.appendExtents(dst, &parts, part == glob.AccountPart); len(extents) > len(dst) {
			return extents, times
		}
		if part == glob.AccountPart {
			return plain, 0
		}
	}
}

// isAccount reports whether a part of a pattern can stand for an account: its
// digits, or AWS itself.
func isAccount(part string) bool {
	return strings.Trim(part, "0123456789"+glob.Wildcards+string(rune(glob.Hole))) == "" || part == "aws"
}

// appendExtents is AppendExtents for the parts of a pattern. With segments, a
// placeholder stands for one segment only: what a star of the account stands for
// then ends where the type says that a colon is, not within a name.
func (c *Catalog) appendExtents(dst []Extent, parts *[6]string, segments bool) []Extent {
	region, account, resource := parts[3], parts[4], parts[5]
	m := extentMatcher{catalog: c, region: region, account: account, resource: resource, segments: segments, out: dst}
	m.own = len(account) == accountDigits && strings.Trim(account, "0123456789") == "" || account == string(rune(glob.Hole))
	m.loose = resource
	if strings.IndexByte(resource, glob.Hole) >= 0 {
		m.loose = strings.ReplaceAll(resource, string(rune(glob.Hole)), "*")
	}
	m.wild = glob.HasWildcard(m.loose)
	m.head, m.mask = headOf(m.loose)
	patterns := c.patterns()
	if strings.ContainsAny(parts[2], glob.Wildcards+string(rune(glob.Hole))) {
		for _, service := range patterns.services {
			if glob.Intersects(parts[2], service) {
				m.collect(patterns.byService[service])
			}
		}
	} else {
		m.collect(patterns.byService[parts[2]])
	}
	m.one = !glob.IsAll(parts[2])
	m.collect(patterns.anyService)
	return m.out
}

const accountDigits = 12

// splitPattern splits an ARN pattern into its six parts.
func splitPattern(pattern string) (parts [6]string, ok bool) {
	pattern, ok = glob.NormalizeARN(pattern)
	if !ok {
		return parts, false
	}
	for i := range len(parts) - 1 {
		parts[i], pattern, _ = strings.Cut(pattern, ":")
	}
	parts[5] = pattern
	return parts, true
}

// extentMatcher collects extents service by service.
type extentMatcher struct {
	catalog                   *Catalog
	region, account, resource string
	own                       bool   // the account is the own one
	segments                  bool   // a placeholder stands for one segment only
	one                       bool   // the types have resources in other services too
	loose                     string // the resource with "*" for each hole
	wild                      bool   // loose has wildcards
	head, mask                uint64 // of loose, see headOf
	out                       []Extent
	first                     int // where the extents of the service begin in out
}

// collect goes over patterns that are grouped by service.
func (m *extentMatcher) collect(patterns []arnPattern) {
	for len(patterns) > 0 {
		end := 1
		for end < len(patterns) && patterns[end].service == patterns[0].service {
			end++
		}
		m.service(patterns[:end])
		patterns = patterns[end:]
	}
}

// service adds the types of one service.
func (m *extentMatcher) service(patterns []arnPattern) {
	m.first = len(m.out)
	fits := false
	for i := range patterns {
		if p := &patterns[i]; m.plausible(p) {
			found, segments := m.strict(p)
			fits = fits || segments
			if found {
				m.add(p)
			}
		}
	}
	if fits || m.segments || !strings.ContainsAny(m.loose, separators) {
		return
	}
	strict := len(m.out)
	for i := range patterns {
		p := &patterns[i]
		known := slices.ContainsFunc(m.out[m.first:strict], func(e Extent) bool { return e.Type == TypeID(p.kind) })
		if !known && p.resource != placeholder && m.plausible(p) && intersects(p.resource, m.loose, m.wild) {
			m.add(p)
		}
	}
}

// plausible compares what is quick to compare.
func (m *extentMatcher) plausible(p *arnPattern) bool {
	if (p.head^m.head)&p.mask&m.mask != 0 || !m.wild && !strings.HasPrefix(m.loose, p.literal) {
		return false
	}
	return p.located(m.region, m.account, m.resource) != agreeNot
}

// strict reports whether the pattern reaches resources of a type whose
// placeholders are segments, and whether the two agree segment by segment.
func (m *extentMatcher) strict(p *arnPattern) (found, segments bool) {
	if strings.HasPrefix(m.loose, p.literal) && p.fitSegments(m.loose, m.wild) != fitNone {
		return true, true
	}
	return m.wild && intersectsSegments(p.resource, m.loose), false
}

// add adds the type of a pattern, or widens its extent where an ARN pattern of
// the type was found before.
func (m *extentMatcher) add(p *arnPattern) {
	e := Extent{Type: TypeID(p.kind)}
	if !m.one && p.region.coveredBy(m.region) && coversCompiled(m.resource, p.resource) {
		everywhere := p.account.coveredBy(m.account)
		e.Whole = everywhere || m.own && p.account.kind != partLiteral
		e.Every = everywhere && p.only
	}
	if n := len(m.out); n > m.first && m.out[n-1].Type == e.Type {
		m.out[n-1].Whole = m.out[n-1].Whole || e.Whole
		return
	}
	m.out = append(m.out, e)
}

// coversCompiled reports whether an ARN pattern's resource, with wildcards and
// holes, matches all that the compiled resource of a type stands for.
func coversCompiled(wide, resource string) bool {
	if wide == "*" {
		return true
	}
	p, i, star, retry := 0, 0, -1, 0
	for i < len(resource) {
		switch {
		case p < len(wide) && wide[p] == '*':
			p++
			star, retry = p, i
		case p < len(wide) && resource[i] != anyMore && wide[p] != glob.Hole && (wide[p] == '?' || wide[p] == resource[i]):
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
