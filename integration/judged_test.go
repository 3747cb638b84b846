package integration

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/leastwise/leastwise/catalog/risk"
	"github.com/leastwise/leastwise/internal/awssim"
	"github.com/leastwise/leastwise/processors/enrich"
	"github.com/leastwise/leastwise/processors/judge"
	"github.com/leastwise/leastwise/schemas/stream"
	"github.com/leastwise/leastwise/sinks/clickhouse"
)

// The tables of judgements in the form that the truth has.
const (
	findingQuery = "SELECT toJSONString(tuple(o.account, toString(o.kind), o.entity_id, toString(o.day), o.finding_id, f.rule, f.category, toString(f.severity), f.name, f.arn," +
		" f.actions, f.action_count, f.scope, f.is_conditional, f.is_partly_denied, f.`evidence.document`, f.`evidence.policy`, f.`evidence.statement`, f.`evidence.resources`," +
		" f.target_candidates, f.target_count, f.discriminator)) FROM finding_observations AS o FINAL" +
		" INNER JOIN findings AS f FINAL ON f.account = o.account AND f.kind = o.kind AND f.entity_id = o.entity_id AND f.finding_id = o.finding_id AND f.version = o.version"
	scoreQuery = `SELECT toJSONString(tuple(account, toString(kind), entity_id, toString(day), name, ifNull(toInt64(round(score * 100)), -1), critical, high, medium, low, info, excluded,
		unused_services, ifNull(toInt64(steps_to_admin), -1))) FROM scores FINAL`
	pathQuery   = "SELECT toJSONString(tuple(account, toString(kind), source, toString(day), target, is_conditional, `steps.from`, `steps.to`, `steps.method`)) FROM escalation_paths FINAL"
	unusedQuery = `SELECT toJSONString(tuple(account, toString(kind), entity_id, service,
		[list_bound, read_bound, tagging_bound, write_bound, permissions_management_bound],
		[list_unbound, read_unbound, tagging_unbound, write_unbound, permissions_management_unbound],
		risk_tags, is_partly, toUnixTimestamp(last_accessed_at), toUnixTimestamp(first_seen_at), toUnixTimestamp(last_seen_at))) FROM unused_permissions FINAL`
	episodeQuery = `SELECT toJSONString(tuple(account, toString(kind), entity_id, finding_id, episode, toString(first_day), toString(last_day), days, is_resolved)) FROM finding_episodes`
)

// compareJudgements compares what the warehouse says with what the rules say of the
// organization's true state.
func (r *rig) compareJudgements(ctx context.Context, all []judged) {
	r.t.Helper()
	for _, c := range []struct {
		name, query string
		want        rows
	}{
		{"findings", findingQuery, r.findingRows(all)},
		{"scores", scoreQuery, r.scoreRows(all)},
		{"escalation_paths", pathQuery, r.pathRows(all)},
		{"unused_permissions", unusedQuery, r.unusedRows(all)},
		{"finding_episodes", episodeQuery, r.episodeRows(all)},
	} {
		equal(r.t, c.name, c.want, table(ctx, r.t, r.reader, c.query))
	}
}

// some is a list that is not null in JSON.
func some(list []string) []string { return append([]string{}, list...) }

func (r *rig) findingRows(all []judged) rows {
	var out rows
	for _, d := range all {
		for _, j := range d.all {
			for _, f := range j.Findings {
				documents, policies, resources, statements := []string{}, []string{}, [][]string{}, []int{}
				for _, e := range f.Evidence {
					documents, policies, resources, statements = append(documents, e.Document), append(policies, e.Policy), append(resources, some(e.Resources)), append(statements, e.Statement)
				}
				target := risk.Target{}
				if f.Target != nil {
					target = *f.Target
				}
				out.add(r.t, d.account, j.Entity.Kind, j.Entity.ID, d.at.Format(time.DateOnly), f.Key(), f.Rule, f.Category, f.Severity, j.Entity.Name, j.Entity.ARN,
					some(f.Actions), f.ActionCount, f.Scope, f.Conditional, f.PartlyDenied, documents, policies, statements, resources,
					some(target.Candidates), target.Count, f.Discriminator)
			}
		}
	}
	return out.sorted()
}

func (r *rig) scoreRows(all []judged) rows {
	var out rows
	for _, d := range all {
		for _, j := range d.all {
			var n [risk.SeverityCount]int
			for _, f := range j.Findings {
				n[f.Severity]++
			}
			score, steps := int64(-1), -1
			if j.Score != nil {
				score = int64(*j.Score*100 + 0.5)
			}
			if len(j.Paths) > 0 && j.Entity.Kind != "account" {
				steps = len(j.Paths[0].Steps)
			}
			out.add(r.t, d.account, j.Entity.Kind, j.Entity.ID, d.at.Format(time.DateOnly), cmp.Or(j.Entity.Name, j.Entity.ID), score,
				n[risk.Critical], n[risk.High], n[risk.Medium], n[risk.Low], n[risk.Info], j.Excluded, len(j.Unused), steps)
		}
	}
	return out.sorted()
}

