package world_test

import (
	"reflect"
	"testing"

	"github.com/leastwise/leastwise/internal/awssim/world"
)

// drift is what changed from one day to the next, summed over days.
type drift struct{ lived, born, died, changed int }

func (d drift) percent(n int) float64 { return 100 * float64(n) / float64(d.lived) }

// compare adds what happened to a kind of entity between two days.
func compare[T any](d *drift, before, after map[string]T, same func(a, b T) bool) {
	for id, old := range before {
		d.lived++
		entity, alive := after[id]
		switch {
		case !alive:
			d.died++
		case !same(old, entity):
			d.changed++
		}
	}
	for id := range after {
		if _, known := before[id]; !known {
			d.born++
		}
	}
}

func rolesByID(d world.Day) map[string]world.Role {
	all := map[string]world.Role{}
	for r := range d.Roles() {
		all[r.ID] = r
	}
	return all
}

func policiesByID(d world.Day) map[string]world.Policy {
	all := map[string]world.Policy{}
	for p := range d.Policies() {
		all[p.ID] = p
	}
	return all
}

// sameRole compares roles, leaving out their use.
func sameRole(a, b world.Role) bool {
	a.LastUsed, a.LastUsedRegion = b.LastUsed, b.LastUsedRegion
	return reflect.DeepEqual(a, b)
}

// samePolicy compares policies, leaving out their use.
func samePolicy(a, b world.Policy) bool {
	a.Attachments, a.BoundaryUses = b.Attachments, b.BoundaryUses
	return reflect.DeepEqual(a, b)
}

func TestAFewPercentChangeEveryDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *world.Config) { c.Roles, c.Policies = 200, 100 })
	var roles, policies drift
	for i := range 3 {
		for n := range 30 {
			before, after := onDay(t, w, i, n), onDay(t, w, i, n+1)
			compare(&roles, rolesByID(before), rolesByID(after), sameRole)
			compare(&policies, policiesByID(before), policiesByID(after), samePolicy)
		}
	}
	for _, c := range []struct {
		what     string
		got      float64
		low, top float64
	}{
		{"roles created", roles.percent(roles.born), 0.1, 1.5},
		{"roles deleted", roles.percent(roles.died), 0.1, 1.5},
		{"roles changed", roles.percent(roles.changed), 0.5, 6},
		{"policies created", policies.percent(policies.born), 0.1, 1.5},
		{"policies deleted", policies.percent(policies.died), 0.1, 1.5},
		{"policies changed", policies.percent(policies.changed), 0.5, 6},
	} {
		t.Logf("%s: %.2f %% a day", c.what, c.got)
		if c.got < c.low || c.got > c.top {
			t.Errorf("%s: %.2f %% a day, want %.1f to %.1f", c.what, c.got, c.low, c.top)
		}
	}
}

func TestAMonthShowsTrendsAndCleanUps(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *world.Config) { c.Accounts = 20 })
	const days = 60
	var total [days]int
	growing, shrinking := 0, 0
	for i := range 20 {
		var counts [days]int
		for n := range days {
			for range onDay(t, w, i, n).Roles() {
				counts[n]++
			}
			total[n] += counts[n]
		}
		switch d := counts[days-1] - counts[0]; {
		case d > 2:
			growing++
		case d < -2:
			shrinking++
		}
	}
	if growing < 5 || shrinking < 1 {
		t.Errorf("%d of 20 accounts grow and %d shrink, want some of both", growing, shrinking)
	}
	if total[days-1] <= total[0] {
		t.Errorf("organization has %d roles at first and %d after two months, want growth", total[0], total[days-1])
	}
	largest := 0
	for n := 1; n < days; n++ {
		largest = max(largest, total[n-1]-total[n])
	}
	if largest < total[0]/100 {
		t.Errorf("largest loss in a day is %d of %d roles, want a visible clean-up", largest, total[0])
	}
}

func TestCredentialsMove(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *world.Config) { c.Users = 100 })
	rotated, lostMFA, gainedMFA, created := 0, 0, 0, map[string]bool{}
	for n := range 90 {
		before := map[string]world.Credential{}
		for c := range onDay(t, w, 1, n).Credentials() {
			before[c.ARN+c.Created.String()] = c
		}
		for c := range onDay(t, w, 1, n+1).Credentials() {
			old, known := before[c.ARN+c.Created.String()]
			if !known {
				created[c.ARN] = true
				continue
			}
			if c.Keys[0].Exists && !c.Keys[0].Rotated.Equal(old.Keys[0].Rotated) {
				rotated++
			}
			if old.MFA && !c.MFA {
				lostMFA++
			}
			if !old.MFA && c.MFA {
				gainedMFA++
			}
		}
	}
	if rotated < 10 || lostMFA == 0 || gainedMFA == 0 || len(created) == 0 {
		t.Errorf("in 90 days: %d keys rotated, MFA lost %d and gained %d times, %d users new", rotated, lostMFA, gainedMFA, len(created))
	}
}
