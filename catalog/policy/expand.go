package policy

import (
	"slices"

	"github.com/leastwise/leastwise/catalog"
)

// Expand returns a document in which every wildcard in Action and NotAction is
// replaced by the actions of the catalog that it names. Full names come out as
// the catalog spells them, each once, by service, then by name; behind them
// stays, sorted, what names nothing.
//
// Over the actions of the catalog the two documents mean the same. Of actions
// that AWS adds later, the expanded one speaks no more.
func Expand(c *catalog.Catalog, d *Document) *Document {
	out := *d
	out.Statements = slices.Clone(d.Statements)
	for i := range out.Statements {
		s := &out.Statements[i]
		s.Actions, s.NotActions = expandActions(c, s.Actions), expandActions(c, s.NotActions)
	}
	return &out
}

// expandActions returns nil for nil, and never nil for anything else.
func expandActions(c *catalog.Catalog, patterns []string) []string {
	if patterns == nil {
		return nil
	}
	set := c.NewSet()
	var unknown []string
	for _, pattern := range patterns {
		if c.AddMatches(set, pattern) == 0 {
			unknown = append(unknown, pattern)
		}
	}
	return append(c.Names(set), sortedOnce(unknown)...)
}

// UnknownActions returns the actions and patterns of a document that name
// nothing in the catalog, sorted, each once.
func UnknownActions(c *catalog.Catalog, d *Document) []string {
	set := c.NewSet()
	var unknown []string
	for i := range d.Statements {
		for _, patterns := range [][]string{d.Statements[i].Actions, d.Statements[i].NotActions} {
			for _, pattern := range patterns {
				if c.AddMatches(set, pattern) == 0 {
					unknown = append(unknown, pattern)
				}
			}
		}
	}
	return sortedOnce(unknown)
}

// CountExpanded returns how many actions and patterns Expand writes for a
// document, for those who would rather not have it than have it large.
func CountExpanded(c *catalog.Catalog, d *Document) int {
	set, n := c.NewSet(), 0
	for i := range d.Statements {
		for _, patterns := range [][]string{d.Statements[i].Actions, d.Statements[i].NotActions} {
			set.Clear()
			for _, pattern := range patterns {
				if c.AddMatches(set, pattern) == 0 {
					n++
				}
			}
			n += set.Count()
		}
	}
	return n
}
