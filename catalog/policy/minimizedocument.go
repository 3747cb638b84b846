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
func (w *Writer) MinimizeDocument(d *Document, minimum int) Rewritten {
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
	sh := w.shorteners.Get().(*shortener)
	sh.minimum = minimum
	for i := range out.Statements {
		s := &out.Statements[i]
		s.Actions, s.NotActions = sh.shortest(s.Actions), sh.shortest(s.NotActions)
	}
	unknown := sortedOnce(sh.unknown)
	sh.unknown = nil
	w.shorteners.Put(sh) // not after a panic: it is clean now
	return Rewritten{&out, unknown}
}

// sameness returns what a statement says but for its actions and its Sid, and
// whether it is one with others that say the same. With NotAction it never is:
// each excepts its own.
func (s *Statement) sameness() (key string, joinable bool) {
	if s.Actions == nil || s.NotActions != nil {
		return "", false
	}
	k := append(make([]byte, 0, 256), byte(s.Effect))
	k = appendList(appendList(k, inOrder(s.Resources, strings.Compare)), inOrder(s.NotResources, strings.Compare))
	for _, principals := range [][]Principal{s.Principals, s.NotPrincipals} {
		k = appendLength(k, len(principals), principals == nil)
		for _, p := range inOrder(principals, comparePrincipals) {
			k = appendText(appendText(k, p.Kind), p.Value)
		}
	}
	k = appendLength(k, len(s.Conditions), s.Conditions == nil)
	for _, c := range inOrder(s.Conditions, compareConditions) {
		k = appendList(appendText(appendText(k, c.Operator), c.Key), inOrder(c.Values, strings.Compare))
	}
	return string(k), true
}

// inOrder returns a list, or a sorted copy of it where it is not sorted. The order of
// no list in a statement means anything.
func inOrder[T any](list []T, compare func(a, b T) int) []T {
	if slices.IsSortedFunc(list, compare) {
		return list
	}
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, compare)
	return sorted
}

func comparePrincipals(a, b Principal) int {
	return cmp.Or(strings.Compare(a.Kind, b.Kind), strings.Compare(a.Value, b.Value))
}

func compareConditions(a, b Condition) int {
	return cmp.Or(strings.Compare(a.Operator, b.Operator), strings.Compare(a.Key, b.Key))
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

// shortener carries the state of one MinimizeDocument. Its sets are of the list that
// it works on, and empty between two: wanted are all actions, kept those of the
// wildcards that stay. A list is of few services, and only their words of the sets
// are looked at.
type shortener struct {
	writer                *Writer
	minimum               int
	unknown               []string // of all lists
	services              []catalog.Service
	wanted, kept, scratch catalog.Set
	wild                  []wildcard
	words                 []uint64 // that the actions of wild are in
	mixed, prefixes       []string // working memory of ofService
}

func newShortener(w *Writer) *shortener {
	return &shortener{writer: w, wanted: w.catalog.NewSet(), kept: w.catalog.NewSet(), scratch: w.catalog.NewSet()}
}

// wildcard is a pattern that names several actions of a service, or could.
type wildcard struct {
	text    string
	service catalog.ServiceID
	count   int
	first   int         // the first word of the service in a set
	actions catalog.Set // its words of the service
}

// shortest returns the fewest characters that name what patterns do, sorted; nil
// for nil.
func (sh *shortener) shortest(patterns []string) []string {
	if patterns == nil {
		return nil
	}
	out, everyAction := sh.read(patterns)
	if everyAction {
		out = []string{everything}
	} else {
		sh.widest()
		for i := range sh.services {
			out = sh.ofService(out, sh.writer.service(sh.services[i].ID))
		}
	}
	sh.clear()
	return sortedOnce(out)
}

// read puts the actions of patterns into wanted and those that are wildcards into
// wild. It returns those that name nothing, and whether one names everything.
func (sh *shortener) read(patterns []string) (unknown []string, everyAction bool) {
	unknown = make([]string, 0, min(len(patterns), 8))
	for _, pattern := range patterns {
		id, n := sh.writer.catalog.AddMatchesOf(sh.scratch, pattern)
		switch {
		case n == 0:
			unknown = append(unknown, pattern)
		case pattern[0] == '*': // "*" or "*:*"; nothing else that begins so names anything
			everyAction = true
			sh.scratch.Clear()
		default:
			service := sh.service(id)
			first, end := wordsOf(service)
			if glob.HasWildcard(pattern) {
				at := len(sh.words)
				sh.words = append(sh.words, sh.scratch[first:end]...)
				sh.wild = append(sh.wild, wildcard{pattern, service.ID, n, first, sh.words[at:]})
			}
			sh.wanted[first:end].Union(sh.scratch[first:end])
			sh.scratch[first:end].Clear()
		}
	}
	sh.unknown = append(sh.unknown, unknown...)
	return unknown, everyAction
}

// service returns a service, and notes it.
func (sh *shortener) service(id catalog.ServiceID) catalog.Service {
	for _, known := range slices.Backward(sh.services) {
		if known.ID == id {
			return known
		}
	}
	service := sh.writer.catalog.Service(id)
	sh.services = append(sh.services, service)
	return service
}

// clear empties the sets.
func (sh *shortener) clear() {
	for i := range sh.services {
		first, end := wordsOf(sh.services[i])
		sh.wanted[first:end].Clear()
		sh.kept[first:end].Clear()
	}
	sh.services = sh.services[:0]
	clear(sh.wild)
	sh.wild, sh.words = sh.wild[:0], sh.words[:0]
}

// wordsOf returns the half-open range of the words of a set that a service's actions
// are in.
func wordsOf(s catalog.Service) (first, end int) {
	const bits = 64
	return int(s.First) / bits, int(s.End-1)/bits + 1
}

// widest leaves out the wildcards whose actions wider ones name already; kept has
// the actions of the others then.
func (sh *shortener) widest() {
	slices.SortStableFunc(sh.wild, func(a, b wildcard) int {
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(len(a.text), len(b.text)))
	})
	sh.wild = slices.DeleteFunc(sh.wild, func(p wildcard) bool {
		kept := sh.kept[p.first : p.first+len(p.actions)]
		if p.actions.Within(kept) {
			return true
		}
		kept.Union(p.actions)
		return false
	})
}

// ofService appends the patterns for the wanted actions of the service: prefixes
// alone, or wildcards and prefixes for what those leave over.
func (sh *shortener) ofService(out []string, x *serviceIndex) []string {
	mixed, prefixes := sh.mixed[:0], sh.prefixes[:0]
	for _, p := range sh.wild {
		if p.service == x.id {
			mixed = append(mixed, p.text)
		}
	}
	if len(mixed) == 1 && glob.IsAll(mixed[0][len(x.prefix)+1:]) {
		return append(out, mixed[0]) // as short as can be: "s3:*"
	}
	for a, pattern := range x.prefixes(sh.wanted, sh.minimum) {
		prefixes = appendNew(prefixes, pattern)
		if !sh.kept.Has(a) {
			mixed = appendNew(mixed, pattern)
		}
	}
	sh.mixed, sh.prefixes = mixed, prefixes
	mixed, prefixes = sortedOnce(mixed), sortedOnce(prefixes)
	if listLength(prefixes) < listLength(mixed) {
		return append(out, prefixes...)
	}
	return append(out, mixed...)
}

// appendNew appends a text unless it is the list's last already.
func appendNew(texts []string, text string) []string {
	if n := len(texts); n > 0 && texts[n-1] == text {
		return texts
	}
	return append(texts, text)
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
