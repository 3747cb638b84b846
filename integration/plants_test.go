package integration

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/leastwise/leastwise/internal/awssim"
	"github.com/leastwise/leastwise/internal/awssim/world"
)

// wayQuery has the ways to administrator, but for those of who is one.
const wayQuery = "SELECT toJSONString(tuple(account, toString(day), source, target, is_conditional, `steps.from`, `steps.to`," +
	" arrayMap(a -> arraySort(a), `steps.actions`))) FROM escalation_paths FINAL WHERE length(`steps.from`) > 0"

// wayRows are the ways that were planted. Those into other accounts are found from
// the second day on, when it is known what these look like from outside.
func wayRows(t testing.TB, w *world.World, days []time.Time) (out rows, blocked []world.Plant) {
	t.Helper()
	for i, at := range days {
		for _, p := range w.Plants(w.Management().Day(at).Number()) {
			last := p.Steps[len(p.Steps)-1]
			if p.Blocked != "" {
				blocked = append(blocked, p)
				continue
			}
			if i == 0 && !strings.Contains(last.To, ":"+p.Account+":") {
				continue
			}
			from, to, actions := []string{}, []string{}, [][]string{}
			for _, s := range p.Steps {
				from, to = append(from, s.From), append(to, s.To)
				actions = append(actions, slices.Sorted(slices.Values(s.Actions)))
			}
			out.add(t, p.Account, at.Format(time.DateOnly), p.From, last.To, p.Conditional, from, to, actions)
		}
	}
	return out.sorted(), blocked
}

// TestEveryPlantedWayToAdministratorIsFoundAndNoOther holds what the pipeline finds
// against what was planted, day by day.
func TestEveryPlantedWayToAdministratorIsFoundAndNoOther(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *awssim.Config) { c.Accounts, c.Users, c.Groups, c.Roles, c.Policies = 5, 6, 4, 28, 10 })
	days := r.days(7)
	r.running(workers{1, 1, 1}, func(ctx context.Context) { r.collect(ctx, days) })
	ctx := t.Context()
	want, blocked := wayRows(t, r.org.World(), days)
	equal(t, "escalation_paths", want, table(ctx, t, r.reader, wayQuery))
	if len(want) < 30*len(days) || len(blocked) < 9*len(days) {
		t.Errorf("%d ways and %d that are blocked were planted on %d days", len(want), len(blocked), len(days))
	}
	for _, p := range blocked {
		query := fmt.Sprintf("SELECT count() FROM escalation_paths WHERE source = '%s'", p.From)
		if n := one(ctx, t, r.reader, query); n != 0 {
			t.Errorf("%s has a way in spite of %s", p.From, p.Blocked)
		}
	}
	r.checkEpisodes(ctx, days)
}

// checkEpisodes checks that what a way rests on is a finding for as long as the way
// is open, that it is resolved then, and comes back as another episode.
func (r *rig) checkEpisodes(ctx context.Context, days []time.Time) {
	r.t.Helper()
	for name, rule := range map[string]string{"updates-function-some-days": "lambda-update-function-code", "commands-instance-some-days": "ssm-send-command"} {
		var open []string
		var arn string
		for _, at := range days {
			for _, p := range r.org.World().Plants(r.org.World().Management().Day(at).Number()) {
				if p.Name == name {
					open, arn = append(open, at.Format(time.DateOnly)), cmp.Or(arn, p.From)
				}
			}
		}
		if len(open) == 0 || len(open) == len(days) {
			r.t.Errorf("%s is open on %d of %d days", name, len(open), len(days))
		}
		var got []string
		query := fmt.Sprintf("SELECT toString(o.day) FROM finding_observations AS o FINAL INNER JOIN findings AS f FINAL USING (account, kind, entity_id, finding_id, version)"+
			" WHERE f.arn = '%s' AND f.rule = '%s' ORDER BY o.day", arn, rule)
		found, err := r.reader.Query(ctx, query)
		if err != nil {
			r.t.Fatal(err)
		}
		for found.Next() {
			var day string
			if err := found.Scan(&day); err != nil {
				r.t.Fatal(err)
			}
			got = append(got, day)
		}
		_ = found.Close()
		if !slices.Equal(got, open) {
			r.t.Errorf("%s is a finding on %v, and the way is open on %v", name, got, open)
		}
	}
}
