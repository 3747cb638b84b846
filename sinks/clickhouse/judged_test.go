package clickhouse

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/leastwise/leastwise/schemas/event"
)

// judges are two judges, of which the second one's catalog is newer.
func judges() []event.Judgement {
	return []event.Judgement{
		{Judge: "000000000000000a", Catalog: "0.21", CatalogDate: on(1, "00:00:00")},
		{Judge: "000000000000000b", Catalog: "0.22", CatalogDate: on(2, "00:00:00")},
	}
}

// judge draws what judges say of a pass, of which some may get lost, and some may
// never have been said.
func (p *pass) judge(r *rand.Rand, day int, common func(string) event.Common) {
	by := judges()
	switch r.IntN(5) {
	case 0:
		return
	case 1: // both
	default:
		by = by[:1]
	}
	for _, j := range by {
		all := p.judgements(r, j, day, common)
		if r.IntN(6) == 0 {
			lost := r.IntN(len(all))
			all = slices.Delete(all, lost, lost+1)
		}
		p.judged = append(p.judged, all...)
	}
}

func (p *pass) judgements(r *rand.Rand, of event.Judgement, day int, common func(string) event.Common) (all []event.Judgement) {
	of.JudgedAt = p.opened.StartedAt.Add(time.Hour)
	totals := &event.Totals{Findings: map[string]int64{}, Excluded: day}
	add := func(kind event.Kind, c event.Common, i event.Identity) {
		j := of
		j.Common, j.Entity, j.Name, j.ARN = c, kind, i.Name, i.ARN
		drawJudgement(r, &j)
		for _, f := range j.Findings {
			totals.Findings[f.Severity]++
		}
		totals.Escalating += len(j.Paths)
		all = append(all, j)
	}
	for _, v := range p.users {
		add(event.KindUser, v.Common, v.Identity)
	}
	for _, v := range p.groups {
		add(event.KindGroup, v.Common, v.Identity)
	}
	for _, v := range p.roles {
		add(event.KindRole, v.Common, v.Identity)
	}
	for _, v := range p.policies {
		add(event.KindPolicy, v.Common, v.Identity)
	}
	j := of
	j.Common, j.Entity, j.Name = common(p.opened.Account), event.KindAccount, "account"
	totals.Judgements = len(all) + 1
	j.Totals = totals
	if r.IntN(4) > 0 {
		j.Score = &event.Score{Value: float64(r.IntN(101))}
	}
	return append(all, j)
}

// drawJudgement draws findings that come and go and change, a score, services that
// are unused in one way or the other, and a path.
func drawJudgement(r *rand.Rand, j *event.Judgement) {
	for n := range 3 {
		if r.IntN(3) == 0 {
			continue
		}
		version := r.IntN(2)
		j.Findings = append(j.Findings, event.Finding{
			ID: fmt.Sprintf("%014x%02x", n, j.ID[len(j.ID)-1]), Version: fmt.Sprintf("%016x", version), Rule: fmt.Sprint("rule-", n), Category: "hygiene",
			Severity: event.Severities()[n+version], Reason: "Because.", Remedy: "Do not.",
		})
	}
	if r.IntN(2) == 0 {
		j.Score = &event.Score{Value: float64(r.IntN(101))}
	}
	if j.Entity != event.KindRole {
		return
	}
	for n := range 2 {
		if r.IntN(3) > 0 {
			u := event.UnusedService{Service: fmt.Sprint("svc", n), Bound: [5]uint16{uint16(r.IntN(2))}}
			if r.IntN(2) == 0 {
				u.LastAt = on(1, "00:00:00")
			}
			j.Unused = append(j.Unused, u)
		}
	}
	if r.IntN(2) == 0 {
		j.Paths = []event.EscalationPath{{From: j.ARN, To: "admin", Steps: make([]event.EscalationStep, 0)}}
		for n := range r.IntN(3) {
			j.Paths[0].Steps = append(j.Paths[0].Steps, event.EscalationStep{From: j.ARN, To: "admin", Method: fmt.Sprint("rule-", n)})
		}
	}
}

// verdict returns the account's judgement that holds for a pass, or nil, and all
// that its judge says of the pass.
func (p *pass) verdict() (account *event.Judgement, all []event.Judgement) {
	for i := range p.judged {
		j := &p.judged[i]
		if j.Totals == nil {
			continue
		}
		if account == nil || cmp.Or(j.CatalogDate.Compare(account.CatalogDate), j.JudgedAt.Compare(account.JudgedAt), cmp.Compare(j.Judge, account.Judge)) > 0 {
			account = j
		}
	}
	if account == nil {
		return nil, nil
	}
	for _, j := range p.judged {
		if j.Judge == account.Judge {
			all = append(all, j)
		}
	}
	return account, all
}

