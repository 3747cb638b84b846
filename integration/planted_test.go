package integration

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/leastwise/leastwise/internal/awssim"
	"github.com/leastwise/leastwise/internal/awssim/world"
)

// ways are ways to administrator as text, by day.
type ways map[string][]string

func (w ways) add(day, account, from string, steps []world.PlantStep, conditional bool) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", account, from)
	for _, s := range steps {
		fmt.Fprintf(&b, " -%s-> %s", strings.Join(slices.Sorted(slices.Values(s.Actions)), "+"), s.To)
	}
	fmt.Fprintf(&b, " conditional=%v", conditional)
	w[day] = append(w[day], b.String())
	slices.Sort(w[day])
}

// planted are the ways that the organization's plan says there are, where those into
// other accounts are known from the day after.
func (r *rig) planted(days []time.Time) ways {
	r.t.Helper()
	w := ways{}
	crossing := map[string]bool{}
	for n, at := range days {
		today := map[string]bool{}
		for _, p := range r.org.World().Plants(n) {
			if p.Blocked != "" {
				continue
			}
			if last := p.Steps[len(p.Steps)-1]; !strings.Contains(last.To, ":"+p.Account+":") {
				// The other account has to have been seen with the role that lets in.
				today[last.To] = true
				if !crossing[last.To] {
					continue
				}
			}
			w.add(at.Format(time.DateOnly), p.Account, p.From, p.Steps, p.Conditional)
		}
		crossing = today
	}
	return w
}

// tabled are the ways that the warehouse has.
func (r *rig) tabled(ctx context.Context) ways {
	r.t.Helper()
	found, err := r.reader.Query(ctx, "SELECT toString(day), account, source, is_conditional, `steps.from`, `steps.to`, `steps.actions` FROM escalation_paths FINAL WHERE length > 0")
	if err != nil {
		r.t.Fatal(err)
	}
	defer found.Close()
	w := ways{}
	for found.Next() {
		var day, account, source string
		var conditional bool
		var from, to []string
		var actions [][]string
		if err := found.Scan(&day, &account, &source, &conditional, &from, &to, &actions); err != nil {
			r.t.Fatal(err)
		}
		steps := make([]world.PlantStep, len(to))
		for i := range to {
			steps[i] = world.PlantStep{From: from[i], To: to[i], Actions: actions[i]}
		}
		w.add(day, account, source, steps, conditional)
	}
	if err := found.Err(); err != nil {
		r.t.Fatal(err)
	}
	return w
}

// The plan knows nothing of rules, and the rules know nothing of the plan.
func TestAllThatWasPlantedIsFoundAndNothingElse(t *testing.T) {
	t.Parallel()
	size := awssim.DefaultConfig()
	r := newRig(t, func(c *awssim.Config) {
		c.Accounts, c.Users, c.Groups, c.Roles, c.Policies = size.Accounts, size.Users, size.Groups, size.Roles, size.Policies
	})
	days := r.days(7)
	r.running(workers{1, 1, 1}, func(ctx context.Context) { r.collect(ctx, days) })
	want := r.planted(days)
	if diff := cmp.Diff(want, r.tabled(t.Context())); diff != "" {
		t.Errorf("ways to administrator (-planted +found):\n%s", diff)
	}
	last := days[len(days)-1].Format(time.DateOnly)
	if n := one(t.Context(), t, r.reader, "SELECT countIf(length > 0) FROM escalation_paths_current"); n != int64(len(want[last])) || n < 20 {
		t.Errorf("there are %d ways now, want %d", n, len(want[last]))
	}
	r.compareJudgements(t.Context(), r.judge(days))
}
