package clickhouse

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/leastwise/leastwise/schemas/event"
)

// This file is the oracle of the views: it folds a history in plain Go and knows
// nothing of SQL. Rows are tuples as toString writes them.

// tuple writes values as ClickHouse writes a tuple of them.
func tuple(values ...any) string {
	out := make([]string, len(values))
	for i, v := range values {
		switch v := v.(type) {
		case string:
			out[i] = "'" + v + "'"
		case event.Kind:
			out[i] = "'" + string(v) + "'"
		case time.Time:
			out[i] = "'" + v.Format("2006-01-02 15:04:05") + "'"
		case raw:
			out[i] = string(v)
		case *time.Time:
			out[i] = "NULL"
			if v != nil && !v.IsZero() {
				out[i] = "'" + v.Format("2006-01-02 15:04:05") + "'"
			}
		default:
			out[i] = fmt.Sprint(v)
		}
	}
	return "(" + strings.Join(out, ",") + ")"
}

func day(at time.Time) string { return at.Format("2006-01-02") }

// status is the verdict on a run, and the reason for it.
func (h *history) status(p *pass) (status, reason string) {
	switch {
	case !p.isClosed && (!h.newest(p) || time.Since(p.opened.StartedAt) > 48*time.Hour):
		return "failed", "the collector never closed this run"
	case !p.isClosed:
		return "running", ""
	case p.closed.Status == event.RunFailed:
		return "failed", p.closed.Reason
	case !p.whole():
		return "partial", "received counts differ from expected counts"
	case p.closed.Status == event.RunPartial:
		return "partial", "GetCredentialReport throttled (3)"
	}
	return "complete", ""
}

// newest reports whether no run of the account started after p.
func (h *history) newest(p *pass) bool {
	return !slices.ContainsFunc(h.runs, func(other *pass) bool {
		return other.opened.Account == p.opened.Account && startedAfter(other, p)
	})
}

func startedAfter(a, b *pass) bool {
	return cmp.Or(a.opened.StartedAt.Compare(b.opened.StartedAt), cmp.Compare(a.opened.Run, b.opened.Run)) > 0
}

func (h *history) runStatus() []string {
	var rows []string
	for _, p := range h.runs {
		status, reason := h.status(p)
		var counts []string
		for _, k := range []event.Kind{"access", "account", "credential", "group", "policy", "role", "user"} {
			if n := p.received()[k]; n > 0 && (p.isClosed || h.newest(p)) {
				counts = append(counts, fmt.Sprintf("'%s':%d", k, n))
			}
		}
		rows = append(rows, tuple(p.opened.Account, p.opened.Run, status, reason)+" {"+strings.Join(counts, ",")+"}")
	}
	return rows
}

// latest returns the latest complete run of each account that pick takes, in the
// order of the accounts.
func (h *history) latest(pick func(*pass) bool) []*pass {
	last := map[string]*pass{}
	for _, p := range h.runs {
		if status, _ := h.status(p); status != "complete" || !pick(p) {
			continue
		}
		l := last[p.opened.Account]
		if l == nil || cmp.Or(p.opened.ObservedAt.Compare(l.opened.ObservedAt), p.opened.StartedAt.Compare(l.opened.StartedAt), cmp.Compare(p.opened.Run, l.opened.Run)) > 0 {
			last[p.opened.Account] = p
		}
	}
	var all []*pass
	for _, p := range last {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b *pass) int { return cmp.Compare(a.opened.Account, b.opened.Account) })
	return all
}

func (h *history) current() []*pass { return h.latest(func(*pass) bool { return true }) }

// sealable counts the runs that have all that they expect, and expect something.
func (h *history) sealable() int {
	n := 0
	for _, p := range h.runs {
		if p.isClosed && p.whole() && len(p.received()) > 0 {
			n++
		}
	}
	return n
}

func latestRuns(runs []*pass) (rows []string) {
	for _, p := range runs {
		rows = append(rows, tuple(p.opened.Account, p.opened.Run, p.opened.ObservedAt))
	}
	return rows
}

func entities(runs []*pass) (rows []string) {
	for _, p := range runs {
		add := func(kind event.Kind, c event.Common, i event.Identity, e event.Enrichment, used time.Time, attachments int) {
			rows = append(rows, tuple(c.Account, kind, c.ID, e.Version, i.Name, level(e.AccessLevel), c.Run, c.ObservedAt, &used, attachments))
		}
		for _, u := range p.users {
			add(event.KindUser, u.Common, u.Identity, u.Enrichment, time.Time{}, 0)
		}
		for _, g := range p.groups {
			add(event.KindGroup, g.Common, g.Identity, g.Enrichment, time.Time{}, 0)
		}
		for _, r := range p.roles {
			add(event.KindRole, r.Common, r.Identity, r.Enrichment, r.LastUsedAt, 0)
		}
		for _, o := range p.policies {
			add(event.KindPolicy, o.Common, o.Identity, o.Enrichment, time.Time{}, o.AttachmentCount)
		}
	}
	return rows
}

func grants(runs []*pass) (rows []string) {
	for _, p := range runs {
		add := func(kind event.Kind, c event.Common, e event.Enrichment) {
			for _, g := range e.Grants {
				rows = append(rows, tuple(c.Account, kind, c.ID, e.Version, g.Service, g.Bound[0], c.Run))
			}
		}
		for _, u := range p.users {
			add(event.KindUser, u.Common, u.Enrichment)
		}
		for _, g := range p.groups {
			add(event.KindGroup, g.Common, g.Enrichment)
		}
		for _, r := range p.roles {
			add(event.KindRole, r.Common, r.Enrichment)
		}
		for _, o := range p.policies {
			add(event.KindPolicy, o.Common, o.Enrichment)
		}
	}
	return rows
}

