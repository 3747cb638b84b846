package event

import (
	"slices"
	"time"
)

// Phase says whether a run event opens or closes its run.
type Phase string

// The phases.
const (
	PhaseOpened Phase = "opened"
	PhaseClosed Phase = "closed"
)

// RunStatus is what the collector itself can say of its run. The warehouse
// compares Expected with what it received and may turn complete into partial;
// it never turns anything into complete.
type RunStatus string

// The statuses.
const (
	RunRunning  RunStatus = "running"
	RunComplete RunStatus = "complete"
	RunPartial  RunStatus = "partial"
	RunFailed   RunStatus = "failed"
)

// Run opens or closes a collection pass; its ID is its run id.
type Run struct {
	Common
	Phase     Phase     `json:"phase"`
	Status    RunStatus `json:"status"`
	StartedAt time.Time `json:"started_at"`
	// EndedAt is set when the run is closed.
	EndedAt time.Time `json:"ended_at,omitzero"`
	// Source is "aws" or "import".
	Source string `json:"source"`
	// Reason says in one sentence why a run failed.
	Reason string `json:"reason,omitempty"`
	// Expected is the number of events of each kind that the run published.
	Expected map[Kind]int64 `json:"expected,omitempty"`
	// Problems are the parts that did not end well; with any, the run is
	// partial at best. Those in state not_collected may have been left out on
	// purpose, which leaves the run complete.
	Problems []Problem `json:"problems,omitempty"`
	// Calls counts the AWS API calls that the run made, by action.
	Calls map[string]int64 `json:"calls,omitempty"`
}

// The sources of a run.
const (
	SourceAWS    = "aws"
	SourceImport = "import"
)

// Problem is a part of a collection that did not end well.
type Problem struct {
	// Part names the AWS API action, or the part of a file.
	Part string `json:"part"`
	// State says how it ended.
	State State `json:"state"`
	// Reason is the first cause seen, in one sentence.
	Reason string `json:"reason"`
	// Count is how often it happened.
	Count int64 `json:"count"`
}

// Validate returns every fault of the event, joined.
func (r Run) Validate() error { return check("run event", r) }

func (r Run) validate(f *faults) {
	r.Common.validate(f)
	f.time("started_at", r.StartedAt)
	switch r.Phase {
	case PhaseOpened:
	case PhaseClosed:
		f.time("ended_at", r.EndedAt)
	default:
		f.add("phase", "is %q, not opened or closed", r.Phase)
	}
	switch r.Status {
	case RunRunning, RunComplete, RunPartial, RunFailed:
	default:
		f.add("status", "is %q", r.Status)
	}
	if r.Source != SourceAWS && r.Source != SourceImport {
		f.add("source", "is %q, not %s or %s", r.Source, SourceAWS, SourceImport)
	}
	for k, n := range r.Expected {
		if !slices.Contains(CountedKinds(), k) {
			f.add("expected", "counts the kind %q, which no run counts", k)
		}
		f.count("expected."+string(k), n)
	}
	for _, p := range r.Problems {
		p.validate(f)
	}
	for action, n := range r.Calls {
		f.count("calls."+action, n)
	}
}

func (p Problem) validate(f *faults) {
	f.require("problems.part", p.Part)
	if !p.State.Valid() {
		f.add("problems.state", "is %q", p.State)
	}
	f.count("problems.count", p.Count)
}

// EventID differs between the phases, so that closing is not taken for a
// duplicate of opening.
func (r Run) EventID(k Kind) string { return r.Common.EventID(k) + "." + string(r.Phase) }
