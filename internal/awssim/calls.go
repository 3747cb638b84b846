package awssim

import (
	"maps"
	"sync"
)

// Call is an action in an account: the caller's, or the role's for AssumeRole.
type Call struct {
	Account string
	Action  string // such as iam:GetPolicy
}

// calls counts the calls of authenticated callers, refused ones included.
type calls struct {
	mu     sync.Mutex
	counts map[Call]int
}

func (c *calls) record(call Call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts[call]++
}

// Calls returns how often each action was called in each account so far,
// throttled, refused and unknown ones included.
func (o *Organization) Calls() map[Call]int {
	o.calls.mu.Lock()
	defer o.calls.mu.Unlock()
	return maps.Clone(o.calls.counts)
}