// trustsOf knows the accounts that any run saw.
func (h *history) trustsOf(runs []*pass) (rows []string) {
	known := map[string]bool{}
	for _, p := range h.runs {
		for _, s := range p.seen() {
			known[s.common.Account] = known[s.common.Account] || s.kind == event.KindAccount
		}
	}
	for _, p := range runs {
		for _, r := range p.roles {
			for _, t := range r.Trusts {
				rows = append(rows, tuple(r.Account, r.ID, r.Version, t.Principal, known[t.Account], r.Run))
			}
		}
	}
	return rows
}

func credentialsOf(runs []*pass) (rows []string) {
	for _, p := range runs {
		for _, c := range p.credentials {
			rows = append(rows, tuple(c.Account, c.ID, c.User, c.MFAActive, c.Run))
		}
	}
	return rows
}

func accountsOf(runs []*pass) (rows []string) {
	for _, p := range runs {
		rows = append(rows, tuple(p.account.Account, p.account.Name, p.account.Run))
	}
	return rows
}

// accessed is what the reports of the current runs say. Values live from their
// first to their last report, in whatever run.
func (h *history) accessed() (rows []string) {
	type value struct {
		account, id, service, action string
		at                           time.Time
	}
	first, last := map[value]time.Time{}, map[value]time.Time{}
	values := func(p *pass) (all []value) {
		for _, s := range p.seen() {
			a, ok := s.value.(event.Access)
			if !ok {
				continue
			}
			for _, service := range a.Services {
				all = append(all, value{a.Account, a.ID, service.Service, "", service.LastAt})
				for _, action := range service.Actions {
					all = append(all, value{a.Account, a.ID, service.Service, action.Action, action.LastAt})
				}
			}
		}
		return all
	}
	for _, p := range h.runs {
		at := p.opened.ObservedAt
		for _, v := range values(p) {
			if f, ok := first[v]; !ok || at.Before(f) {
				first[v] = at
			}
			if at.After(last[v]) {
				last[v] = at
			}
		}
	}
	for _, p := range h.current() {
		now := p.opened.ObservedAt
		for v := range first {
			if v.account != p.opened.Account || first[v].After(now) || last[v].Before(now) {
				continue
			}
			later := false
			for other := range first {
				same := other.account == v.account && other.id == v.id && other.service == v.service && other.action == v.action
				after := cmp.Or(first[other].Compare(first[v]), other.at.Compare(v.at)) > 0
				later = later || same && after && !first[other].After(now) && !last[other].Before(now)
			}
			if !later {
				rows = append(rows, tuple(v.account, event.KindRole, v.id, v.service, v.action, &v.at, first[v], last[v]))
			}
		}
	}
	return rows
}

// tally is what account_daily says of one run.
func tallyOf(p *pass) []int {
	levels := []string{"None", "List", "Read", "Tagging", "Write", "Permissions management"}
	tags := []string{"admin", "privilege-escalation", "credentials", "data", "public-or-cross-account-trust"}
	n := make([]int, 21)
	n[0], n[1], n[2] = len(p.users), len(p.groups), len(p.roles)
	principal := func(e event.Enrichment) {
		n[5]++
		n[6+slices.Index(levels, level(e.AccessLevel))]++
		for _, tag := range e.RiskTags {
			n[12+slices.Index(tags, tag)]++
		}
	}
	for _, u := range p.users {
		principal(u.Enrichment)
	}
	for _, r := range p.roles {
		principal(r.Enrichment)
		used := r.LastUsedAt
		if used.IsZero() {
			used = r.CreatedAt
		}
		if !used.IsZero() && used.Before(p.opened.ObservedAt.AddDate(0, 0, -90)) {
			n[17]++
		}
	}
	for _, o := range p.policies {
		if o.Owner == event.OwnerCustomer {
			n[3]++
		} else {
			n[4]++
		}
	}
	for _, c := range p.credentials {
		if !c.MFAActive && c.ID != event.RootID {
			n[18]++
		}
		if !c.MFAActive && c.ID == event.RootID {
			n[19]++
		}
		for _, k := range c.AccessKeys {
			if k.Active {
				n[20]++
			}
		}
	}
	return n
}

func (h *history) days() []string {
	var all []string
	for _, p := range h.runs {
		all = append(all, day(p.opened.ObservedAt))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (h *history) accountDaily() (rows []string) {
	for _, d := range h.days() {
		for _, p := range h.latest(func(p *pass) bool { return day(p.opened.ObservedAt) == d }) {
			values := []any{p.opened.Account, d, p.opened.Run}
			for _, n := range tallyOf(p) {
				values = append(values, n)
			}
			rows = append(rows, tuple(values...))
		}
	}
	return rows
}

func (h *history) organizationDaily() (rows []string) {
	for _, d := range h.days() {
		with := map[string]bool{}
		for _, p := range h.runs {
			if day(p.opened.ObservedAt) == d {
				with[p.opened.Account] = true
			}
		}
		sum := make([]int, 21)
		complete := h.latest(func(p *pass) bool { return day(p.opened.ObservedAt) == d })
		for _, p := range complete {
			for i, n := range tallyOf(p) {
				sum[i] += n
			}
		}
		values := []any{d, len(complete), len(with) - len(complete)}
		for _, n := range sum {
			values = append(values, n)
		}
		rows = append(rows, tuple(values...))
	}
	return rows
}
