package world_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/catalog/risk"
	"github.com/leastwise/leastwise/internal/awssim/world"
)

// judge judges accounts of a world by the risk rules, straight from the world.
type judge struct {
	t       testing.TB
	catalog *catalog.Catalog
	engine  *risk.Engine
	parsed  map[string]*policy.Document
	known   map[string]*policy.Analysis
}

// newJudge returns a judge of paths, and of what the options say.
func newJudge(t testing.TB, options ...func(*risk.Options)) *judge {
	t.Helper()
	c, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	rules, err := risk.Load(c)
	if err != nil {
		t.Fatal(err)
	}
	// Findings, which are the larger part of the work, change nothing about paths.
	const everything = "exclude:\n  - {users: ['*'], roles: ['*'], groups: ['*'], policies: ['*']}\n"
	o := risk.DefaultOptions()
	o.At = start().AddDate(5, 0, 0)
	if o.Exclusions, err = risk.ReadExclusions(rules, "everything", strings.NewReader(everything)); err != nil {
		t.Fatal(err)
	}
	for _, change := range options {
		change(&o)
	}
	return &judge{t: t, catalog: c, engine: risk.NewEngine(rules, o), parsed: map[string]*policy.Document{}, known: map[string]*policy.Analysis{}}
}

// read returns a document, its analysis and its name.
func (j *judge) read(raw json.RawMessage) (*policy.Document, *policy.Analysis, string) {
	j.t.Helper()
	sum := sha256.Sum256(raw)
	hash := hex.EncodeToString(sum[:])
	if j.parsed[hash] == nil {
		doc, err := policy.ParseDocument(raw)
		if err != nil {
			j.t.Fatalf("%v: %s", err, raw)
		}
		j.parsed[hash], j.known[hash] = doc, policy.Analyze(j.catalog, doc)
	}
	return j.parsed[hash], j.known[hash], hash
}

// view is what a judge sees of an account on a day.
type view struct {
	*judge
	day      world.Day
	managed  map[string]policy.Attachment // by ARN
	groups   map[string][]policy.Attachment
	controls [][]policy.Attachment
	account  *risk.Account
}

// judgeDay returns the judgements of an account on a day, which knows the
// surfaces of others.
func (j *judge) judgeDay(d world.Day, surfaces map[string]risk.Surface) []risk.Judgement {
	j.t.Helper()
	a := d.Account()
	v := &view{
		judge: j, day: d, managed: map[string]policy.Attachment{}, groups: map[string][]policy.Attachment{},
		account: j.engine.NewAccount(risk.AccountInfo{ID: a.ID(), Partition: "aws", Name: a.Name(), Surfaces: surfaces}),
	}
	for _, level := range d.Controls() {
		var list []policy.Attachment
		for _, c := range level {
			list = append(list, v.attachment("managed", c.Name, c.ARN, c.Document))
		}
		v.controls = append(v.controls, list)
	}
	v.policies()
	v.principals()
	for c := range d.Credentials() {
		v.credential(c)
	}
	var all []risk.Judgement
	for judgement := range v.account.Judge() {
		all = append(all, judgement)
	}
	return all
}

func (v *view) attachment(source, name, arn string, raw json.RawMessage) policy.Attachment {
	v.t.Helper()
	_, analysis, hash := v.read(raw)
	return policy.Attachment{Analysis: analysis, Document: hash, Source: source, Name: name, ARN: arn}
}

func (v *view) entity(kind, id, name, path, arn string) risk.Entity {
	return risk.Entity{Account: v.day.Account().ID(), Kind: kind, ID: id, Name: name, Path: path, ARN: arn}
}

func (v *view) policies() {
	v.t.Helper()
	add := func(p world.Policy, aws bool) {
		m := risk.ManagedPolicy{
			Entity: v.entity("policy", p.ID, p.Name, p.Path, p.ARN), AWS: aws, CreatedAt: p.Created, UpdatedAt: p.Updated,
			Attachments: p.Attachments, Boundaries: p.BoundaryUses,
		}
		for _, version := range p.Versions {
			a := v.attachment("managed", p.Name, p.ARN, version.Document)
			if version.Default {
				m.Analysis, m.Document = a.Analysis, a.Document
				v.managed[p.ARN] = a
			} else {
				m.Versions = append(m.Versions, risk.PolicyVersion{ID: version.ID, Analysis: a.Analysis, Document: a.Document})
			}
		}
		v.account.AddPolicy(m)
	}
	for p := range v.day.Policies() {
		add(p, false)
	}
	for p := range v.day.AWSPolicies() {
		add(p, true)
	}
}

func (v *view) attachments(attached []world.AttachedPolicy, inline []world.InlinePolicy) []policy.Attachment {
	v.t.Helper()
	var all []policy.Attachment
	for _, a := range attached {
		all = append(all, v.managed[a.ARN])
	}
	for _, p := range inline {
		all = append(all, v.attachment("inline", p.Name, "", p.Document))
	}
	return all
}

func (v *view) boundary(arn string) *policy.Attachment {
	if arn == "" {
		return nil
	}
	b := v.managed[arn]
	return &b
}

func (v *view) principals() {
	v.t.Helper()
	for g := range v.day.Groups() {
		v.groups[g.Name] = v.attachments(g.Attached, g.Inline)
		v.account.AddGroup(risk.Group{Entity: v.entity("group", g.ID, g.Name, g.Path, g.ARN), CreatedAt: g.Created, Attachments: v.groups[g.Name]})
	}
	for u := range v.day.Users() {
		p := risk.Principal{Entity: v.entity("user", u.ID, u.Name, u.Path, u.ARN), CreatedAt: u.Created, Groups: u.Groups}
		p.Policies = policy.Policies{Principal: u.ARN, Attachments: v.attachments(u.Attached, u.Inline), Boundary: v.boundary(u.Boundary), Controls: v.controls}
		for _, name := range u.Groups {
			for _, a := range v.groups[name] {
				a.Group = name
				p.Policies.Attachments = append(p.Policies.Attachments, a)
			}
		}
		v.account.AddPrincipal(p)
	}
	for r := range v.day.Roles() {
		p := risk.Principal{Entity: v.entity("role", r.ID, r.Name, r.Path, r.ARN), CreatedAt: r.Created, LastUsedAt: r.LastUsed}
		p.Policies = policy.Policies{Principal: r.ARN, Attachments: v.attachments(r.Attached, r.Inline), Boundary: v.boundary(r.Boundary), Controls: v.controls}
		if p.Entity.ServiceLinked() {
			p.Policies.Controls = nil
		}
		p.Trust, _, p.TrustHash = v.read(r.Trust)
		if r.Profile != nil {
			p.InstanceProfiles = []string{r.Profile.ARN}
		}
		v.account.AddPrincipal(p)
	}
}

func (v *view) credential(c world.Credential) {
	row := risk.Credential{
		ID: risk.RootID, Name: c.User, ARN: c.ARN, CreatedAt: c.Created, MFA: c.MFA,
		PasswordEnabled: c.Password.Enabled && !c.Root, PasswordLastUsedAt: c.Password.LastUsed, PasswordChangedAt: c.Password.Changed,
	}
	if ref, found := v.day.Find(c.ARN); found {
		u, _ := v.day.User(ref.Slot)
		row.ID = u.ID
	}
	for i, k := range c.Keys {
		if k.Exists {
			row.Keys = append(row.Keys, risk.AccessKey{Slot: i + 1, Active: k.Active, RotatedAt: k.Rotated, LastUsedAt: k.LastUsed})
		}
	}
	v.account.AddCredential(row)
}
