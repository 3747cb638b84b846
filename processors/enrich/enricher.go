package enrich

import (
	"fmt"
	"slices"
	"sync"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/catalog/risk"
	"github.com/leastwise/leastwise/schemas/event"
)

// Enricher judges documents and entities with one engine. It is safe for
// concurrent use.
type Enricher struct {
	engine   *risk.Engine
	catalog  *catalog.Catalog
	info     catalog.Info
	version  string
	prefixes []string
	names    [1 << risk.TagCount][]string
	scratch  sync.Pool
}

// scratch is the working memory of one evaluation.
type scratch struct {
	evaluator *policy.Evaluator
	matcher   *risk.Matcher
	policies  policy.Policies
	boundary  policy.Attachment
	grants    []policy.ServiceGrant
}

// NewEnricher returns an enricher with the rules and the catalog of an engine.
func NewEnricher(engine *risk.Engine) *Enricher {
	c := engine.Rules().Catalog()
	e := &Enricher{engine: engine, catalog: c, info: c.Info()}
	e.version = e.info.Versions[0]
	for id := range c.Services() {
		e.prefixes = append(e.prefixes, c.Service(catalog.ServiceID(id)).Prefix)
	}
	for s := range e.names {
		e.names[s] = risk.TagSet(s).Strings()
	}
	e.scratch.New = func() any {
		return &scratch{evaluator: policy.NewEvaluator(c), matcher: engine.NewMatcher()}
	}
	return e
}

// Documents finds the judgements of the documents that an event names. It has
// all of them: who calls the Enricher has loaded them.
type Documents interface {
	Judgement(hash string) *Judgement
}

// User enriches a user with what its own and its groups' policies let it do.
func (e *Enricher) User(u event.User, docs Documents) (event.EnrichedUser, error) {
	refs := slices.Clone(u.Policies)
	for _, g := range u.Groups {
		refs = append(refs, g.Policies...)
	}
	en, err := e.principal(carried{u.ARN, u.Account, refs, u.Boundary, u.Controls}, docs)
	if err != nil {
		return event.EnrichedUser{}, err
	}
	if en.Version, err = userVersion(u); err != nil {
		return event.EnrichedUser{}, err
	}
	return event.EnrichedUser{User: u, Enrichment: en}, nil
}

// Role enriches a role with what its policies let it do and who may take it.
func (e *Enricher) Role(r event.Role, docs Documents) (event.EnrichedRole, error) {
	en, err := e.principal(carried{r.ARN, r.Account, r.Policies, r.Boundary, r.Controls}, docs)
	if err != nil {
		return event.EnrichedRole{}, err
	}
	if en.Version, err = roleVersion(r); err != nil {
		return event.EnrichedRole{}, err
	}
	out := event.EnrichedRole{Role: r, Enrichment: en}
	if r.Trust == "" {
		return out, nil
	}
	j, err := find(docs, r.Trust)
	if err != nil {
		return event.EnrichedRole{}, err
	}
	var tags risk.TagSet
	out.Trusts, tags = trusts(j, r.Account)
	out.RiskTags = append(slices.Clone(out.RiskTags), e.tagNames(tags)...)
	return out, nil
}

// Group enriches a group with what it grants its members.
func (e *Enricher) Group(g event.Group, docs Documents) (event.EnrichedGroup, error) {
	en, err := e.principal(carried{account: g.Account, policies: g.Policies}, docs)
	if err != nil {
		return event.EnrichedGroup{}, err
	}
	en.Version, err = groupVersion(g)
	return event.EnrichedGroup{Group: g, Enrichment: en}, err
}

