package policy

import (
	"math"
	"slices"

	"github.com/leastwise/leastwise/catalog"
)

// Rewritten is a document that says what another one does.
type Rewritten struct {
	*Document
	// Unknown are the actions and patterns of the other one that name nothing in
	// the catalog, sorted, each once. They stand in the document as they are, unless
	// it names everything.
	Unknown []string
}

// Expand returns a document in which every wildcard in Action and NotAction is
// replaced by the actions of the catalog that it names. Full names come out as
// the catalog spells them, each once, by service, then by name; behind them
// stays, sorted, what names nothing. The list of a wildcard that names everything
// is the catalog's own, see [catalog.Catalog.Names].
//
// Over the actions of the catalog the two documents mean the same. Of actions
// that AWS adds later, the expanded one speaks no more.
func (w *Writer) Expand(d *Document) Rewritten {
	out, _ := w.ExpandWithin(d, math.MaxInt)
	return out
}

// Expand expands one document: NewWriter(c).Expand(d).
func Expand(c *catalog.Catalog, d *Document) Rewritten { return NewWriter(c).Expand(d) }

// ExpandWithin is Expand for those who would rather have no document than a large
// one: nothing where more than limit names and patterns had to be written. It returns
// how many there are, at least, too.
func (w *Writer) ExpandWithin(d *Document, limit int) (Rewritten, int) {
	set := w.sets.Get().(*catalog.Set)
	defer w.sets.Put(set)
	e := expander{catalog: w.catalog, set: *set, limit: limit}
	out := *d
	out.Statements = slices.Clone(d.Statements)
	for i := range out.Statements {
		s := &out.Statements[i]
		s.Actions, s.NotActions = e.expand(s.Actions), e.expand(s.NotActions)
		if e.written > limit {
			return Rewritten{}, e.written
		}
	}
	return Rewritten{&out, sortedOnce(e.unknown)}, e.written
}

// expander carries the state of one ExpandWithin.
type expander struct {
	catalog        *catalog.Catalog
	set            catalog.Set // working memory of expand
	unknown        []string    // of all lists
	written, limit int
}

// expand returns nil for nil and where there are too many names, and never nil for
// anything else.
func (e *expander) expand(patterns []string) []string {
	if patterns == nil {
		return nil
	}
	e.set.Clear()
	var unknown []string
	for _, pattern := range patterns {
		if e.catalog.AddMatches(e.set, pattern) == 0 {
			unknown = append(unknown, pattern)
		}
	}
	unknown = sortedOnce(unknown)
	n := e.set.Count()
	if e.written += n + len(unknown); e.written > e.limit {
		return nil
	}
	e.unknown = append(e.unknown, unknown...)
	if n == e.catalog.Len() {
		return append(e.catalog.Names(e.set), unknown...) // the catalog's own list where that is all
	}
	names := e.catalog.AppendNames(make([]string, 0, n+len(unknown)), e.set)
	return append(names, unknown...)
}
