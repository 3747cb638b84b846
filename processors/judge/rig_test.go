package judge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/catalog/risk"
	"github.com/leastwise/leastwise/internal/bus"
	"github.com/leastwise/leastwise/internal/engine/enginetest"
	"github.com/leastwise/leastwise/schemas/event"
	"github.com/leastwise/leastwise/schemas/stream"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

const (
	shop = "111122223333"
	bank = "444455556666"
)

// on is six in the morning of a day of March 2026.
func on(day int) time.Time { return time.Date(2026, 3, day, 6, 0, 0, 0, time.UTC) }

func testRules(t testing.TB) *risk.Rules {
	t.Helper()
	c, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	rules, err := risk.Load(c)
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

// library is documents by hash.
type library struct {
	catalog  *catalog.Catalog
	contents map[string]string
}

func newLibrary(t testing.TB) *library {
	t.Helper()
	c, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	return &library{catalog: c, contents: map[string]string{}}
}

// add puts a document into the library and returns its hash.
func (l *library) add(content string) string {
	hash := event.HashDocument([]byte(content))
	l.contents[hash] = content
	return hash
}

// Document implements Documents.
func (l *library) Document(_ context.Context, hash string) (*policy.Analysis, *policy.Document, error) {
	content, ok := l.contents[hash]
	if !ok {
		return nil, nil, nil
	}
	doc, err := policy.ParseDocument([]byte(content))
	return policy.Analyze(l.catalog, doc), doc, err
}

// allow is a document that allows actions on a resource.
func allow(resource string, actions ...string) string {
	list, err := json.Marshal(actions)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":%s,"Resource":%q}]}`, list, resource)
}

// trusting is a trust policy that lets a principal in.
func trusting(kind, principal string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{%q:%q},"Action":"sts:AssumeRole"}]}`, kind, principal)
}

// pass is the events of a run.
type pass struct {
	*library
	run    event.Common
	events []sight
	closed event.Run
}

// sight is an event and its kind.
type sight struct {
	kind event.Kind
	id   string
	v    any
}

// newPass returns a run of an account on a day that has seen the account itself.
func (l *library) newPass(account string, day, attempt int) *pass {
	id := event.NewJob(account, on(day)).RunID(uint64(attempt), "")
	p := &pass{library: l, run: event.Common{Run: id, Account: account, ID: id, ObservedAt: on(day)}}
	p.closed = event.Run{
		Common: p.run, Phase: event.PhaseClosed, Status: event.RunComplete, StartedAt: on(day), EndedAt: on(day).Add(time.Minute),
		Source: event.SourceAWS, Expected: map[event.Kind]int64{},
	}
	p.see(event.KindAccount, account, event.Account{Common: p.common(account), Name: "shop", Partition: "aws"})
	return p
}

func (p *pass) common(id string) event.Common {
	c := p.run
	c.ID = id
	return c
}

func (p *pass) see(kind event.Kind, id string, v any) {
	p.events = append(p.events, sight{kind, id, v})
	p.closed.Expected[kind]++
}

func (p *pass) identity(kind, name string) event.Identity {
	return event.Identity{Name: name, Path: "/", ARN: "arn:aws:iam::" + p.run.Account + ":" + kind + "/" + name, CreatedAt: on(1).AddDate(-1, 0, 0)}
}

// inline is an inline policy with a content.
func (p *pass) inline(content string) []event.PolicyRef {
	return []event.PolicyRef{{Source: event.SourceInline, Name: "own", Document: p.add(content)}}
}

func (p *pass) role(name, trust string, policies ...string) *event.Role {
	r := &event.Role{Common: p.common("AROA" + name), Identity: p.identity("role", name)}
	if trust != "" {
		r.Trust = p.add(trust)
	}
	for _, content := range policies {
		r.Policies = append(r.Policies, p.inline(content)...)
	}
	p.see(event.KindRole, r.ID, r)
	return r
}

func (p *pass) user(name string, policies ...string) *event.User {
	u := &event.User{Common: p.common("AIDA" + name), Identity: p.identity("user", name)}
	for _, content := range policies {
		u.Policies = append(u.Policies, p.inline(content)...)
	}
	p.see(event.KindUser, u.ID, u)
	return u
}

// rig is a real server with every stream.
type rig struct {
	testing.TB
	*library
	js    jetstream.JetStream
	rules *risk.Rules
}

func newRig(t testing.TB) *rig {
	t.Helper()
	nc, err := nats.Connect(enginetest.NATS(t).ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	limits := stream.DefaultLimits()
	limits.RawBytes, limits.EnrichedBytes, limits.DeadBytes = 256<<20, 256<<20, 64<<20
	if err := bus.Migrate(t.Context(), js, limits); err != nil {
		t.Fatal(err)
	}
	return &rig{TB: t, library: newLibrary(t), js: js, rules: testRules(t)}
}

// raw publishes an event. What is published again is there again.
func (r *rig) raw(kind event.Kind, account, id string, v any) {
	r.Helper()
	payload, err := json.Marshal(v)
	if err != nil {
		r.Fatal(err)
	}
	if _, err := r.js.Publish(r.Context(), stream.RawSubject(kind, account, id), payload); err != nil {
		r.Fatal(err)
	}
}

// open publishes what opens a run.
func (r *rig) open(p *pass) {
	r.Helper()
	opened := p.closed
	opened.Phase, opened.Status, opened.EndedAt, opened.Expected = event.PhaseOpened, event.RunRunning, time.Time{}, nil
	r.raw(event.KindRun, p.run.Account, p.run.Run, opened)
}

func (r *rig) see(p *pass, sights ...sight) {
	r.Helper()
	for _, s := range sights {
		r.raw(s.kind, p.run.Account, s.id, s.v)
	}
}

func (r *rig) close(p *pass) {
	r.Helper()
	r.raw(event.KindRun, p.run.Account, p.run.Run, p.closed)
}

// collect publishes a run from its opening to its closing.
func (r *rig) collect(p *pass) {
	r.Helper()
	r.open(p)
	r.see(p, p.events...)
	r.close(p)
}

func (r *rig) judge(change func(*Dependencies, *Config)) *Judge {
	d := Dependencies{JetStream: r.js, Documents: r.library, Rules: r.rules, Metrics: prometheus.NewRegistry(), Log: zap.NewNop()}
	c := DefaultConfig()
	if change != nil {
		change(&d, &c)
	}
	return New(d, c)
}

// run has judges work until all of RAW is judged.
func (r *rig) run(judges ...*Judge) {
	r.Helper()
	ctx, stop := context.WithCancel(r.Context())
	done := make(chan error, len(judges))
	for _, j := range judges {
		go func() { done <- j.Run(ctx) }()
	}
	until := time.Now().Add(time.Minute)
	for !r.settled() {
		if time.Now().After(until) {
			r.Fatal("the judge did not get through")
		}
		time.Sleep(5 * time.Millisecond)
	}
	stop()
	for range judges {
		if err := <-done; err != nil {
			r.Error(err)
		}
	}
}

// settled reports whether every run event is acknowledged.
func (r *rig) settled() bool {
	c, err := r.js.Consumer(r.Context(), stream.Raw, Stage)
	if err != nil {
		return false
	}
	s, err := r.js.Stream(r.Context(), stream.Raw)
	if err != nil {
		r.Fatal(err)
	}
	last, err := s.GetLastMsgForSubject(r.Context(), Filter)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return true
	}
	if err != nil {
		r.Fatal(err)
	}
	return c.CachedInfo().AckFloor.Stream >= last.Sequence
}

// stored returns the judgements of ENRICHED in their order, without the time at
// which they were made.
func (r *rig) stored() (all []event.Judgement) {
	r.Helper()
	r.each(stream.Enriched, func(m *jetstream.RawStreamMsg) {
		var j event.Judgement
		if err := json.Unmarshal(m.Data, &j); err != nil {
			r.Fatal(err)
		}
		if err := j.Validate(); err != nil {
			r.Error(err)
		}
		j.JudgedAt = time.Time{}
		all = append(all, j)
	})
	return all
}

// letters returns why messages of RAW were given up on.
func (r *rig) letters() (reasons []string) {
	r.Helper()
	r.each(stream.Dead, func(m *jetstream.RawStreamMsg) { reasons = append(reasons, m.Header.Get(stream.HeaderDeadReason)) })
	return reasons
}

func (r *rig) each(name string, do func(*jetstream.RawStreamMsg)) {
	r.Helper()
	s, err := r.js.Stream(r.Context(), name)
	if err != nil {
		r.Fatal(err)
	}
	state := s.CachedInfo().State
	for seq := state.FirstSeq; seq <= state.LastSeq && seq > 0; seq++ {
		m, err := s.GetMsg(r.Context(), seq)
		if err != nil {
			r.Fatal(err)
		}
		do(m)
	}
}

// ids are what is judged, in order.
func ids(all []event.Judgement) (out []string) {
	for _, j := range all {
		out = append(out, j.ID)
	}
	return out
}

// of returns the only judgement of an entity.
func of(t testing.TB, all []event.Judgement, id string) event.Judgement {
	t.Helper()
	all = slices.DeleteFunc(slices.Clone(all), func(j event.Judgement) bool { return j.ID != id })
	if len(all) != 1 {
		t.Fatalf("there are %d judgements of %s, want 1", len(all), id)
	}
	return all[0]
}

// rulesOf are the rules that hold for an entity.
func rulesOf(j event.Judgement) (out []string) {
	for _, f := range j.Findings {
		out = append(out, f.Rule)
	}
	return out
}
