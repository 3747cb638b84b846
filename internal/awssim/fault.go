package awssim

import (
	"errors"
	"fmt"
	"hash/fnv"
	"sync"
	"time"

	"github.com/leastwise/leastwise/internal/awssim/world"
)

// FaultKind is what goes wrong.
type FaultKind string

// The kinds of faults.
const (
	FaultThrottle       FaultKind = "throttle"        // the service's throttling error
	FaultAccessDenied   FaultKind = "access-denied"   // the service's access-denied error
	FaultInternal       FaultKind = "internal"        // an internal error, status 500
	FaultDropConnection FaultKind = "drop-connection" // the connection closes without an answer
	FaultSlow           FaultKind = "slow"            // the answer comes after Delay
	FaultTruncate       FaultKind = "truncate"        // the connection closes in the middle of the answer
	FaultMalformed      FaultKind = "malformed"       // half of the answer, as if it were whole
	FaultJobFailed      FaultKind = "job-failed"      // the access-advisor job that the call begins will fail
)

// Fault is a rule by which calls go wrong. Of the rules that match a call, the
// first one that fires counts.
type Fault struct {
	// Account is the id of the account it happens in; empty means every account.
	Account string
	// Action is the action that fails, with * and ? as in policies; empty means every action.
	Action string
	// Nth, where above 0, makes only the n-th matching call fail, counted from 1.
	Nth int
	// Probability is the share of matching calls that fail, from 0 to 1; 0 means all.
	Probability float64
	// Kind is what goes wrong.
	Kind FaultKind
	// Times, where above 0, is how often the rule fires at most.
	Times int
	// Delay is how long a slow answer takes.
	Delay time.Duration
}

func (f Fault) validate() error {
	switch f.Kind {
	case FaultThrottle, FaultAccessDenied, FaultInternal, FaultDropConnection, FaultSlow, FaultTruncate, FaultMalformed, FaultJobFailed:
	default:
		return fmt.Errorf("fault kind %q: no such kind", f.Kind)
	}
	if f.Nth < 0 || f.Times < 0 || f.Probability < 0 || f.Probability > 1 || f.Delay < 0 {
		return errors.New("fault: nth, times and delay must not be negative, and the probability must be between 0 and 1")
	}
	return nil
}

// faultRule is a fault and how far it has got.
type faultRule struct {
	Fault
	index          int
	matched, fired int
}

// faults are the rules in force.
type faults struct {
	mu    sync.Mutex
	rules []*faultRule
}

func (f *faults) add(fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = append(f.rules, &faultRule{Fault: fault, index: len(f.rules)})
}

// next returns the fault that befalls the call, if any does.
func (f *faults) next(call Call) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.rules {
		if r.fires(call) {
			return r.Fault
		}
	}
	return Fault{}
}

func (r *faultRule) fires(call Call) bool {
	if r.Account != "" && r.Account != call.Account || r.Action != "" && !world.Match(r.Action, call.Action) {
		return false
	}
	if r.Kind == FaultJobFailed && call.Action != actionGenerateAccess {
		return false
	}
	r.matched++
	if r.Times > 0 && r.fired >= r.Times || r.Nth > 0 && r.matched != r.Nth || !r.drawn() {
		return false
	}
	r.fired++
	return true
}

// drawn decides by the number of the matching call, so that a test which calls
// in the same order sees the same faults.
func (r *faultRule) drawn() bool {
	if r.Probability == 0 {
		return true
	}
	h := fnv.New64a()
	h.Write(fmt.Appendf(nil, "%d/%d", r.index, r.matched))
	const resolution = 1 << 20
	return float64(h.Sum64()*0x9e3779b97f4a7c15>>44)/resolution < r.Probability
}

// Inject adds a fault to those in force.
func (o *Organization) Inject(f Fault) error {
	if err := f.validate(); err != nil {
		return fmt.Errorf("inject fault: %w", err)
	}
	o.faults.add(f)
	return nil
}
