package collectors

import (
	"maps"
	"strings"
	"sync"

	"github.com/leastwise/leastwise/schemas/event"
)

// ledger is what a run will say of itself when it is closed. It is safe for
// concurrent use, so that counting an API call never waits for a publication.
type ledger struct {
	mu       sync.Mutex
	stored   map[event.Kind]int64
	calls    map[string]int64
	problems []event.Problem
	// lacking says that some problem is not of what was left out on purpose.
	lacking bool
}

func newLedger() *ledger {
	return &ledger{stored: map[event.Kind]int64{}, calls: map[string]int64{}}
}

func (l *ledger) count(k event.Kind, n int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stored[k] += n
}

func (l *ledger) called(api string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls[api]++
}

// problem counts a problem; of those alike in part and state, which are few, the
// first one's reason stands for all. Intended ones leave the run whole.
func (l *ledger) problem(part string, state event.State, reason string, intended bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lacking = l.lacking || !intended
	for i := range l.problems {
		if p := &l.problems[i]; p.Part == part && p.State == state {
			p.Count++
			return
		}
	}
	l.problems = append(l.problems, event.Problem{Part: part, State: state, Reason: sentence(reason), Count: 1})
}

// fill copies the ledger into a run's closing event, which is complete so far.
func (l *ledger) fill(r *event.Run) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lacking {
		r.Status = event.RunPartial
	}
	r.Expected = maps.Clone(l.stored)
	r.Calls = maps.Clone(l.calls)
	r.Problems = append([]event.Problem(nil), l.problems...)
}

// sentence makes a reason fit into a line of a dashboard.
func sentence(s string) string {
	const longest = 600
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > longest {
		s = strings.ToValidUTF8(s[:longest], "") + "…"
	}
	return s
}
