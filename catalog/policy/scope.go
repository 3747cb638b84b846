package policy

// Scope says on how much an action is allowed: the width of the widest resource
// pattern that allows it, as seen from the resource types that the action
// supports. A wider scope is a greater number.
type Scope uint8

const (
	// ScopeNone is no resource at all: the action is not allowed, or only on
	// resources of which the catalog says that it does not act on them, as
	// s3:ListAllMyBuckets on "arn:aws:s3:::a" is.
	ScopeNone Scope = iota
	// ScopeExact is resources that are named in full. A wildcard for the region
	// or the account does not widen them, nor does a policy variable.
	ScopeExact
	// ScopePrefix is resources whose names fit a pattern, or all of a region.
	ScopePrefix
	// ScopeService is every resource of a type that the action supports:
	// "arn:aws:s3:::*", "arn:aws:iam::*:role/*", and the same with the id of an
	// account in it, because the own account is where a principal acts.
	ScopeService
	// ScopeEverything is "*", or everything but what NotResource names.
	ScopeEverything
)

// String returns the scope as it is written in findings and tables.
func (s Scope) String() string {
	switch s {
	case ScopeExact:
		return "exact"
	case ScopePrefix:
		return "prefix"
	case ScopeService:
		return "service"
	case ScopeEverything:
		return "everything"
	default:
		return "none"
	}
}
