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

	// Actions are what the rule looks for, ascending: all of them together where
	// All, any one of them otherwise. It is empty for a rule that looks at
	// something else than actions.
	Actions []catalog.ActionID
	All     bool
	// Levels are the access levels that Actions were derived from, if they were.
	Levels []catalog.Level
	// Check is what a rule looks at that is no list of actions: see Checks.
	Check string
	// Share is how much of the catalog the check "administrator" asks for, in
	// percent of the actions.
	Share int
	// Wide says that an action counts only where it is granted on every resource,
	// or on everything in a service.
	Wide bool

	// Passes are the service principals of which one must be able to receive
	// the role that iam:PassRole passes, "lambda.amazonaws.com" for example.
	Passes []string
	// Needs is the kind of thing that must be there already, "role" for example,
	// or "".
	Needs string
	// Harmless says that the rule is nothing to worry about where its target is
	// the caller's own user.
	Harmless bool
	// Services are the service principals that a check of trust looks for.
	Services []string
	// Covers are the categories whose findings are told within this one.
	Covers []Category
	// KnownTo are the names that public tools have for it, "tool:name".
	KnownTo []string
	// Line is where the rule begins in its file, from 1.
	Line int
}

// The kinds of entities of IAM that a rule can need. An account's authorization
// details decide whether there are any within reach; of other kinds, of
// functions or instances for example, they know nothing.
const (
	NeedRole   = "role"
	NeedUser   = "user"
	NeedGroup  = "group"
	NeedPolicy = "policy"
)

// Lowering is one step of the formula of severities: see Rules.Severity.
type Lowering struct {
	When  string // one of the When constants
	Steps int    // by how many severities
}

// What lowers a severity.
const (
	WhenExact    = "exact"     // the narrowest action is granted on single, named resources only
	WhenOwn      = "own"       // the target is the caller's own user, and the rule is harmless then
	WhenNoTarget = "no-target" // the account's entities are known, and none is within reach or can be made
)

// Rules are the rules of one or more files over one catalog. They do not change
// after they were read, so any number of goroutines may use them.
type Rules struct {
	catalog *catalog.Catalog
	list    []Rule
	lower   []Lowering
	unfit   []Unfit
}

// Catalog returns the catalog that the rules' actions are of.
func (r *Rules) Catalog() *catalog.Catalog { return r.catalog }

// All returns the rules in the order of their files. The slice must not be changed.
func (r *Rules) All() []Rule { return r.list }

// Rule returns the rule with an id.
func (r *Rules) Rule(id string) (*Rule, bool) {
	i := r.index(id)
	if i < 0 {
		return nil, false
	}
	return &r.list[i], true
}

func (r *Rules) index(id string) int {
	return slices.IndexFunc(r.list, func(rule Rule) bool { return rule.ID == id })
}

// Severity returns the severity of a finding of a rule: the rule's own, lowered
// by the steps of every Lowering whose When is among the reasons, and never below
// Info.
func (r *Rules) Severity(rule *Rule, reasons ...string) Severity {
	severity := int(rule.Severity)
	for _, lowering := range r.lower {
		if slices.Contains(reasons, lowering.When) {
			severity -= lowering.Steps
		}
	}
	return Severity(max(severity, int(Info)))
}
