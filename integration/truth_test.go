package integration

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/catalog/risk"
	"github.com/leastwise/leastwise/internal/awssim/world"
	"github.com/leastwise/leastwise/schemas/event"
)

// truth has the risk rules judge the organization's true state, without events,
// streams, buckets or any code of the stages: what the warehouse should say of it.
type truth struct {
	t        testing.TB
	rules    *risk.Rules
	analyses map[string]analysed
	own      map[string]bool
	// surfaces are those of each account by day.
	surfaces map[string]map[time.Time]risk.Surface
}

// analysed is a document: its hash, what it allows, and itself if it says who may do
// something.
type analysed struct {
	hash     string
	analysis *policy.Analysis
	trust    *policy.Document
}

func newTruth(t testing.TB, w *world.World) *truth {
	t.Helper()
	c, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	rules, err := risk.Load(c)
	if err != nil {
		t.Fatal(err)
	}
	x := &truth{t: t, rules: rules, analyses: map[string]analysed{}, own: map[string]bool{}, surfaces: map[string]map[time.Time]risk.Surface{}}
	for a := range w.Accounts(0) {
		x.own[a.ID()] = true
	}
	return x
}

// judge judges an account on a day. Days have to be judged in their order: ways into
// other accounts are those of the day before.
func (x *truth) judge(d world.Day, at time.Time) (all []risk.Judgement) {
	x.t.Helper()
	id := d.Account().ID()
	options := risk.DefaultOptions()
	options.At, options.Accounts = at, x.own
	info := risk.AccountInfo{ID: id, Partition: "aws", Name: d.Account().Name(), Summary: map[string]int64{}, Surfaces: map[string]risk.Surface{}}
	for c := range d.Credentials() {
		if c.Root {
			info.Summary["AccountPasswordPresent"] = 1
			info.Summary["AccountMFAEnabled"], info.Summary["AccountAccessKeysPresent"] = one01(c.MFA), one01(c.Keys[0].Active)
		}
	}
	for other, days := range x.surfaces {
		if s, ok := days[at.AddDate(0, 0, -1)]; ok && other != id {
			info.Surfaces[other] = s
		}
	}
	b := &bearer{truth: x, day: d, account: risk.NewEngine(x.rules, options).NewAccount(info), managed: map[string]analysed{}, groups: map[string][]policy.Attachment{}}
	b.all()
	for j := range b.account.Judge() {
		all = append(all, j)
		if j.Surface != nil {
			if x.surfaces[id] == nil {
				x.surfaces[id] = map[time.Time]risk.Surface{}
			}
			x.surfaces[id][at] = *j.Surface
		}
	}
	return all
}

