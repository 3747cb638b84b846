package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog"
)

// draft is a policy in the making.
type draft struct {
	writer *Writer
	faults Faults
	notes  Faults
	// suggestions counts the faults that came with one.
	suggestions int

	denies   bool
	excluded catalog.Set

	statements []*draftStatement
	byKey      map[statementKey]*draftStatement
	star       catalog.Set // what goes on "*": wildcard-only actions and what others need
	skip       catalog.Set // what skips resource constraints
	sts        []*draftStatement
}

// statementKey is what statements are told apart by.
type statementKey struct {
	service catalog.ServiceID
	level   catalog.Level
	typ     int // index of the resource type in the service
}

type draftStatement struct {
	statementKey
	sid       string // set for those of STS only
	actions   []catalog.ActionID
	resources []string
}

func newDraft(w *Writer) *draft {
	return &draft{
		writer: w, byKey: make(map[statementKey]*draftStatement),
		excluded: w.catalog.NewSet(), star: w.catalog.NewSet(), skip: w.catalog.NewSet(),
	}
}

func (d *draft) effect(effect string) {
	switch effect {
	case "", "Allow":
	case "Deny":
		d.denies = true
	default:
		d.faults.add("effect", CodeUnknownEffect, "%q is not an effect; it is Allow or Deny", effect)
	}
}

// refuse notes a field that has no meaning in the template's mode.
func (d *draft) refuse(path string, present bool, mode string) {
	if present {
		d.faults.add(path, CodeUnknownField, "the field has no meaning in mode %s", mode)
	}
}

// statement returns the statement with a key, made on first use.
func (d *draft) statement(key statementKey) *draftStatement {
	if s, ok := d.byKey[key]; ok {
		return s
	}
	s := &draftStatement{statementKey: key}
	d.byKey[key] = s
	d.statements = append(d.statements, s)
	return s
}

func (d *draft) indexed(a catalog.ActionID) *indexedAction {
	return d.writer.service(d.writer.catalog.ServiceOf(a)).action(a)
}

// addDependents adds to a statement's actions what they need and what supports
// its resource type. What else they need it adds to rest. A Deny of an action
// does not deny what it needs.
func (d *draft) addDependents(s *draftStatement, rest catalog.Set) {
	if d.denies {
		return
	}
	index := d.writer.service(s.service)
	for _, a := range slices.Clone(s.actions) {
		for _, needed := range index.action(a).dependents {
			switch {
			case d.excluded.Has(needed) || slices.Contains(s.actions, needed):
			case index.supports(needed, s.typ):
				s.actions = append(s.actions, needed)
			default:
				rest.Add(needed)
			}
		}
	}
}

// addNeeded adds to set what an action needs.
func (d *draft) addNeeded(set catalog.Set, a catalog.ActionID) {
	if d.denies {
		return
	}
	for _, needed := range d.indexed(a).dependents {
		if !d.excluded.Has(needed) {
			set.Add(needed)
		}
	}
}

// each calls use for every value of a list that is not empty, with its path.
func each(path string, values []string, use func(place, value string)) {
	for i, value := range values {
		if value != "" {
			use(fmt.Sprintf("%s[%d]", path, i), value)
		}
	}
}

// expand calls use with the actions that each name or pattern of a list names,
// less the excluded ones.
func (d *draft) expand(path string, patterns []string, use func(place, pattern string, actions catalog.Set)) {
	set := d.writer.catalog.NewSet()
	each(path, patterns, func(place, pattern string) {
		set.Clear()
		if !d.match(set, place, pattern) {
			return
		}
		asked := set.Count()
		set.Subtract(d.excluded)
		if left := asked - set.Count(); left > 0 {
			d.notes.add(place, CodeExcluded, "exclude-actions takes out %s", share(left, asked, pattern))
		}
		use(place, pattern, set)
	})
}

// share names some of the actions of a pattern in a note.
func share(some, all int, pattern string) string {
	if all == 1 {
		return pattern
	}
	return fmt.Sprintf("%d of the %d actions of %s", some, all, pattern)
}

// match adds the actions of a pattern to set, and a fault where it names none.
func (d *draft) match(set catalog.Set, place, pattern string) bool {
	if d.writer.catalog.AddMatches(set, pattern) > 0 {
		return true
	}
	d.unknownAction(place, pattern)
	return false
}

// exclude reads the list of excluded actions. A pattern over a known service
// that matches nothing is no fault: it may be there for what is to come.
func (d *draft) exclude(path string, patterns []string) {
	c := d.writer.catalog
	each(path, patterns, func(place, pattern string) {
		if c.AddMatches(d.excluded, pattern) > 0 {
			return
		}
		prefix, name, _ := strings.Cut(pattern, ":")
		if _, known := c.LookupService(prefix); known && strings.ContainsAny(name, "*?") {
			d.notes.add(place, CodeUnknownAction, "the catalog has no action that matches %q", pattern)
			return
		}
		d.unknownAction(place, pattern)
	})
}

// maxSuggestions bounds the time that one template can take: a suggestion is a
// search over all names, a hundred times dearer than anything else here.
const maxSuggestions = 16

func (d *draft) unknownAction(place, name string) {
	d.faults.add(place, CodeUnknownAction, "the catalog has no action %q%s", name, d.suggest(d.writer.catalog.NearestActions, name))
}

func (d *draft) unknownService(place, prefix string) {
	d.faults.add(place, CodeUnknownService, "the catalog has no service %q%s", prefix, d.suggest(d.writer.catalog.NearestServices, prefix))
}

func (d *draft) suggest(nearest func(string, int) []string, name string) string {
	if d.suggestions++; d.suggestions > maxSuggestions {
		return ""
	}
	return didYouMean(nearest(name, 2))
}
