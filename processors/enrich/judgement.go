package enrich

import (
	"slices"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/catalog/risk"
	"github.com/leastwise/leastwise/schemas/event"
)

// Judgement is what a catalog says of one document. It does not change.
type Judgement struct {
	Hash     string
	analysis *policy.Analysis
	// trust is kept only for documents that name principals.
	trust *policy.Document
	event event.Document
}

// Judge analyses a document's content under its hash. A document that cannot be
// read grants nothing, and says so in its problems.
func (e *Enricher) Judge(hash string, content []byte) *Judgement {
	j := &Judgement{Hash: hash, event: event.Document{
		Hash: hash, Content: string(content), Catalog: e.version, CatalogDate: e.info.Date,
	}}
	doc, err := policy.ParseDocument(content)
	if err != nil {
		j.event.Problems = []string{err.Error()}
		doc = &policy.Document{}
	}
	j.analysis = policy.Analyze(e.catalog, doc)
	if namesPrincipals(doc) {
		j.trust = doc
	}
	j.event.Statements = len(doc.Statements)
	s := e.scratch.Get().(*scratch)
	defer e.scratch.Put(s)
	s.policies = policy.Policies{Attachments: append(s.policies.Attachments[:0], policy.Attachment{Analysis: j.analysis})}
	effective := s.evaluator.Evaluate(&s.policies)
	s.matcher.Match(effective)
	s.grants = effective.Grants(s.grants[:0])
	var tags risk.TagSet
	j.event.Grants, tags = e.grants(s)
	j.event.RiskTags = e.tagNames(tags)
	j.event.ConditionKeys = j.analysis.ConditionKeys()
	j.event.UnknownActions = j.analysis.Unknown
	for _, p := range doc.Problems {
		j.event.Problems = append(j.event.Problems, p.String())
	}
	return j
}

func namesPrincipals(doc *policy.Document) bool {
	return slices.ContainsFunc(doc.Statements, func(s policy.Statement) bool {
		return s.Principals != nil || s.NotPrincipals != nil
	})
}

// grants turns what was last evaluated into its event form, and returns the risk
// tags of all of it too.
func (e *Enricher) grants(s *scratch) ([]event.Grant, risk.TagSet) {
	out := make([]event.Grant, len(s.grants))
	var all risk.TagSet
	for i := range s.grants {
		g := &s.grants[i]
		tags := s.matcher.ServiceTags(g.Service)
		all |= tags
		out[i] = event.Grant{
			Service:  e.prefixes[g.Service],
			Bound:    g.Bound,
			Unbound:  g.Unbound,
			RiskTags: e.tagNames(tags),
		}
	}
	return out, all
}

// tagNames returns the names of a set of tags. The slices are shared.
func (e *Enricher) tagNames(s risk.TagSet) []string { return e.names[s] }

// highest is the highest access level with any action in the grants.
func highest(grants []policy.ServiceGrant) string {
	for l := catalog.PermissionsManagement; ; l-- {
		for i := range grants {
			if grants[i].Bound[l]+grants[i].Unbound[l] > 0 {
				return l.String()
			}
		}
		if l == catalog.List {
			return ""
		}
	}
}