func one01(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// document analyses a document once.
func (x *truth) document(raw json.RawMessage) analysed {
	x.t.Helper()
	text := string(event.NormalizeDocument(raw))
	if a, ok := x.analyses[text]; ok {
		return a
	}
	doc, err := policy.ParseDocument([]byte(text))
	if err != nil {
		x.t.Fatal(err)
	}
	a := analysed{hash: event.HashDocument([]byte(text)), analysis: policy.Analyze(x.rules.Catalog(), doc), trust: doc}
	x.analyses[text] = a
	return a
}

// bearer brings what an account is on a day to the rules.
type bearer struct {
	*truth
	day      world.Day
	account  *risk.Account
	managed  map[string]analysed // default versions, by ARN
	groups   map[string][]policy.Attachment
	controls [][]policy.Attachment
	ids      map[string]string // of users, by ARN
}

func (b *bearer) all() {
	b.ids = map[string]string{}
	for p := range b.day.Policies() {
		b.policy(p, false)
	}
	for p := range b.day.AWSPolicies() {
		b.policy(p, true)
	}
	for _, level := range b.day.Controls() {
		var attachments []policy.Attachment
		for _, c := range level {
			a := b.document(c.Document)
			attachments = append(attachments, policy.Attachment{Analysis: a.analysis, Document: a.hash, Source: "managed", Name: c.Name, ARN: c.ARN})
		}
		b.controls = append(b.controls, inOrder(attachments))
	}
	for g := range b.day.Groups() {
		b.group(g)
	}
	for u := range b.day.Users() {
		b.user(u)
	}
	for r := range b.day.Roles() {
		b.role(r)
	}
	for c := range b.day.Credentials() {
		b.credential(c)
	}
}

func (b *bearer) entity(kind, id, name, path, arn string) risk.Entity {
	return risk.Entity{Account: b.day.Account().ID(), Kind: kind, ID: id, Name: name, Path: path, ARN: arn}
}

func (b *bearer) policy(p world.Policy, aws bool) {
	m := risk.ManagedPolicy{
		Entity: b.entity("policy", p.ID, p.Name, p.Path, p.ARN), AWS: aws, CreatedAt: p.Created, UpdatedAt: p.Updated,
		Attachments: p.Attachments, Boundaries: p.BoundaryUses,
	}
	for _, v := range p.Versions {
		a := b.document(v.Document)
		switch {
		case v.Default:
			m.Analysis, m.Document = a.analysis, a.hash
			b.managed[p.ARN] = a
		case !aws || p.Attachments > 0: // see view.policy
			m.Versions = append(m.Versions, risk.PolicyVersion{ID: v.ID, Analysis: a.analysis, Document: a.hash})
		}
	}
	b.account.AddPolicy(m)
	if !aws {
		b.access(p.ID, p.ARN)
	}
}

func (b *bearer) carried(attached []world.AttachedPolicy, inline []world.InlinePolicy) (out []policy.Attachment) {
	for _, p := range attached {
		a := b.managed[p.ARN]
		out = append(out, policy.Attachment{Analysis: a.analysis, Document: a.hash, Source: "managed", Name: p.Name, ARN: p.ARN})
	}
	for _, p := range inline {
		a := b.document(p.Document)
		out = append(out, policy.Attachment{Analysis: a.analysis, Document: a.hash, Source: "inline", Name: p.Name})
	}
	return inOrder(out)
}

// inOrder puts policies into an order of our own: IAM's means nothing.
func inOrder(list []policy.Attachment) []policy.Attachment {
	slices.SortFunc(list, func(a, b policy.Attachment) int {
		return strings.Compare(a.Source+" "+a.ARN+" "+a.Name, b.Source+" "+b.ARN+" "+b.Name)
	})
	return list
}

func (b *bearer) boundary(arn string) *policy.Attachment {
	if arn == "" {
		return nil
	}
	a := b.managed[arn]
	return &policy.Attachment{Analysis: a.analysis, Document: a.hash, Source: "managed", Name: arn[strings.LastIndexByte(arn, '/')+1:], ARN: arn}
}

func (b *bearer) group(g world.Group) {
	b.groups[g.Name] = b.carried(g.Attached, g.Inline)
	b.account.AddGroup(risk.Group{Entity: b.entity("group", g.ID, g.Name, g.Path, g.ARN), CreatedAt: g.Created, Attachments: b.groups[g.Name]})
	b.access(g.ID, g.ARN)
}

func (b *bearer) user(u world.User) {
	b.ids[u.ARN] = u.ID
	groups := slices.Sorted(slices.Values(u.Groups))
	p := risk.Principal{Entity: b.entity("user", u.ID, u.Name, u.Path, u.ARN), CreatedAt: u.Created, Groups: groups}
	p.Policies = policy.Policies{Principal: u.ARN, Attachments: b.carried(u.Attached, u.Inline), Boundary: b.boundary(u.Boundary), Controls: b.controls}
	for _, name := range groups {
		for _, a := range b.groups[name] {
			a.Group = name
			p.Policies.Attachments = append(p.Policies.Attachments, a)
		}
	}
	b.account.AddPrincipal(p)
	b.access(u.ID, u.ARN)
}

func (b *bearer) role(r world.Role) {
	trust := b.document(r.Trust)
	p := risk.Principal{
		Entity: b.entity("role", r.ID, r.Name, r.Path, r.ARN), CreatedAt: r.Created, LastUsedAt: r.LastUsed, Trust: trust.trust, TrustHash: trust.hash,
		Policies: policy.Policies{Principal: r.ARN, Attachments: b.carried(r.Attached, r.Inline), Boundary: b.boundary(r.Boundary)},
	}
	if !strings.HasPrefix(r.Path, "/aws-service-role/") {
		p.Policies.Controls = b.controls
	}
	if r.Profile != nil {
		p.InstanceProfiles = []string{r.Profile.ARN}
	}
	b.account.AddPrincipal(p)
	b.access(r.ID, r.ARN)
}

func (b *bearer) access(id, arn string) {
	services, ok := b.day.Access(arn)
	if !ok {
		b.t.Fatalf("the organization knows no %s", arn)
	}
	report := risk.Access{ID: id, OK: true}
	for _, s := range services {
		report.Services = append(report.Services, risk.ServiceAccess{Service: s.Namespace, LastAt: s.Last})
	}
	b.account.AddAccess(report)
}

func (b *bearer) credential(c world.Credential) {
	row := risk.Credential{
		ID: b.ids[c.ARN], Name: c.User, ARN: c.ARN, CreatedAt: c.Created, PasswordEnabled: c.Password.Enabled && !c.Root,
		PasswordLastUsedAt: c.Password.LastUsed, PasswordChangedAt: c.Password.Changed, MFA: c.MFA,
	}
	if c.Root {
		row.ID = risk.RootID
	}
	for i, k := range c.Keys {
		if k.Exists {
			row.Keys = append(row.Keys, risk.AccessKey{Slot: i + 1, Active: k.Active, RotatedAt: k.Rotated, LastUsedAt: k.LastUsed})
		}
	}
	b.account.AddCredential(row)
}

// judged are the judgements of accounts on days.
type judged struct {
	account string
	at      time.Time
	all     []risk.Judgement
}

// judge judges every account on every day.
func (r *rig) judge(days []time.Time) (all []judged) {
	r.t.Helper()
	x := newTruth(r.t, r.org.World())
	for _, at := range days {
		for a := range r.org.World().Accounts(0) {
			if !a.Suspended() {
				all = append(all, judged{a.ID(), at, x.judge(a.Day(at), at)})
			}
		}
	}
	return slices.Clip(all)
}
