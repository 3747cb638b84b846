package risk

import "time"

// Options say how an Engine judges.
type Options struct {
	// UnusedDays is how long something must have been unused, and there, to
	// count as unused.
	UnusedDays int
	// KeyDays is how old an active access key may be.
	KeyDays int
	// At is when the judgement is made. For the zero time nothing is old or unused.
	At time.Time
	// Exclusions are what is not to be judged; nil excludes nothing.
	Exclusions *Exclusions
	// Accounts are the ids of the organization's own accounts. Where it is
	// empty every other account is foreign.
	Accounts map[string]bool
	// MaxActions bounds the actions that a finding names, MaxEvidence its
	// statements; 0 is no bound.
	MaxActions, MaxEvidence int
}

// DefaultOptions returns the options of a judgement that nobody configured. 90
// days is what AWS Security Hub's controls IAM.3, IAM.8 and IAM.22 look for.
func DefaultOptions() Options {
	return Options{UnusedDays: 90, KeyDays: 90, MaxActions: 50, MaxEvidence: 20}
}
