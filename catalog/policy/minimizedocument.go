package policy

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/internal/glob"
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
	places := make(map[string]int, len(d.Statements))
	for _, s := range d.Statements {
		key, joinable := s.sameness()
		at, found := places[key]
		if !found || !joinable {
			places[key] = len(out.Statements)
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

// sameness returns what a statement says but for its actions and its Sid, and
// whether it is one with others that say the same. With NotAction it never is:
// each excepts its own.
func (s *Statement) sameness() (key string, joinable bool) {
	if s.Actions == nil || s.NotActions != nil {
		return "", false
	}
	k := append(make([]byte, 0, 256), byte(s.Effect))
	k = appendList(appendList(k, s.Resources), s.NotResources)
	for _, principals := range [][]Principal{s.Principals, s.NotPrincipals} {
		k = appendLength(k, len(principals), principals == nil)
		for _, p := range principals {
			k = appendText(appendText(k, p.Kind), p.Value)
		}
	}
	k = appendLength(k, len(s.Conditions), s.Conditions == nil)
	for _, c := range s.Conditions {
		k = appendList(appendText(appendText(k, c.Operator), c.Key), c.Values)
	}
	return string(k), true
}

// appendList, appendText and appendLength write what no other value writes.
func appendList(k []byte, values []string) []byte {
	k = appendLength(k, len(values), values == nil)
	for _, v := range values {
		k = appendText(k, v)
	}
	return k
}

func appendText(k []byte, s string) []byte { return append(appendLength(k, len(s), false), s...) }

func appendLength(k []byte, n int, missing bool) []byte {
	if missing {
		return append(k, '-')
	}
	return append(strconv.AppendInt(k, int64(n), 10), ':')
}

// wildcard is a pattern that names several actions of a service, or could.
type wildcard struct {
	text    string
	service catalog.ServiceID
	count   int
	actions sparse
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
		case pattern[0] == '*': // "*" or "*:*"; nothing else that begins so names anything
			return []string{everything}
		default:
			id := serviceOf(c, scratch)
			if !slices.Contains(services, id) {
				services = append(services, id)
			}
			if strings.ContainsAny(pattern, "*?") {
				wild = append(wild, wildcard{pattern, id, n, newSparse(scratch)})
			}
			wanted.Union(scratch)
		}
	}
	wild = widest(c, wild)
	for _, id := range services {
		out = append(out, w.service(id).shortest(wanted, wild, minimum)...)
	}
	return sortedOnce(out)
}

// serviceOf returns the service of the first action of a set.
func serviceOf(c *catalog.Catalog, set catalog.Set) catalog.ServiceID {
	for a := range set.All() {
		return c.ServiceOf(a)
	}
	return 0
}

// widest leaves out the wildcards whose actions wider ones name already.
func widest(c *catalog.Catalog, wild []wildcard) []wildcard {
	slices.SortStableFunc(wild, func(a, b wildcard) int {
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(len(a.text), len(b.text)))
	})
	covered := c.NewSet()
	return slices.DeleteFunc(wild, func(p wildcard) bool {
		if p.actions.within(covered) {
			return true
		}
		p.actions.addTo(covered)
		return false
	})
}

// shortest returns the patterns for the wanted actions of the service: prefixes
// alone, or wildcards and prefixes for what those leave over.
func (x *serviceIndex) shortest(wanted catalog.Set, wild []wildcard, minimum int) []string {
	left := wanted.Clone()
	var kept []string
	for _, p := range wild {
		if p.service == x.id {
			kept = append(kept, p.text)
			p.actions.takeFrom(left)
		}
	}
	if len(kept) == 1 && glob.IsAll(kept[0][len(x.prefix)+1:]) {
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
