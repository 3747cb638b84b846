package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/internal/glob"
)

// draft is a policy in the making.
type draft struct {
	writer   *Writer
	template Template
	faults   Faults
	notes    Faults
	// suggestions counts the faults that came with one.
	suggestions int
	// why is nil unless the policy is to be explained.
	why *explainer
	// actions and arns are how many actions, and ARNs of the template, the statements
	// name so far; the others are how many they may: see full.
	actions, arns        int
	maxActions, maxNames int

	denies   bool
	sts      []*draftStatement
	excluded catalog.Set // nil until something is put into it, as the next two: see into
	looked   catalog.Set // the actions of which is known whether they are in loose
	loose    catalog.Set // those that can be bound to no resource
	// always is granted under the template's conditions only, and each of restricted
	// under others too: see under.
	always           restricted
	restricted       []*restricted
	conditionsByPath map[string]int
	registered       map[string]int // by their signature
	conditionKeys    int            // that were read so far

	draftMemory
}

// draftMemory is what a draft has and no policy keeps, so that the next draft of the
// writer has it again: half of what writing would allocate.
type draftMemory struct {
	statements []*draftStatement
	byKey      map[uint64]*draftStatement // by statementKey.packed
	room       []draftStatement           // for the first of them
	matched    map[string]matchedARN      // by the ARN
	matches    []catalog.ResourceMatch    // of all in matched
	sids       takenSIDs
}

// firstStatements is how many statements there is room for, and maxKept how many
// statements, and ARNs, the memory of a draft that is kept is for at most.
const (
	firstStatements = 16
	maxKept         = 64
)

func newDraftMemory() draftMemory {
	return draftMemory{
		byKey: make(map[uint64]*draftStatement), room: make([]draftStatement, 0, firstStatements),
		matched: make(map[string]matchedARN), sids: make(takenSIDs),
	}
}

// clear forgets the draft. It reports whether the memory is small enough to keep.
func (m *draftMemory) clear() bool {
	if len(m.statements) > maxKept || len(m.matched) > maxKept || len(m.sids) > maxKept || len(m.matches) > maxKept {
		return false
	}
	clear(m.statements)
	clear(m.byKey)
	clear(m.room)
	clear(m.matched)
	clear(m.matches)
	clear(m.sids)
	m.statements, m.room, m.matches = m.statements[:0], m.room[:0], m.matches[:0]
	return true
}

// restricted is what is granted on every resource under the same conditions.
type restricted struct {
	conditions Conditions
	path       string         // where the conditions stand
	star       draftStatement // wildcard-only actions and what others need
	starred    catalog.Set    // of those, what values ask for; nil until there is one: see into
	skip       draftStatement // what skips resource constraints
	elsewhere  int            // under what the needed on other resources is granted, or unknown
}

// statementKey is what statements are told apart by.
type statementKey struct {
	service    catalog.ServiceID
	level      catalog.Level
	typ        int // index of the resource type in the service
	conditions int // see draft.under
}

// packed returns the key in one word. There are fewer services and types than 2^16,
// and conditions than bytes in a template.
func (k statementKey) packed() uint64 {
	return uint64(k.conditions)<<40 | uint64(k.typ)<<24 | uint64(k.service)<<8 | uint64(k.level)
}

// draftStatement has a list of actions, or a set of them where it is on "*".
type draftStatement struct {
	statementKey
	sid       string // set for those of STS only
	actions   []catalog.ActionID
	wide      catalog.Set // nil until something is put into it: see into
	resources []string
}

// place is where in the template a value stands: in a list, or by itself where the
// index is less than 0.
type place struct {
	path  string
	index int
}

// whole is the place of a value that is in no list.
func whole(path string) place { return place{path, -1} }

func (p place) String() string {
	if p.index < 0 {
		return p.path
	}
	return p.path + "[" + strconv.Itoa(p.index) + "]"
}

// into returns the set to put something into.
func (d *draft) into(set *catalog.Set) catalog.Set {
	if *set == nil {
		*set = d.writer.catalog.NewSet()
	}
	return *set
}

// include puts actions into a set of those that the policy is to name.
func (d *draft) include(set *catalog.Set, actions catalog.Set) {
	to := d.into(set)
	before := to.Count()
	to.Union(actions)
	d.actions += to.Count() - before
}

// full reports whether the statements name more than they may. Nothing more
// is put into them then.
func (d *draft) full() bool { return d.actions > d.maxActions || d.actions+d.arns > d.maxNames }

// most says how much the statements of a draft that is full may name.
func (d *draft) most() string {
	if d.actions > d.maxActions {
		return fmt.Sprintf("%d actions", d.maxActions)
	}
	return fmt.Sprintf("%d actions and resources", d.maxNames)
}

func (d *draft) isExcluded(a catalog.ActionID) bool { return d.excluded != nil && d.excluded.Has(a) }

