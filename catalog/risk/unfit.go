package risk

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog"
)

// Unfit is an embedded rule with actions that a catalog does not have: AWS
// takes actions and services away, and a catalog can be newer than the rules.
type Unfit struct {
	Rule string
	// Missing are the names and patterns that name no action.
	Missing []string
	// Dropped says that the rule is left out. It cannot hold without what is
	// missing; one that any other of its actions makes hold is kept with those.
	Dropped bool
}

// String returns one sentence.
func (u Unfit) String() string {
	missing := "the catalog has no " + strings.Join(u.Missing, ", ")
	switch {
	case len(u.Missing) == 0:
		return fmt.Sprintf("risk rule %s is left out: the catalog has no actions of its access levels", u.Rule)
	case u.Dropped:
		return fmt.Sprintf("risk rule %s is left out: %s", u.Rule, missing)
	}
	return fmt.Sprintf("risk rule %s is applied to the other actions: %s", u.Rule, missing)
}

// Unfit returns the embedded rules that do not fit the catalog, in their order;
// none do not fit the embedded catalog.
func (r *Rules) Unfit() []Unfit { return r.unfit }

// knows reports whether an id is that of a rule, or of one that was dropped.
func (r *Rules) knows(id string) bool {
	return r.index(id) >= 0 || slices.ContainsFunc(r.unfit, func(u Unfit) bool { return u.Rule == id && u.Dropped })
}

// core are the actions without which nobody can say who can become whom.
func core() []string {
	forms := becomes()
	names := make([]string, 0, 4*len(forms))
	names = append(names, "iam:PassRole")
	for _, f := range forms {
		names = append(names, strings.Fields(f.actions)...)
	}
	for _, f := range writes() {
		names = append(names, strings.Fields(f.actions)...)
	}
	for _, f := range makes() {
		names = append(names, f.create)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// checkCore returns an error where a catalog lacks one of them.
func checkCore(c *catalog.Catalog) error {
	missing := slices.DeleteFunc(core(), func(name string) bool {
		_, ok := c.LookupAction(name)
		return ok
	})
	if len(missing) > 0 {
		return fmt.Errorf("the catalog has no %s, without which nothing can be judged", strings.Join(missing, ", "))
	}
	return nil
}

// unfit keeps a rule's missing actions, and reports whether it is dropped.
func (r *ruleReader) unfit() bool {
	if len(r.missing) == 0 && (len(r.rule.Levels) == 0 || len(r.rule.Actions) > 0) {
		return false
	}
	u := Unfit{Rule: r.rule.ID, Missing: r.missing, Dropped: r.rule.All || len(r.rule.Actions) == 0}
	r.unfits = append(r.unfits, u)
	return u.Dropped
}
