package risk_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/catalog/risk"
)

const accountID = "111122223333"

// today is when the tests of accounts judge.
func today() time.Time { return time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC) }

func daysAgo(n int) time.Time { return today().AddDate(0, 0, -n) }

// world is an account in the making. Entities are kept apart, so that a test can
// add them in any order.
type world struct {
	facts
	t           testing.TB
	info        risk.AccountInfo
	principals  []risk.Principal
	groups      []risk.Group
	policies    []risk.ManagedPolicy
	access      []risk.Access
	credentials []risk.Credential
}

func newWorld(t testing.TB) *world {
	t.Helper()
	f := load(t).options(func(o *risk.Options) { o.At = today() })
	return &world{facts: f, t: t, info: risk.AccountInfo{ID: accountID, Partition: "aws", Name: "test"}}
}

// arn returns the ARN of an entity of the account from "role/app".
func arn(entity string) string { return "arn:aws:iam::" + accountID + ":" + entity }

func entity(kind, name string) risk.Entity {
	path := "/"
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		path, name = "/"+name[:i+1], name[i+1:]
	}
	return risk.Entity{
		Account: accountID, Kind: kind, ID: strings.ToUpper(kind + "-" + name), Name: name, Path: path,
		ARN: arn(kind + path + name),
	}
}

// part changes a principal that is being made.
type part func(*world, *risk.Principal)

// role adds a role that was made and used lately.
func (w *world) role(name string, parts ...part) *world { return w.principal("role", name, parts) }

// user adds a user.
func (w *world) user(name string, parts ...part) *world { return w.principal("user", name, parts) }

func (w *world) principal(kind, name string, parts []part) *world {
	p := risk.Principal{Entity: entity(kind, name), CreatedAt: daysAgo(1), LastUsedAt: daysAgo(1)}
	p.Policies.Principal = p.Entity.ARN
	for _, change := range parts {
		change(w, &p)
	}
	w.principals = append(w.principals, p)
	return w
}

// can gives a principal an inline policy that allows actions on a resource.
func can(actions, resource string, more ...string) part {
	return grant(allow(actions, resource, more...))
}

func grant(statement string) part {
	return func(w *world, p *risk.Principal) {
		name := fmt.Sprintf("%s-%d", p.Entity.Name, len(p.Policies.Attachments))
		p.Policies.Attachments = append(p.Policies.Attachments, w.attachment(w.t, name, statement))
	}
}

func cannot(actions, resource string, more ...string) part {
	return grant(strings.Replace(allow(actions, resource, more...), `"Allow"`, `"Deny"`, 1))
}

// admin is what an administrator can.
func admin() part { return can("*", "*") }

// trusts adds a statement to a role's trust policy.
func trusts(principal string, more ...string) part {
	action := "sts:AssumeRole"
	if strings.Contains(principal, "Federated") {
		action = "sts:AssumeRoleWithWebIdentity"
	}
	return trustStatement(fmt.Sprintf(`{"Effect":"Allow","Principal":%s,"Action":%q%s}`, principal, action, strings.Join(more, "")))
}

func trustStatement(statement string) part {
	return func(w *world, p *risk.Principal) {
		if p.Trust == nil {
			p.Trust, p.TrustHash = &policy.Document{}, "sha-trust-"+p.Entity.Name
		}
		p.Trust.Statements = append(p.Trust.Statements, w.document(w.t, statement).Statements...)
	}
}

// byAccount trusts the account as a whole.
func byAccount(more ...string) part { return trusts(`{"AWS":"`+arn("root")+`"}`, more...) }

// byService trusts a service.
func byService(name string) part { return trusts(`{"Service":"` + name + `.amazonaws.com"}`) }

// by trusts an entity of the account.
func by(entity string, more ...string) part { return trusts(`{"AWS":"`+arn(entity)+`"}`, more...) }

func bounded(statement string) part {
	return func(w *world, p *risk.Principal) {
		a := w.attachment(w.t, "boundary", statement)
		a.Source = "managed"
		p.Policies.Boundary = &a
	}
}

