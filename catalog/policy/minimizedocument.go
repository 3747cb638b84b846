package policy

import (
	"cmp"
	"reflect"
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog"
)

// MinimizeDocument returns a document with fewer characters that says the same
// of every action of the catalog, on the same resources, for the same principals
// and under the same conditions. Per service the actions become either the
// shortest prefixes, of at least minimum characters behind the colon, or the
// document's own wildcards and prefixes for what they leave over, whichever is
// shorter; both match no other action. Statements that differ in nothing but
// their Actions and Sids become one, under the first Sid. What the catalog does
// not know stays as it is.
//
// The document should have no Problems: what could not be read is not in it.
func (w *Writer) MinimizeDocument(d *Document, minimum int) *Document {
	out := *d
	out.Statements = make([]Statement, 0, len(d.Statements))
	for _, s := range d.Statements {
		at := slices.IndexFunc(out.Statements, func(o Statement) bool { return joinable(&o, &s) })
		if at < 0 {
			out.Statements = append(out.Statements, s)
			continue
		}
		first := &out.Statements[at]
		first.Actions = slices.Concat(first.Actions, s.Actions)
		first.SID = cmp.Or(first.SID, s.SID)
	}
	for i := range out.Statements {
		s := &out.Statements[i]
		s.Actions, s.NotActions = w.shortest(s.Actions, minimum), w.shortest(s.NotActions, minimum)
	}
	return &out
}

// joinable reports whether two statements say what one would with the actions
// of both. Two with NotAction never do: each excepts its own.
func joinable(a, b *Statement) bool {
	return a.Actions != nil && b.Actions != nil && a.NotActions == nil && b.NotActions == nil &&
		a.Effect == b.Effect &&
		slices.Equal(a.Resources, b.Resources) && (a.Resources == nil) == (b.Resources == nil) &&
		slices.Equal(a.NotResources, b.NotResources) && (a.NotResources == nil) == (b.NotResources == nil) &&
		reflect.DeepEqual(a.Principals, b.Principals) && reflect.DeepEqual(a.NotPrincipals, b.NotPrincipals) &&
		reflect.DeepEqual(a.Conditions, b.Conditions)
}

// wildcard is a pattern that names several actions, or could.
type wildcard struct {
	text    string
	actions catalog.Set
}

// shortest returns the fewest characters that name what patterns do, sorted; nil
// for nil.
func (w *Writer) shortest(patterns []string, minimum int) []string {
	if patterns == nil {
		return nil
	}
	c := w.catalog
	wanted, scratch := c.NewSet(), c.NewSet()
	out := []string{}
	var wild []wildcard
	var services []catalog.ServiceID
	for _, pattern := range patterns {
		scratch.Clear()
		n := c.AddMatches(scratch, pattern)
		switch {
		case n == 0:
			out = append(out, pattern)
		case n == c.Len():
			return []string{everything}
		case strings.ContainsAny(pattern, "*?"):
			wild = append(wild, wildcard{pattern, scratch.Clone()})
		}
		for a := range scratch.All() { // all of one service
			if id := c.ServiceOf(a); !slices.Contains(services, id) {
				services = append(services, id)
			}
			break
		}
		wanted.Union(scratch)
	}
	wild = widest(c, wild)
	for _, id := range services {
		out = append(out, w.service(id).shortest(wanted, wild, minimum)...)
	}
	return sortedOnce(out)
}

// widest leaves out the wildcards whose actions wider ones name already.
func widest(c *catalog.Catalog, wild []wildcard) []wildcard {
	slices.SortStableFunc(wild, func(a, b wildcard) int {
		return cmp.Or(cmp.Compare(b.actions.Count(), a.actions.Count()), cmp.Compare(len(a.text), len(b.text)))
	})
	covered := c.NewSet()
	return slices.DeleteFunc(wild, func(p wildcard) bool {
		before := covered.Count()
		covered.Union(p.actions)
		return covered.Count() == before
	})
}

// shortest returns the patterns for the wanted actions of the service: prefixes
// alone, or wildcards and prefixes for what those leave over.
func (x *serviceIndex) shortest(wanted catalog.Set, wild []wildcard, minimum int) []string {
	end := x.first + catalog.ActionID(len(x.actions))
	left := wanted.Clone()
	var kept []string
	for _, p := range wild {
		if p.actions.CountRange(x.first, end) > 0 {
			kept = append(kept, p.text)
			left.Subtract(p.actions)
		}
	}
	if len(kept) == 1 && wanted.CountRange(x.first, end) == len(x.actions) && left.CountRange(x.first, end) == 0 {
		return kept // as short as can be: "s3:*"
	}
	mixed := sortedOnce(x.minimize(kept, left, wanted, minimum))
	if len(kept) == 0 {
		return mixed
	}
	if prefixes := sortedOnce(x.minimize(nil, wanted, wanted, minimum)); listLength(prefixes) < listLength(mixed) {
		return prefixes
	}
	return mixed
}

// sortedOnce sorts a list in place and leaves out repetitions.
func sortedOnce(texts []string) []string {
	slices.Sort(texts)
	return slices.Compact(texts)
}

// listLength returns the characters of a list in JSON without its brackets.
func listLength(texts []string) int {
	n := 0
	for _, text := range texts {
		n += len(text) + len(`"",`)
	}
	return n
}
