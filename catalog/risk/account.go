package risk

import (
	"cmp"
	"iter"
	"slices"

	"github.com/leastwise/leastwise/catalog/policy"
)

// Account judges everything of one account together. What is added may come in
// any order and must not be changed afterwards; the judgement does not depend on
// the order. It belongs to one goroutine.
//
// It keeps what it is given, and shares what is equal: a principal costs about
// a kilobyte, beside the analyses of its documents, which the caller shares.
type Account struct {
	engine    *Engine
	info      AccountInfo
	evaluator *policy.Evaluator
	matcher   *Matcher

	principals  []Principal
	groups      []Group
	policies    []ManagedPolicy
	usage       map[string]usage       // by id
	credentials map[string]*Credential // by id

	ages   ages
	grants []policy.ServiceGrant // working memory
}

// NewAccount returns an account without entities.
func (e *Engine) NewAccount(info AccountInfo) *Account {
	return &Account{
		engine: e, info: info, evaluator: policy.NewEvaluator(e.catalog), matcher: e.NewMatcher(),
		usage: make(map[string]usage), credentials: make(map[string]*Credential), ages: newAges(e.options),
	}
}

// AddPrincipal adds a user or a role.
func (a *Account) AddPrincipal(p Principal) { a.principals = append(a.principals, p) }

// AddGroup adds a group.
func (a *Account) AddGroup(g Group) { a.groups = append(a.groups, g) }

// AddPolicy adds a managed policy.
func (a *Account) AddPolicy(p ManagedPolicy) { a.policies = append(a.policies, p) }

// AddAccess adds the last-accessed report of an entity.
func (a *Account) AddAccess(report Access) {
	a.usage[report.ID] = newUsage(a.engine.catalog, &report)
}

// AddCredential adds a row of the credential report.
func (a *Account) AddCredential(row Credential) { a.credentials[row.ID] = &row }

// Judge yields a judgement for each user, role, group and policy, by kind and
// ARN, and that of the account last.
func (a *Account) Judge() iter.Seq[Judgement] {
	return func(yield func(Judgement) bool) {
		a.sort()
		e := a.escalate()
		for i := range a.principals {
			if !yield(e.judgePrincipal(i)) {
				return
			}
		}
		for i := range a.groups {
			if !yield(e.judgeGroup(i)) {
				return
			}
		}
		for i := range a.policies {
			if !yield(a.judgePolicy(&a.policies[i])) {
				return
			}
		}
		yield(e.judgeAccount())
	}
}

// sort puts the entities into the order in which they are judged.
func (a *Account) sort() {
	slices.SortFunc(a.principals, func(x, y Principal) int { return x.Entity.compare(&y.Entity) })
	slices.SortFunc(a.groups, func(x, y Group) int { return x.Entity.compare(&y.Entity) })
	slices.SortFunc(a.policies, func(x, y ManagedPolicy) int { return x.Entity.compare(&y.Entity) })
}

func (e *Entity) compare(o *Entity) int {
	return cmp.Or(cmp.Compare(e.Kind, o.Kind), cmp.Compare(e.ARN, o.ARN), cmp.Compare(e.ID, o.ID))
}

func (e *escalations) judgePrincipal(i int) Judgement {
	p := &e.principals[i]
	j := Judgement{Entity: p.Entity, ServiceLinked: p.Entity.ServiceLinked(), Paths: e.path(i)}
	f := e.match(&p.Policies)
	j.add(e.matcher.Findings(p.Entity))
	e.resolve(e.nodes[i].node, j.Findings)
	j.add(e.engine.TrustFindings(p.Entity, p.Trust, p.TrustHash))
	var unused bool
	if p.Entity.Kind == "user" {
		unused = e.judgeUser(&j, p)
	} else {
		unused = e.judgeRole(&j, p)
	}
	e.judgeInline(&j, p.Policies.Attachments)
	if e.judged(&j.Entity) {
		e.judgeUnused(&j, p.CreatedAt, f, unused)
	}
	e.scores.add(j.Score)
	return j.sorted()
}

// judged reports whether an entity is not excluded from every rule.
func (a *Account) judged(entity *Entity) bool {
	_, excluded := a.engine.options.Exclusions.Match(*entity, nil)
	return !excluded
}

func (e *escalations) judgeGroup(i int) Judgement {
	g := &e.Account.groups[i]
	j := Judgement{Entity: g.Entity}
	f := e.match(&policy.Policies{Account: e.info.ID, Attachments: g.Attachments})
	j.add(e.matcher.Findings(g.Entity))
	e.resolve(e.groups[i], j.Findings)
	e.judgeMembers(&j, g)
	e.judgeInline(&j, g.Attachments)
	if e.judged(&j.Entity) {
		j.Unused, _ = e.unused(g.Entity.ID, g.CreatedAt, f)
	}
	return j.sorted()
}

func (a *Account) judgePolicy(p *ManagedPolicy) Judgement {
	j := Judgement{Entity: p.Entity}
	if p.AWS || p.Analysis == nil {
		return j
	}
	f := a.match(&policy.Policies{Account: a.info.ID, Attachments: []policy.Attachment{{
		Analysis: p.Analysis, Document: p.Document, Source: sourceManaged, Name: p.Entity.Name, ARN: p.Entity.ARN,
	}}})
	j.add(a.matcher.Findings(p.Entity))
	a.judgeAttachments(&j, p)
	if a.judged(&j.Entity) {
		j.Unused, _ = a.unused(p.Entity.ID, p.CreatedAt, f)
	}
	a.judgeVersions(&j, p)
	return j.sorted()
}

func (e *escalations) judgeAccount() Judgement {
	surface := e.surface()
	j := Judgement{
		Entity: Entity{Account: e.info.ID, Kind: "account", ID: e.info.ID, Name: e.info.Name},
		Score:  e.scores.score(), Paths: e.outside(), Crossings: e.crossings(), Surface: &surface,
	}
	e.judgeRoot(&j)
	e.judgeEqual(&j)
	return j.sorted()
}

// sorted returns the judgement with its findings by rule and discriminator.
func (j Judgement) sorted() Judgement {
	slices.SortStableFunc(j.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Discriminator, b.Discriminator))
	})
	return j
}

// add takes in findings, and how many more there were before exclusions.
func (j *Judgement) add(findings []Finding, excluded int) {
	j.Findings = append(j.Findings, findings...)
	j.Excluded += excluded
}