// controlled puts a principal under a level of service control policies.
func controlled(statements ...string) part {
	return func(w *world, p *risk.Principal) {
		var level []policy.Attachment
		for i, s := range statements {
			level = append(level, w.attachment(w.t, fmt.Sprint("control", i), s))
		}
		p.Policies.Controls = append(p.Policies.Controls, level)
	}
}

// inProfile puts a role into an instance profile.
func inProfile() part {
	return func(_ *world, p *risk.Principal) {
		p.InstanceProfiles = []string{arn("instance-profile/" + p.Entity.Name)}
	}
}

// in makes a user a member of a group that was added before.
func in(group string) part {
	return func(w *world, p *risk.Principal) {
		p.Groups = append(p.Groups, group)
		for i := range w.groups {
			for _, a := range w.groups[i].Attachments {
				if w.groups[i].Entity.Name == group {
					a.Group = group
					p.Policies.Attachments = append(p.Policies.Attachments, a)
				}
			}
		}
	}
}

// carries attaches a managed policy that was added before.
func carries(name string) part {
	return func(w *world, p *risk.Principal) {
		p.Policies.Attachments = append(p.Policies.Attachments, w.attached(name))
	}
}

func (w *world) attached(name string) policy.Attachment {
	for i := range w.policies {
		if m := &w.policies[i]; m.Entity.Name == name {
			return policy.Attachment{Analysis: m.Analysis, Document: m.Document, Source: "managed", Name: name, ARN: m.Entity.ARN}
		}
	}
	w.t.Fatalf("there is no policy %s", name)
	return policy.Attachment{}
}

// group adds a group with an inline policy.
func (w *world) group(name, statement string) *world {
	w.groups = append(w.groups, risk.Group{
		Entity: entity("group", name), CreatedAt: daysAgo(1), Attachments: []policy.Attachment{w.attachment(w.t, "group-"+name, statement)},
	})
	return w
}

// policy adds a managed policy of the account, with other versions.
func (w *world) policy(name, statement string, versions ...string) *world {
	a := w.attachment(w.t, name, statement)
	p := risk.ManagedPolicy{Entity: entity("policy", name), Analysis: a.Analysis, Document: a.Document, CreatedAt: daysAgo(1), Attachments: 1}
	for i, v := range versions {
		a := w.attachment(w.t, fmt.Sprintf("%s-v%d", name, i+1), v)
		p.Versions = append(p.Versions, risk.PolicyVersion{ID: fmt.Sprintf("v%d", i+1), Analysis: a.Analysis, Document: a.Document})
	}
	w.policies = append(w.policies, p)
	return w
}

// judge returns the judgements by kind and name.
func (w *world) judge() map[string]risk.Judgement {
	a := w.engine.NewAccount(w.info)
	for _, p := range w.principals {
		a.AddPrincipal(p)
	}
	for _, g := range w.groups {
		a.AddGroup(g)
	}
	for _, p := range w.policies {
		a.AddPolicy(p)
	}
	for _, r := range w.access {
		a.AddAccess(r)
	}
	for _, c := range w.credentials {
		a.AddCredential(c)
	}
	all := make(map[string]risk.Judgement)
	for j := range a.Judge() {
		all[j.Entity.Kind+"/"+j.Entity.Name] = j
	}
	return all
}

// short leaves out of an ARN what all of the account have.
func short(arn string) string { return strings.TrimPrefix(arn, "arn:aws:iam::"+accountID+":") }

// describePath writes a path in one line: "user/a -method-> role/b". The path of
// an administrator is "administrator", that of someone who cannot become one "none".
func describePath(paths []risk.Path) string {
	if len(paths) == 0 {
		return "none"
	}
	if len(paths[0].Steps) == 0 {
		return "administrator"
	}
	text := short(paths[0].From)
	for _, s := range paths[0].Steps {
		text += fmt.Sprintf(" -%s-> %s", s.Method, short(s.To))
	}
	return text
}
