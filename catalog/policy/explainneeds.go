package policy

import (
	"iter"
	"slices"

	"github.com/leastwise/leastwise/catalog"
)

// needs puts down that an action is in a statement because another one needs it,
// which is in the statement from.
func (e *explainer) needs(s *draftStatement, needed catalog.ActionID, from *draftStatement, by catalog.ActionID) {
	e.neededBy(s, needed, []reasonKey{{from, by}})
}

// neededBy is needs for several that need an action.
func (e *explainer) neededBy(s *draftStatement, needed catalog.ActionID, needers []reasonKey) {
	if e != nil {
		key := reasonKey{s, needed}
		e.needers[key] = append(e.needers[key], needers...)
	}
}

// because returns the reasons of an action in a statement: what asks for it, then
// what asks for the actions that need it. Where those are too many, each place has
// one of them before any has a second.
func (e *explainer) because(key reasonKey) []Because {
	because := slices.Clone(e.reasons[key])
	for _, again := range []bool{false, true} {
		for why := range e.askedByNeeders(key) {
			if len(because) == maxReasons {
				return because
			}
			known := slices.ContainsFunc(because, func(b Because) bool { return b.Path == why.Path && (!again || b.NeededBy == why.NeededBy) })
			if !known {
				because = append(because, why)
			}
		}
	}
	return because
}

// askedByNeeders yields a reason for each place that asks for what needs an action.
func (e *explainer) askedByNeeders(key reasonKey) iter.Seq[Because] {
	return func(yield func(Because) bool) {
		level := e.catalog.LevelOf(key.action).String()
		for _, needer := range e.needers[key] {
			name := e.catalog.FullName(needer.action)
			for _, asked := range e.reasons[needer] {
				if !yield(Because{Path: asked.Path, Level: level, NeededBy: name, Reason: name + " needs it"}) {
					return
				}
			}
		}
	}
}
