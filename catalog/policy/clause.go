package policy

import (
	"strings"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/internal/glob"
)

// clause is a statement as judging sees it: the actions that it names as bits,
// and what its resource patterns mean for each of them.
type clause struct {
	statement *Statement
	index     int // of the statement in its document
	width     clauseWidth
	// sometimes says that the clause does not apply to every request: it has
	// conditions, or it denies to some principals only.
	sometimes bool
	// personal is the conditions of a clause that denies and depends on who asks; nil
	// of others.
	personal *Personal
	grade    ConditionGrade
	patterns []pattern // of Resource, or of NotResource where the width is allBut

	actions sparse // the actions that it names
	// The words beside those of actions, for widths other than everywhere: the
	// actions of which the patterns reach some resource, the same at least by
	// prefix, the same as whole as a service, and those of which the patterns
	// reach every resource in every account.
	exact, prefix, service, full []uint64
	owned                        []owned
}

// clauseWidth says what the resources of a statement are.
type clauseWidth uint8

const (
	nothing    clauseWidth = iota // everything but everything
	nowhere                       // there is no resource element
	named                         // the resources that the patterns reach
	allBut                        // all but the resources that the patterns reach
	everywhere                    // "*"
)

// pattern is one resource pattern.
type pattern struct {
	// text is the pattern with a hole for each policy variable. It is empty where
	// the pattern is no ARN, so that nothing fits it.
	text    string
	literal bool // the part for the resource has no wildcard
	spread  int  // how many times text is spread, see catalog.AppendExtents
	extents []catalog.Extent
}

// widthOf returns the width of a statement. Where it has both Resource and
// NotResource, which IAM refuses, NotResource holds.
func widthOf(s *Statement) clauseWidth {
	switch {
	case s.NotResources != nil:
		for _, resource := range s.NotResources {
			if glob.IsAll(resource) {
				return nothing
			}
		}
		return allBut
	case s.Resources == nil:
		return nowhere
	}
	for _, resource := range s.Resources {
		if glob.IsAll(resource) {
			return everywhere
		}
	}
	return named
}

// applies reports whether the clause speaks of an action.
func (c *clause) applies(a catalog.ActionID) bool {
	_, ok := c.word(a)
	return ok
}

// word returns which word of c.actions has the action.
func (c *clause) word(a catalog.ActionID) (int, bool) {
	at := uint16(a / 64)
	lo, hi := 0, len(c.actions.at)
	for lo < hi {
		if mid := (lo + hi) / 2; c.actions.at[mid] < at {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, lo < len(c.actions.at) && c.actions.at[lo] == at && c.actions.words[lo]&(1<<(a%64)) != 0
}

// scope returns on how much the clause allows or denies an action.
func (c *clause) scope(a catalog.ActionID) Scope {
	i, ok := c.word(a)
	if !ok {
		return ScopeNone
	}
	bit := uint64(1) << (a % 64)
	switch {
	case c.width == everywhere, c.width == allBut && c.full[i]&bit == 0:
		return ScopeEverything
	case c.width != named:
		return ScopeNone
	case c.service[i]&bit != 0:
		return ScopeService
	case c.prefix[i]&bit != 0:
		return ScopePrefix
	case c.exact[i]&bit != 0:
		return ScopeExact
	default:
		return ScopeNone
	}
}

// deniesAll reports whether the clause is about every resource of an action that a
// principal of an account can do it to.
func (c *clause) deniesAll(a catalog.ActionID, account string) bool {
	i, ok := c.word(a)
	if !ok || c.width != named {
		return ok && c.width == everywhere
	}
	all := c.full[i]
	for _, o := range c.owned {
		if o.account == "" || o.account == account {
			all |= o.words[i]
		}
	}
	return all&(1<<(a%64)) != 0
}

// compile brings a resource pattern into the form in which patterns are compared,
// with a hole for each policy variable, and appends its extents. Only documents of
// version 2012-10-17 have variables (IAM User Guide, "IAM policy elements: Variables
// and tags").
func compile(c *catalog.Catalog, resource string, variables bool, extents []catalog.Extent) (pattern, []catalog.Extent) {
	if variables && strings.Contains(resource, "${") {
		resource = expandVariables(resource, func(string) (string, bool) { return "", false })
	}
	var p pattern
	extents, p.spread = c.AppendExtents(extents, resource)
	p.text, _ = normalize(resource, p.spread)
	p.literal = isLiteral(p.text)
	return p, extents
}

// normalize returns a pattern with all six parts after spreading it. It reports
// false for one that is no ARN.
func normalize(text string, spread int) (normal string, ok bool) {
	for range spread {
		text, _ = glob.Spread(text)
	}
	return glob.NormalizeARN(text)
}

// expandVariables replaces each variable by its value, or by a hole where it is
// not known. "${$}" is a dollar sign; "${*}" and "${?}", which stand for the
// characters themselves, become holes, because no pattern could hold them.
func expandVariables(text string, value func(name string) (string, bool)) string {
	var out strings.Builder
	for {
		start := strings.Index(text, "${")
		if start < 0 {
			break
		}
		end := strings.IndexByte(text[start:], '}')
		if end < 0 {
			break
		}
		out.WriteString(text[:start])
		name := text[start+2 : start+end]
		text = text[start+end+1:]
		if name == "$" {
			out.WriteByte('$')
			continue
		}
		if known, ok := value(name); ok {
			out.WriteString(known)
			continue
		}
		out.WriteByte(glob.Hole)
	}
	out.WriteString(text)
	return out.String()
}

// isLiteral reports whether the part of an ARN pattern that names the resource
// has no wildcard. That other parts have some does not widen it.
func isLiteral(text string) bool {
	last := -1
	for range 5 {
		next := strings.IndexByte(text[last+1:], ':')
		if next < 0 {
			return false
		}
		last += 1 + next
	}
	return !glob.HasWildcard(text[last+1:])
}
