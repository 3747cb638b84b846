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

// Enricher judges documents and entities with one catalog. It is safe for
// concurrent use.
type Enricher struct {
	catalog  *catalog.Catalog
	tags     *risk.Tags
	info     catalog.Info
	version  string
	prefixes []string
	names    [1 << risk.TagCount][]string
	scratch  sync.Pool
}

// scratch is the working memory of one evaluation.
type scratch struct {
	evaluator *policy.Evaluator
	analyses  []*policy.Analysis
	grants    []policy.ServiceGrant
}

// NewEnricher returns an enricher with a catalog and its embedded risk tags.
func NewEnricher(c *catalog.Catalog) (*Enricher, error) {
	tags, err := risk.LoadTags(c)
	if err != nil {
		return nil, fmt.Errorf("load risk tags: %w", err)
	}
	e := &Enricher{catalog: c, tags: tags, info: c.Info()}
	e.version = e.info.Versions[0]
	for id := range c.Services() {
		e.prefixes = append(e.prefixes, c.Service(catalog.ServiceID(id)).Prefix)
	}
	for s := range e.names {
		e.names[s] = risk.TagSet(s).Strings()
	}
	e.scratch.New = func() any { return &scratch{evaluator: policy.NewEvaluator(c)} }
	return e, nil
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
	en, err := e.principal(refs, u.Boundary, docs)
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
	en, err := e.principal(r.Policies, r.Boundary, docs)
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
	out.Trusts = e.trusts(j, r.Account)
	if exposed(out.Trusts) {
		out.RiskTags = append(slices.Clone(out.RiskTags), risk.PublicOrCrossAccountTrust.String())
	}
	return out, nil
}

// Group enriches a group with what it grants its members.
func (e *Enricher) Group(g event.Group, docs Documents) (event.EnrichedGroup, error) {
	en, err := e.principal(g.Policies, nil, docs)
	if err != nil {
		return event.EnrichedGroup{}, err
	}
	en.Version, err = groupVersion(g)
	return event.EnrichedGroup{Group: g, Enrichment: en}, err
}

// Policy enriches a managed policy with what its default version grants.
func (e *Enricher) Policy(p event.Policy, docs Documents) (event.EnrichedPolicy, error) {
	self := event.PolicyRef{Source: event.SourceManaged, Name: p.Name, ARN: p.ARN, Document: p.Document}
	en, err := e.principal([]event.PolicyRef{self}, nil, docs)
	if err != nil {
		return event.EnrichedPolicy{}, err
	}
	en.Version, err = policyVersion(p)
	return event.EnrichedPolicy{Policy: p, Enrichment: en}, err
}

// principal evaluates the documents of refs together, within the boundary.
func (e *Enricher) principal(refs []event.PolicyRef, boundary *event.PolicyRef, docs Documents) (event.Enrichment, error) {
	s := e.scratch.Get().(*scratch)
	defer e.scratch.Put(s)
	en := event.Enrichment{Catalog: e.version, CatalogDate: e.info.Date}
	s.analyses = s.analyses[:0]
	for _, ref := range refs {
		a, err := analysisOf(ref, docs)
		if err != nil {
			return en, err
		}
		if a == nil {
			en.MissingDocuments = append(en.MissingDocuments, refName(ref))
			continue
		}
		s.analyses = append(s.analyses, a)
		en.UnknownActions = append(en.UnknownActions, a.Unknown...)
	}
	limit, err := boundaryOf(boundary, docs, &en)
	if err != nil {
		return en, err
	}
	s.grants = s.evaluator.Grants(s.analyses, limit, s.grants[:0])
	var tags risk.TagSet
	en.Grants, tags = e.grants(s.evaluator, s.grants)
	en.AccessLevel = highest(s.grants)
	en.RiskTags = e.tagNames(tags)
	en.UnknownActions = sortedUnique(en.UnknownActions)
	en.MissingDocuments = sortedUnique(en.MissingDocuments)
	return en, nil
}

// boundaryOf returns nil where there is no boundary, or where its document is
// not to be had: then nothing is limited, and the document is noted as missing.
func boundaryOf(ref *event.PolicyRef, docs Documents, en *event.Enrichment) (*policy.Analysis, error) {
	if ref == nil {
		return nil, nil
	}
	a, err := analysisOf(*ref, docs)
	if err == nil && a == nil {
		en.MissingDocuments = append(en.MissingDocuments, refName(*ref))
	}
	return a, err
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
