package risk

import (
	"sync"
	"time"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
)

// Engine judges with one set of rules and options. It is safe for concurrent use.
type Engine struct {
	rules    *Rules
	catalog  *catalog.Catalog
	options  Options
	compiled compiled
	// evaluators and matchers are working memory.
	evaluators, matchers sync.Pool
	// methods returns the ways of escalation that the rules know.
	methods func() *methods
	names   func() []string // of all actions, by id
}

// NewEngine returns an engine over rules. Options.At must be set where anything
// is to be judged by its age.
func NewEngine(rules *Rules, o Options) *Engine {
	e := &Engine{rules: rules, catalog: rules.catalog, options: o, compiled: compile(rules)}
	e.evaluators.New = func() any { return policy.NewEvaluator(e.catalog) }
	e.matchers.New = func() any { return e.NewMatcher() }
	e.methods = sync.OnceValue(func() *methods { return newMethods(rules) })
	e.names = sync.OnceValue(func() []string {
		names := make([]string, e.catalog.Len())
		for a := range names {
			names[a] = e.catalog.FullName(catalog.ActionID(a))
		}
		return names
	})
	return e
}

// name returns the full name of an action without making it anew.
func (e *Engine) name(a catalog.ActionID) string { return e.names()[a] }

// Rules returns the rules that the engine judges with.
func (e *Engine) Rules() *Rules { return e.rules }

// Options returns the options that the engine judges with.
func (e *Engine) Options() Options { return e.options }

// Principal is a user or a role with everything that it is judged by.
type Principal struct {
	Entity Entity
	// CreatedAt and LastUsedAt are zero where they are not known; a role that was
	// never used has no LastUsedAt either.
	CreatedAt, LastUsedAt time.Time
	// Policies decide what it may do.
	Policies policy.Policies
	// Trust is the trust policy of a role, nil for a user, and TrustHash its
	// SHA-256 in hex.
	Trust     *policy.Document
	TrustHash string
	// InstanceProfiles are the ARNs of the instance profiles that have the role,
	// Groups the names of the groups that a user is a member of.
	InstanceProfiles []string
	Groups           []string
}

// Findings returns what the rules say of what an entity may do, by rule in the
// order of the rules, and how many findings exclusions left out. The
// entity is a user, a role, or a group or policy that is judged by itself.
func (e *Engine) Findings(f *policy.Effective, entity Entity) (findings []Finding, excluded int) {
	m := e.matchers.Get().(*Matcher)
	defer e.matchers.Put(m)
	m.Match(f)
	return m.Findings(entity)
}