// Policy enriches a managed policy with what its default version grants.
func (e *Enricher) Policy(p event.Policy, docs Documents) (event.EnrichedPolicy, error) {
	self := event.PolicyRef{Source: event.SourceManaged, Name: p.Name, ARN: p.ARN, Document: p.Document}
	en, err := e.principal(carried{account: p.Account, policies: []event.PolicyRef{self}}, docs)
	if err != nil {
		return event.EnrichedPolicy{}, err
	}
	en.Version, err = policyVersion(p)
	return event.EnrichedPolicy{Policy: p, Enrichment: en}, err
}

// carried is everything that decides what an entity may do.
type carried struct {
	arn      string
	account  string
	policies []event.PolicyRef
	boundary *event.PolicyRef
	controls [][]event.PolicyRef
}

// principal evaluates what an entity carries.
func (e *Enricher) principal(from carried, docs Documents) (event.Enrichment, error) {
	s := e.scratch.Get().(*scratch)
	defer e.scratch.Put(s)
	en := event.Enrichment{Catalog: e.version, CatalogDate: e.info.Date}
	if err := s.load(from, docs, &en); err != nil {
		return en, err
	}
	effective := s.evaluator.Evaluate(&s.policies)
	s.matcher.Match(effective)
	s.grants = effective.Grants(s.grants[:0])
	var tags risk.TagSet
	en.Grants, tags = e.grants(s)
	en.AccessLevel = highest(s.grants)
	en.RiskTags = e.tagNames(tags)
	en.UnknownActions = sortedUnique(en.UnknownActions)
	en.MissingDocuments = sortedUnique(en.MissingDocuments)
	return en, nil
}

// load fills in the policies that decide. A document that is not to be had is
// noted as missing: as a policy it grants nothing, as a limit it limits nothing.
func (s *scratch) load(from carried, docs Documents, en *event.Enrichment) error {
	var err error
	p := &s.policies
	if p.Attachments, err = appendAttachments(p.Attachments[:0], from.policies, docs, en); err != nil {
		return err
	}
	for i := range p.Attachments {
		if a := p.Attachments[i].Analysis; a != nil {
			en.UnknownActions = append(en.UnknownActions, a.Unknown...)
		}
	}
	p.Principal, p.Account, p.Boundary, p.Controls = from.arn, from.account, nil, nil
	if from.boundary != nil {
		if s.boundary, err = attachment(*from.boundary, docs, en); err != nil {
			return err
		}
		p.Boundary = &s.boundary
	}
	for _, level := range from.controls {
		controls, err := appendAttachments(nil, level, docs, en)
		if err != nil {
			return err
		}
		p.Controls = append(p.Controls, controls)
	}
	return nil
}

func appendAttachments(dst []policy.Attachment, refs []event.PolicyRef, docs Documents, en *event.Enrichment) ([]policy.Attachment, error) {
	for _, ref := range refs {
		a, err := attachment(ref, docs, en)
		if err != nil {
			return dst, err
		}
		dst = append(dst, a)
	}
	return dst, nil
}

func attachment(ref event.PolicyRef, docs Documents, en *event.Enrichment) (policy.Attachment, error) {
	a, err := analysisOf(ref, docs)
	if err == nil && a == nil {
		en.MissingDocuments = append(en.MissingDocuments, refName(ref))
	}
	return policy.Attachment{Analysis: a}, err
}

// analysisOf returns nil for a policy whose document the source did not include.
func analysisOf(ref event.PolicyRef, docs Documents) (*policy.Analysis, error) {
	if ref.Document == "" {
		return nil, nil
	}
	j, err := find(docs, ref.Document)
	if err != nil {
		return nil, err
	}
	return j.analysis, nil
}

func find(docs Documents, hash string) (*Judgement, error) {
	if j := docs.Judgement(hash); j != nil {
		return j, nil
	}
	return nil, fmt.Errorf("find document %s: %w", hash, ErrNoDocument)
}

func refName(ref event.PolicyRef) string {
	if ref.ARN != "" {
		return ref.ARN
	}
	return ref.Name
}

func sortedUnique(s []string) []string {
	slices.Sort(s)
	return slices.Compact(s)
}