// included returns a list, or a copy of it without the excluded actions. To append
// to it is to copy it.
func (d *draft) included(actions []catalog.ActionID) []catalog.ActionID {
	if d.excluded == nil {
		return slices.Clip(actions)
	}
	return slices.DeleteFunc(slices.Clone(actions), d.isExcluded)
}

func (d *draft) fault(at place, code, format string, args ...any) {
	d.faults.add(at.String(), code, format, args...)
}

func (d *draft) note(at place, code, format string, args ...any) {
	d.notes.add(at.String(), code, format, args...)
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
	packed := key.packed()
	if s, ok := d.byKey[packed]; ok {
		return s
	}
	var s *draftStatement
	if n := len(d.room); n < cap(d.room) {
		d.room = d.room[:n+1]
		s = &d.room[n]
	} else {
		s = new(draftStatement)
	}
	s.statementKey = key
	d.byKey[packed] = s
	d.statements = append(d.statements, s)
	return s
}

func (d *draft) indexed(a catalog.ActionID) *indexedAction {
	return d.writer.service(d.writer.catalog.ServiceOf(a)).action(a)
}

// addDependents adds to a statement's actions what they need and what supports
// its resource type; use is called with what else they need. A Deny of an action
// does not deny what it needs.
func (d *draft) addDependents(s *draftStatement, use func(needed catalog.ActionID, s *draftStatement, by catalog.ActionID)) {
	if d.denies {
		return
	}
	index := d.writer.service(s.service)
	for _, a := range s.actions {
		for _, needed := range index.action(a).dependents {
			switch {
			case d.isExcluded(needed):
			case slices.Contains(s.actions, needed):
				d.why.needs(s, needed, s, a)
			case index.supports(needed, s.typ):
				s.actions = append(s.actions, needed)
				d.why.needs(s, needed, s, a)
			default:
				use(needed, s, a)
			}
		}
	}
}

// needed calls use for everything that an action needs.
func (d *draft) needed(a catalog.ActionID, use func(needed catalog.ActionID)) {
	if d.denies {
		return
	}
	for _, needed := range d.indexed(a).dependents {
		if !d.isExcluded(needed) {
			use(needed)
		}
	}
}

// each calls use for every value of a list that is not empty.
func each(path string, values []string, use func(at place, value string)) {
	for i, value := range values {
		if value != "" {
			use(place{path, i}, value)
		}
	}
}

// expand calls use with the actions that each name or pattern of a list names,
// less the excluded ones.
func (d *draft) expand(path string, patterns []string, use func(at place, pattern string, actions catalog.Set)) {
	var set catalog.Set
	each(path, patterns, func(at place, pattern string) {
		if d.full() {
			return
		}
		d.into(&set).Clear()
		if d.writer.catalog.AddMatches(set, pattern) == 0 {
			d.unknownAction(at, pattern)
			return
		}
		asked := set.Count()
		set.Subtract(d.excluded)
		if left := asked - set.Count(); left > 0 {
			d.note(at, CodeExcluded, "exclude-actions takes out %s", share(left, asked, pattern))
		}
		use(at, pattern, set)
	})
}

// share names some of the actions of a pattern in a note.
func share(some, all int, pattern string) string {
	if all == 1 {
		return pattern
	}
	return fmt.Sprintf("%d of the %d actions of %s", some, all, pattern)
}

// exclude reads the list of excluded actions. A pattern over a known service
// that matches nothing is no fault: it may be there for what is to come.
func (d *draft) exclude(path string, patterns []string) {
	c := d.writer.catalog
	each(path, patterns, func(at place, pattern string) {
		if c.AddMatches(d.into(&d.excluded), pattern) > 0 {
			return
		}
		prefix, name, _ := strings.Cut(pattern, ":")
		if _, known := c.LookupService(prefix); known && glob.HasWildcard(name) {
			d.note(at, CodeUnknownAction, "the catalog has no action that matches %q", pattern)
			return
		}
		d.unknownAction(at, pattern)
	})
}

// maxSuggestions bounds the time that one template can take: a suggestion is a
// search over all names, a hundred times dearer than anything else here.
const maxSuggestions = 16

func (d *draft) unknownAction(at place, name string) {
	d.fault(at, CodeUnknownAction, "the catalog has no action %q%s", name, d.suggest(d.writer.catalog.NearestActions, name))
}

func (d *draft) unknownService(at place, prefix string) {
	d.fault(at, CodeUnknownService, "the catalog has no service %q%s", prefix, d.suggest(d.writer.catalog.NearestServices, prefix))
}

func (d *draft) suggest(nearest func(string, int) []string, name string) string {
	if d.suggestions++; d.suggestions > maxSuggestions {
		return ""
	}
	return didYouMean(nearest(name, 2))
}