func (r *rig) pathRows(all []judged) rows {
	var out rows
	for _, d := range all {
		for _, j := range d.all {
			for _, p := range j.Paths {
				from, to, method := []string{}, []string{}, []string{}
				for _, s := range p.Steps {
					from, to, method = append(from, s.From), append(to, s.To), append(method, s.Method)
				}
				out.add(r.t, d.account, j.Entity.Kind, p.From, d.at.Format(time.DateOnly), p.To, p.Conditional, from, to, method)
			}
		}
	}
	return out.sorted()
}

func (r *rig) unusedRows(all []judged) rows {
	type span struct{ first, last int64 }
	spans := map[string]*span{}
	for _, d := range all {
		for _, j := range d.all {
			for _, u := range j.Unused {
				key, err := json.Marshal([]any{d.account, j.Entity.Kind, j.Entity.ID, u.Service, u.Bound, u.Unbound, some(u.Tags), u.Partly, unix(u.LastAt)})
				if err != nil {
					r.t.Fatal(err)
				}
				s := spans[string(key)]
				if s == nil {
					s = &span{first: unix(d.at)}
					spans[string(key)] = s
				}
				s.last = unix(d.at)
			}
		}
	}
	var out rows
	for key, s := range spans {
		var values []any
		if err := json.Unmarshal([]byte(key), &values); err != nil {
			r.t.Fatal(err)
		}
		out.add(r.t, append(values, s.first, s.last)...)
	}
	return out.sorted()
}

// episodeRows goes through each account's days, one after the other.
func (r *rig) episodeRows(all []judged) rows {
	type key struct{ account, kind, id, finding string }
	type episode struct {
		first, last  string
		days, number int
	}
	open, number := map[key]*episode{}, map[key]int{}
	var out rows
	end := func(k key, resolved bool) {
		e := open[k]
		out.add(r.t, k.account, k.kind, k.id, k.finding, e.number, e.first, e.last, e.days, resolved)
		delete(open, k)
	}
	for _, d := range all {
		today, there := d.at.Format(time.DateOnly), map[key]bool{}
		for _, j := range d.all {
			for i := range j.Findings {
				k := key{d.account, j.Entity.Kind, j.Entity.ID, j.Findings[i].Key()}
				there[k] = true
				if open[k] == nil {
					number[k]++
					open[k] = &episode{first: today, number: number[k]}
				}
				open[k].last = today
				open[k].days++
			}
		}
		for k := range open {
			if k.account == d.account && !there[k] {
				end(k, true)
			}
		}
	}
	for k := range open {
		end(k, false)
	}
	return out.sorted()
}

func TestTheRulesSayOfTheTablesWhatTheySayOfTheOrganization(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	days := r.days(8)
	r.running(workers{1, 1, 1}, func(ctx context.Context) { r.collect(ctx, days) })
	all := r.judge(days)
	r.compareJudgements(t.Context(), all)
	r.checkHistory(t.Context(), all)
	if n := r.messages(t.Context(), stream.Dead); n != 0 {
		t.Errorf("%d dead letters, want none", n)
	}
}

// checkHistory makes sure that findings came, went and came back while they were
// watched: otherwise comparing proves little.
func (r *rig) checkHistory(ctx context.Context, all []judged) {
	r.t.Helper()
	for what, condition := range map[string]string{"there all the time": "NOT is_resolved AND days = 8", "resolved": "is_resolved"} {
		if one(ctx, r.t, r.reader, "SELECT count() FROM finding_episodes WHERE "+condition) == 0 {
			r.t.Errorf("no finding is %s", what)
		}
	}
	last := slices.DeleteFunc(slices.Clone(all), func(d judged) bool { return d.at != all[len(all)-1].at })
	want := len(r.findingRows(last))
	for view, query := range map[string]string{
		"findings_current":   "SELECT count() FROM findings_current",
		"findings_as_of":     fmt.Sprintf("SELECT count() FROM findings_as_of(at = '%s')", all[len(all)-1].at.Format(time.DateTime)),
		"finding_episodes":   "SELECT countIf(NOT is_resolved) FROM finding_episodes",
		"account_risk_daily": "SELECT sum(critical + high + medium + low + info) FROM account_risk_daily WHERE day = (SELECT max(day) FROM account_risk_daily)",
	} {
		if n := one(ctx, r.t, r.reader, query); n != int64(want) {
			r.t.Errorf("%s has %d findings, want %d", view, n, want)
		}
	}
}

func TestJudgingTwiceAndByTwoSaysTheSame(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *awssim.Config) { c.Accounts = 2 })
	days := r.days(3)
	r.running(workers{2, 2, 2}, func(ctx context.Context) { r.collect(ctx, days) })
	all := r.judge(days)
	r.compareJudgements(t.Context(), all)
	r.again(t.Context(), stream.Raw, enrich.Stage, judge.Stage)
	r.again(t.Context(), stream.Enriched, clickhouse.Stage)
	r.running(workers{0, 2, 2}, r.drain)
	r.compareJudgements(t.Context(), all)
}
