package clickhouse

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/leastwise/leastwise/schemas/event"
)

// history is a made-up past of some accounts: runs that ended in every way, each
// with what it saw. fold_test.go says what the views must make of it.
type history struct {
	runs []*pass
}

// pass is a run: what it saw and what became of it.
type pass struct {
	opened, closed event.Run
	isClosed       bool
	account        event.Account
	users          []event.EnrichedUser
	groups         []event.EnrichedGroup
	roles          []event.EnrichedRole
	policies       []event.EnrichedPolicy
	credentials    []event.Credential
	accesses       []event.Access
	// judged are the judgements that arrive.
	judged []event.Judgement
	// lost is the number of its last events that never arrive.
	lost int
}

// newHistory draws runs of accounts over days; the same seed draws the same, but for
// when they started: as long before now. None is about to be two days old.
func newHistory(seed uint64, accounts, days int) *history {
	r := rand.New(rand.NewPCG(seed, 1))
	now := time.Now().UTC().Truncate(time.Second)
	h := &history{}
	for a := range accounts {
		id := fmt.Sprintf("%012d", 100000000000+a)
		for day := 1; day <= days; day++ {
			for attempt := range 1 + r.IntN(3) {
				// An attempt may be for the same time as the one before it.
				at := on(day, "02:00:00").Add(time.Duration(attempt/2) * time.Hour)
				// An old export may be imported after newer runs.
				start := now.Add(-30*time.Minute - time.Duration(r.IntN(24*days))*time.Hour)
				h.runs = append(h.runs, newPass(r, id, day, attempt, at, start))
			}
		}
	}
	return h
}

func newPass(r *rand.Rand, account string, day, attempt int, at, start time.Time) *pass {
	run := event.NewJob(account, at).RunID(uint64(attempt+1), "")
	p := &pass{}
	common := func(id string) event.Common {
		return event.Common{Run: run, Account: account, ID: id, ObservedAt: at}
	}
	p.opened = event.Run{Common: common(run), Phase: event.PhaseOpened, Status: event.RunRunning, StartedAt: start, Source: event.SourceAWS}
	p.draw(r, day, common)
	p.closed = p.opened
	p.closed.Phase, p.closed.Status, p.closed.EndedAt = event.PhaseClosed, event.RunComplete, start.Add(time.Minute)
	p.closed.Expected = map[event.Kind]int64{
		event.KindAccount: 1, event.KindUser: int64(len(p.users)), event.KindGroup: int64(len(p.groups)), event.KindRole: int64(len(p.roles)),
		event.KindPolicy: int64(len(p.policies)), event.KindCredential: int64(len(p.credentials)), event.KindAccess: int64(len(p.accesses)),
	}
	p.isClosed = true
	p.judge(r, day, common)
	switch r.IntN(8) {
	case 0:
		p.isClosed = false
	case 1:
		p.lost = 1 + r.IntN(3)
	case 2:
		p.closed.Status = event.RunPartial
		p.closed.Problems = []event.Problem{{Part: "GetCredentialReport", State: event.StateThrottled, Reason: "slow down", Count: 3}}
	case 3:
		p.closed.Status, p.closed.Reason = event.RunFailed, "the role is gone"
	case 4: // failed before it saw anything
		*p = pass{opened: p.opened, closed: p.closed, isClosed: true}
		p.closed.Status, p.closed.Reason, p.closed.Expected = event.RunFailed, "access denied", nil
	}
	return p
}

// draw fills a pass with entities that come and go and change.
func (p *pass) draw(r *rand.Rand, day int, common func(string) event.Common) {
	levels := []string{"", "List", "Read", "Tagging", "Write", "Permissions management"}
	tags := []string{"admin", "credentials", "data", "privilege-escalation", "public-or-cross-account-trust"}
	enrichment := func(id string) event.Enrichment {
		version := r.IntN(3)
		e := event.Enrichment{
			Version: fmt.Sprintf("%016x", 100*int(id[len(id)-1])+version), Catalog: "0.21", CatalogDate: on(1, "00:00:00"),
			AccessLevel: levels[(int(id[len(id)-1])+version)%len(levels)],
		}
		for i := range version {
			e.RiskTags = append(e.RiskTags, tags[(int(id[len(id)-1])+i)%len(tags)])
			e.Grants = append(e.Grants, event.Grant{Service: fmt.Sprintf("svc%d", i), Bound: [5]uint16{uint16(version)}})
		}
		return e
	}
	identity := func(id string) event.Identity {
		i := event.Identity{Name: "name-" + id, Path: "/", ARN: "arn:aws:iam::x:" + id}
		if id[len(id)-1]%2 == 0 {
			i.CreatedAt = on(1, "00:00:00").AddDate(0, 0, -100)
		}
		return i
	}
	p.account = event.Account{Common: common(p.opened.Account), Partition: "aws", Name: fmt.Sprint("day ", day)}
	p.credentials = append(p.credentials, event.Credential{Common: common(event.RootID), User: "<root_account>", ARN: "arn:aws:iam::x:root", MFAActive: r.IntN(2) == 0})
	for n := range 6 {
		if r.IntN(3) == 0 {
			continue
		}
		id := fmt.Sprint("AIDA", n)
		p.users = append(p.users, event.EnrichedUser{User: event.User{Common: common(id), Identity: identity(id)}, Enrichment: enrichment(id)})
		p.credentials = append(p.credentials, event.Credential{
			Common: common(id), User: "name-" + id, ARN: "arn:aws:iam::x:" + id, PasswordEnabled: r.IntN(2) == 0, MFAActive: r.IntN(2) == 0,
			AccessKeys: []event.AccessKey{{Slot: 1, Active: r.IntN(2) == 0}, {Slot: 2, Active: r.IntN(4) == 0}},
		})
	}
	for n := range 3 {
		id := fmt.Sprint("AGPA", n)
		p.groups = append(p.groups, event.EnrichedGroup{Group: event.Group{Common: common(id), Identity: identity(id)}, Enrichment: enrichment(id)})
	}
	for n := range 8 {
		if r.IntN(3) == 0 {
			continue
		}
		id := fmt.Sprint("AROA", n)
		role := event.EnrichedRole{Role: event.Role{Common: common(id), Identity: identity(id)}, Enrichment: enrichment(id)}
		if r.IntN(3) > 0 {
			role.LastUsedAt = on(day, "00:00:00").AddDate(0, 0, -r.IntN(180))
		}
		// Two accounts that may be of the history, one that is not, none at all.
		trusted := []string{"100000000000", "100000000001", "999999999999", ""}[int(id[len(id)-1])%4]
		role.Trusts = []event.Trust{{Effect: "Allow", Kind: "AWS", Principal: role.Version, Account: trusted}}
		p.roles = append(p.roles, role)
		p.accesses = append(p.accesses, drawAccess(r, day, common(id)))
	}
	for n := range 4 {
		id := fmt.Sprint("ANPA", n)
		owner := []string{event.OwnerAWS, event.OwnerCustomer}[n%2]
		p.policies = append(p.policies, event.EnrichedPolicy{Policy: event.Policy{Common: common(id), Identity: identity(id), Owner: owner, AttachmentCount: r.IntN(5)}, Enrichment: enrichment(id)})
	}
}