// isJudged reports whether every entity and the account have their judgement.
func (p *pass) isJudged() bool {
	account, all := p.verdict()
	x := p.closed.Expected
	return account != nil && p.isClosed && len(all) == account.Totals.Judgements &&
		int64(len(all)) == x[event.KindUser]+x[event.KindGroup]+x[event.KindRole]+x[event.KindPolicy]+1
}

// sealedJudgements counts the judgements that a seal is written for.
func (h *history) sealedJudgements() (n int) {
	for _, p := range h.runs {
		if account, all := p.verdict(); account != nil && len(all) == account.Totals.Judgements {
			n++
		}
	}
	return n
}

func (h *history) runsJudged() (rows []string) {
	for _, p := range h.runs {
		rows = append(rows, tuple(p.opened.Account, p.opened.Run, p.isJudged()))
	}
	return rows
}

// judgedRuns returns the latest complete and judged run of each account that pick takes.
func (h *history) judgedRuns(pick func(*pass) bool) []*pass {
	return h.latest(func(p *pass) bool { return p.isJudged() && pick(p) })
}

func findingsOf(runs []*pass) (rows []string) {
	for _, p := range runs {
		_, all := p.verdict()
		for _, j := range all {
			for _, f := range j.Findings {
				rows = append(rows, tuple(j.Account, j.Entity, j.ID, f.ID, f.Version, j.Name, f.Rule, f.Severity, j.Run))
			}
		}
	}
	return rows
}

func scoresOf(runs []*pass) (rows []string) {
	for _, p := range runs {
		_, all := p.verdict()
		for _, j := range all {
			score, steps := "NULL", "NULL"
			if j.Score != nil {
				score = fmt.Sprint(j.Score.Value)
			}
			if len(j.Paths) > 0 {
				steps = fmt.Sprint(len(j.Paths[0].Steps))
			}
			counts := map[string]int{}
			for _, f := range j.Findings {
				counts[f.Severity]++
			}
			rows = append(rows, tuple(j.Account, j.Entity, j.ID, j.Name, raw(score), counts["critical"], counts["high"], counts["low"], len(j.Unused), raw(steps), j.Run))
		}
	}
	return rows
}

func pathsOf(runs []*pass) (rows []string) {
	for _, p := range runs {
		_, all := p.verdict()
		for _, j := range all {
			for _, path := range j.Paths {
				rows = append(rows, tuple(j.Account, j.ID, path.From, path.To, len(path.Steps), j.Run))
			}
		}
	}
	return rows
}

// raw is text that tuple writes as it is.
type raw string

// unusedNow is what the current runs say is unused. Values live from their first to
// their last run, as those of accessed do.
func (h *history) unusedNow() (rows []string) {
	type key struct{ account, id, service, judge string }
	type value struct {
		key
		granted uint16
		at      int64
	}
	first, last := map[value]time.Time{}, map[value]time.Time{}
	for _, p := range h.runs {
		for _, j := range p.judged {
			for _, u := range j.Unused {
				v := value{key{j.Account, j.ID, u.Service, j.Judge}, u.Bound[0], max(u.LastAt.Unix(), 0)}
				if f, ok := first[v]; !ok || j.ObservedAt.Before(f) {
					first[v] = j.ObservedAt
				}
				if j.ObservedAt.After(last[v]) {
					last[v] = j.ObservedAt
				}
			}
		}
	}
	for _, p := range h.judgedRuns(func(*pass) bool { return true }) {
		account, _ := p.verdict()
		now := p.opened.ObservedAt
		best := map[key]value{}
		for v := range first {
			if v.account != p.opened.Account || v.judge != account.Judge || first[v].After(now) || last[v].Before(now) {
				continue
			}
			b, ok := best[v.key]
			if !ok || cmp.Or(first[v].Compare(first[b]), cmp.Compare(v.at, b.at), cmp.Compare(v.granted, b.granted)) > 0 {
				best[v.key] = v
			}
		}
		for _, v := range best {
			at := time.Unix(v.at, 0).UTC()
			if v.at == 0 {
				at = time.Time{}
			}
			rows = append(rows, tuple(v.account, v.id, v.service, v.granted, &at, first[v], p.opened.Run))
		}
	}
	return rows
}

func (h *history) accountRiskDaily() (rows []string) {
	for _, d := range h.days() {
		for _, p := range h.judgedRuns(func(p *pass) bool { return day(p.opened.ObservedAt) == d }) {
			j, _ := p.verdict()
			score := "NULL"
			if j.Score != nil {
				score = fmt.Sprint(j.Score.Value)
			}
			f := j.Totals.Findings
			rows = append(rows, tuple(j.Account, d, j.Run, raw(score), f["critical"], f["high"], f["medium"], f["low"], f["info"],
				j.Totals.Excluded, len(p.users)+len(p.roles), j.Totals.Escalating))
		}
	}
	return rows
}

