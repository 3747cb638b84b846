package catalog

import (
	"cmp"
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog/internal/glob"
)

// ResourceMatch is a resource type that an ARN names.
type ResourceMatch struct {
	Service ServiceID
	// Index is the type's place in [Catalog.ResourceTypes] of the service.
	Index int
	// Type is its name.
	Type string
	// Specificity is the number of literal characters in the resource part of
	// the type's pattern: of two types the one with more says more of the ARN.
	Specificity int
	// Overlap says that the ARN's wildcards reach beyond the segments that
	// name a type, so that it covers resources of this type and of others:
	// "arn:aws:ec2:*:*:*" names every type of EC2 so.
	Overlap bool
	// Public says that the ARN has no account where the type's pattern has one, as
	// those of AWS's own have: "arn:aws:ssm:us-east-1::document/AWS-RunShellScript".
	Public bool
}

// MatchARN returns all resource types whose full pattern matches the ARN, those
// of the service that the ARN names first, then by service; within a service
// the most specific first, then by name. An ARN that names nothing gives an
// empty result; one that [ParseARN] refuses gives its error.
//
// Every part is compared. The region and the account must be given where the
// pattern has them and absent where it has not; a wildcard stands for either. The
// account can be absent of what is public ([ResourceMatch.Public]).
// The resource is compared in segments between "/" and ":", case-sensitively,
// as IAM does. A policy variable, "${aws:username}", stands for text within a
// segment. Per service only the best way in which any of its types matches
// counts, and of those that match alike in one of the first three the ones whose
// region and account are as the ARN has them:
//
//   - each placeholder stands for one segment, whether it has wildcards or not:
//     "arn:aws:s3:::b/k" is an object and no bucket, "arn:aws:s3:::*" a bucket;
//   - the same, but a "*" in the pattern stands for something else than a "*";
//   - placeholders stand for several segments, as in "role/path/name", where
//     the type with the highest specificity wins; a pattern that is nothing but
//     a placeholder never does;
//   - the ARN's wildcards reach over segments ([ResourceMatch.Overlap]).
func (c *Catalog) MatchARN(arn string) ([]ResourceMatch, error) {
	a, err := ParseARN(arn)
	if err != nil {
		return nil, err
	}
	return c.AppendMatches(nil, a), nil
}

// AppendMatches appends to dst what [Catalog.MatchARN] returns, for an ARN that is
// parsed already.
func (c *Catalog) AppendMatches(dst []ResourceMatch, a ARN) []ResourceMatch {
	patterns := c.patterns()
	a.Resource = withoutVariables(a.Resource)
	m := arnMatcher{catalog: c, arn: a, wild: glob.HasWildcard(a.Resource), out: dst, first: len(dst)}
	m.head, m.mask = headOf(a.Resource)
	m.collect(patterns.byService[a.Service])
	m.collect(patterns.anyService)
	m.flush()
	m.sort(m.out[len(dst):])
	return m.out
}

// arnMatcher collects matches service by service.
type arnMatcher struct {
	catalog *Catalog
	arn     ARN
	wild    bool
	head    uint64 // of the resource, see headOf
	mask    uint64

	out     []ResourceMatch
	service ServiceID
	first   int // where the matches of the service begin in out
	best    fit
	located agreement // of the best
}

// sort puts matches into the order that [Catalog.MatchARN] promises.
func (m *arnMatcher) sort(matches []ResourceMatch) {
	if len(matches) < 2 {
		return
	}
	own, known := m.catalog.findService(m.arn.Service)
	place := func(s ServiceID) int {
		if known && s == own {
			return -1
		}
		return int(s)
	}
	slices.SortFunc(matches, func(x, y ResourceMatch) int {
		return cmp.Or(
			cmp.Compare(place(x.Service), place(y.Service)),
			cmp.Compare(y.Specificity, x.Specificity),
			cmp.Compare(x.Index, y.Index),
		)
	})
}

// collect goes over patterns that are grouped by service.
func (m *arnMatcher) collect(patterns []arnPattern) {
	for i := range patterns {
		p := &patterns[i]
		if (p.head^m.head)&p.mask&m.mask != 0 {
			continue
		}
		prefixed := strings.HasPrefix(m.arn.Resource, p.literal)
		if !prefixed && !m.wild {
			continue
		}
		located := p.located(m.arn.Region, m.arn.Account, m.arn.Resource)
		if located == agreeNot {
			continue
		}
		f := p.fit(m.arn.Resource, m.wild, prefixed)
		if f == fitNone {
			continue
		}
		if f == fitOverlap {
			located = agreeFully // it names all that it can be
		}
		if p.service != m.service {
			m.flush()
			m.service = p.service
		}
		m.add(p, f, located)
	}
}

func (m *arnMatcher) add(p *arnPattern, f fit, located agreement) {
	switch better := cmp.Or(cmp.Compare(f, m.best), cmp.Compare(located, m.located)); {
	case better < 0:
		return
	case better > 0:
		m.out, m.best, m.located = m.out[:m.first], f, located
	}
	index := int(p.kind - m.catalog.services[p.service].firstType)
	if n := len(m.out); n > m.first && m.out[n-1].Index == index {
		m.out[n-1].Specificity = max(m.out[n-1].Specificity, p.specificity)
		return
	}
	if m.out == nil {
		m.out = make([]ResourceMatch, 0, 4)
	}
	m.out = append(m.out, ResourceMatch{
		Service:     p.service,
		Index:       index,
		Type:        m.catalog.typeNames.at(int(p.kind)),
		Specificity: p.specificity,
		Overlap:     f == fitOverlap,
		Public:      p.isPublic(m.arn.Region, m.arn.Account, m.arn.Resource),
	})
}

// flush ends a service: of types that match by spanning segments only the most
// specific ones stay.
func (m *arnMatcher) flush() {
	found := m.out[m.first:]
	if m.best == fitSpan {
		top := 0
		for _, r := range found {
			top = max(top, r.Specificity)
		}
		found = slices.DeleteFunc(found, func(r ResourceMatch) bool { return r.Specificity < top })
	}
	m.out = m.out[:m.first+len(found)]
	m.first, m.best, m.located = len(m.out), fitNone, agreeNot
}
