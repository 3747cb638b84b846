package risk

import (
	"slices"

	"github.com/leastwise/leastwise/catalog"
)

// Rule is one thing to look for, as rules.yaml says it. It must not be changed.
type Rule struct {
	// ID is unique and stable: findings are kept under it.
	ID       string
	Category Category
	Severity Severity
	Title    string
	// Reason is one sentence that says what somebody can do with it.
	Reason string
	// Remedy is one sentence that says what to do about it.
	Remedy string
	// Actions are what the rule looks for, by name: all of them together where
	// All, any one of them otherwise. It is empty for a rule that looks at
	// something else than actions.
	Actions []catalog.ActionID
	All     bool
	// Passes are the service principals of which one must be able to receive
	// the role that iam:PassRole passes, "lambda.amazonaws.com" for example.
	Passes []string
	// Needs is the kind of entity that must be there already: one of the Need
	// constants, or "".
	Needs string
	// KnownTo are the names that public tools have for it, "tool:name".
	KnownTo []string
	// Line is where the rule begins in its file, from 1.
	Line int
}

// The kinds of things that a target-dependent rule needs. The first four are
// entities of IAM, which an account's authorization details decide.
const (
	NeedRole     = "role"
	NeedUser     = "user"
	NeedGroup    = "group"
	NeedPolicy   = "policy"
	NeedFunction = "function"
	NeedInstance = "instance"
)

// Rules are the rules of one or more files over one catalog. They do not change
// after they were read, so any number of goroutines may use them.
type Rules struct {
	catalog *catalog.Catalog
	list    []Rule
}

// All returns the rules in the order of their files. The slice must not be changed.
func (r *Rules) All() []Rule { return r.list }

// Rule returns the rule with an id.
func (r *Rules) Rule(id string) (*Rule, bool) {
	i := slices.IndexFunc(r.list, func(rule Rule) bool { return rule.ID == id })
	if i < 0 {
		return nil, false
	}
	return &r.list[i], true
}