func (h *history) organizationRiskDaily() (rows []string) {
	for _, d := range h.days() {
		var n, findings, escalating, principals, weight int
		var weighed float64
		for _, p := range h.judgedRuns(func(p *pass) bool { return day(p.opened.ObservedAt) == d }) {
			j, _ := p.verdict()
			n++
			for _, count := range j.Totals.Findings {
				findings += int(count)
			}
			escalating += j.Totals.Escalating
			all := len(p.users) + len(p.roles)
			principals += all
			if j.Score != nil {
				weight += all
				weighed += j.Score.Value * float64(all)
			}
		}
		if n == 0 {
			continue
		}
		score := "NULL"
		if weight > 0 {
			score = fmt.Sprint(math.Round(1000*weighed/float64(weight)) / 1000)
		}
		rows = append(rows, tuple(d, n, raw(score), findings, principals, escalating))
	}
	return rows
}

// episodes goes through the days of each account one by one, as a person would.
func (h *history) episodes() (rows []string) {
	type key struct{ account, kind, id, finding string }
	type episode struct {
		first, last string
		days        int
		version     string
	}
	open, number := map[key]*episode{}, map[key]int{}
	closed := func(k key, e *episode, resolved string) {
		number[k]++
		rows = append(rows, tuple(k.account, k.kind, k.id, k.finding, number[k], e.first, e.last, e.days, resolved != "NULL", raw(resolved), e.version))
	}
	for _, d := range h.days() {
		for _, p := range h.judgedRuns(func(p *pass) bool { return day(p.opened.ObservedAt) == d }) {
			there := map[key]bool{}
			_, all := p.verdict()
			for _, j := range all {
				for _, f := range j.Findings {
					k := key{j.Account, string(j.Entity), j.ID, f.ID}
					there[k] = true
					if open[k] == nil {
						open[k] = &episode{first: d}
					}
					open[k].last, open[k].version = d, f.Version
					open[k].days++
				}
			}
			for k, e := range open {
				if k.account == p.opened.Account && !there[k] {
					closed(k, e, "'"+d+"'")
					delete(open, k)
				}
			}
		}
	}
	for k, e := range open {
		closed(k, e, "NULL")
	}
	return rows
}

// A run looks judged once the judgement of everything that it saw is there, sealed or
// not, and not before; that changes nothing about its status.
func TestARunIsJudgedOnceAllJudgementsAreThere(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	common := func(id string) event.Common {
		return event.Common{Run: "run-1", Account: testAccount, ID: id, ObservedAt: on(2, "03:00:00")}
	}
	by := event.Judgement{Judge: "000000000000000a", JudgedAt: on(2, "03:02:00"), Catalog: "0.21", CatalogDate: on(1, "00:00:00")}
	user, account := by, by
	user.Common, user.Entity, user.Name = common("AIDA1"), event.KindUser, "ann"
	account.Common, account.Entity, account.Name = common(testAccount), event.KindAccount, "shop"
	account.Totals = &event.Totals{Judgements: 2}
	short := account
	short.Judge, short.CatalogDate, short.Totals = "000000000000000b", on(2, "00:00:00"), &event.Totals{Judgements: 1}
	run := event.Run{
		Common: common("run-1"), Phase: event.PhaseClosed, Status: event.RunComplete, StartedAt: on(2, "03:00:01"), EndedAt: on(2, "03:01:00"), Source: event.SourceAWS,
		Expected: map[event.Kind]int64{event.KindUser: 1, event.KindAccess: 5},
	}
	for i, step := range []struct {
		kind event.Kind
		id   string
		v    any
		want string
	}{
		{event.KindRun, "run-1", run, "('partial',false,0,0)"},
		{event.KindJudgement, account.ID, account, "('partial',false,2,1)"},
		{event.KindJudgement, user.ID, user, "('partial',true,2,2)"},
		{event.KindJudgement, user.ID, user, "('partial',true,2,2)"},
		// A newer judge holds. That it has all that it says is not enough: it says
		// less than what the run saw.
		{event.KindJudgement, short.ID, short, "('partial',false,1,1)"},
	} {
		r.publish(message(t, step.kind, testAccount, step.id, step.v))
		r.drain()
		for _, when := range []string{"before", "after"} {
			if got := r.value("SELECT (status, is_judged, judgements, judgements_received) FROM run_status"); got != step.want {
				t.Errorf("step %d, %s sealing: %s, want %s", i, when, got, step.want)
			}
			r.seal()
		}
	}
}
