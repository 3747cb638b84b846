package aws

import (
	"testing"

	"github.com/leastwise/leastwise/schemas/event"
)

// Reports that were ordered before may still come, and the rest, which is not asked
// for, fails in a row again.
func TestTheFirstReasonToGiveUpHolds(t *testing.T) {
	t.Parallel()
	var a advisor
	fail := func(o outcome) {
		for range patience {
			a.watch(o)
		}
	}
	fail(outcome{event.StateThrottled, "slow down"})
	a.watch(outcome{state: event.StateOK})
	fail(*a.givenUp.Load())
	want := outcome{event.StateThrottled, "not asked for, after 10 in a row: slow down"}
	if got := *a.givenUp.Load(); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