// drawAccess draws a report whose values go forward, and sometimes back to never,
// as they do when an access falls out of IAM's tracking period.
func drawAccess(r *rand.Rand, day int, c event.Common) event.Access {
	a := event.Access{Common: c, Entity: event.KindRole, ARN: "arn:aws:iam::x:" + c.ID, State: event.StateOK, Granularity: event.GranularityAction}
	for n := range 3 {
		s := event.ServiceAccess{Service: fmt.Sprint("svc", n)}
		if r.IntN(4) > 0 {
			s.LastAt = on(1+(day-1)/2, "00:00:00")
			s.Actions = []event.ActionAccess{{Action: "Do", LastAt: s.LastAt}}
		}
		if r.IntN(4) > 0 {
			a.Services = append(a.Services, s)
		}
	}
	return a
}

// messages returns what the pass publishes: what it saw, less what gets lost, and
// the events that open and close it.
func (p *pass) messages(t testing.TB) []*nats.Msg {
	t.Helper()
	add := func(msgs []*nats.Msg, kind event.Kind, c event.Common, v any) []*nats.Msg {
		return append(msgs, message(t, kind, c.Account, c.ID, v))
	}
	var msgs []*nats.Msg
	for _, e := range p.seen() {
		msgs = add(msgs, e.kind, e.common, e.value)
	}
	for _, j := range p.judged {
		msgs = add(msgs, event.KindJudgement, j.Common, j)
	}
	msgs = add(msgs, event.KindRun, p.opened.Common, p.opened)
	if p.isClosed {
		msgs = add(msgs, event.KindRun, p.closed.Common, p.closed)
	}
	return msgs
}

// sight is one thing that a pass saw.
type sight struct {
	kind   event.Kind
	common event.Common
	value  any
}

// seen is what arrives of a pass.
func (p *pass) seen() []sight {
	var all []sight
	for _, v := range p.users {
		all = append(all, sight{event.KindUser, v.Common, v})
	}
	for _, v := range p.groups {
		all = append(all, sight{event.KindGroup, v.Common, v})
	}
	for _, v := range p.roles {
		all = append(all, sight{event.KindRole, v.Common, v})
	}
	for _, v := range p.policies {
		all = append(all, sight{event.KindPolicy, v.Common, v})
	}
	for _, v := range p.credentials {
		all = append(all, sight{event.KindCredential, v.Common, v})
	}
	for _, v := range p.accesses {
		all = append(all, sight{event.KindAccess, v.Common, v})
	}
	if p.account.Account != "" {
		all = append(all, sight{event.KindAccount, p.account.Common, p.account})
	}
	return all[:len(all)-min(p.lost, len(all))]
}

// received counts what arrived of a pass, by kind.
func (p *pass) received() map[event.Kind]int64 {
	n := map[event.Kind]int64{}
	for _, s := range p.seen() {
		n[s.kind]++
	}
	return n
}

// whole reports whether all that was expected arrived.
func (p *pass) whole() bool {
	expected := maps.Clone(p.closed.Expected)
	maps.DeleteFunc(expected, func(_ event.Kind, n int64) bool { return n == 0 })
	return maps.Equal(expected, p.received())
}

// messages returns everything that the history publishes, most of it twice, in an
// order that means nothing.
func (h *history) messages(t testing.TB, seed uint64) []*nats.Msg {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 2))
	var all []*nats.Msg
	for _, p := range h.runs {
		all = slices.Concat(all, p.messages(t))
	}
	for _, m := range all[:len(all):len(all)] {
		if r.IntN(3) > 0 {
			again := nats.NewMsg(m.Subject)
			again.Data, again.Header = m.Data, maps.Clone(m.Header)
			again.Header.Set(nats.MsgIdHdr, nats.NewInbox())
			all = append(all, again)
		}
	}
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}
