package policy_test

import (
	"slices"
	"testing"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
)

// facts is what most tests judge with.
type facts struct {
	*catalog.Catalog
}

func loadFacts(t testing.TB) facts {
	t.Helper()
	c, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	return facts{Catalog: c}
}

func mustParse(t testing.TB, text string) *policy.Document {
	t.Helper()
	doc, err := policy.ParseDocument([]byte(text))
	if err != nil {
		t.Fatalf("parse %s: %v", text, err)
	}
	return doc
}

// analyze judges a document made of statements in JSON.
func (f facts) analyze(t testing.TB, statements string) *policy.Analysis {
	t.Helper()
	return policy.Analyze(f.Catalog, mustParse(t, `{"Version":"2012-10-17","Statement":[`+statements+`]}`))
}

// names lists the actions of a set.
func (f facts) names(set catalog.Set) []string {
	var names []string
	for a := range set.All() {
		names = append(names, f.FullName(a))
	}
	slices.Sort(names)
	return names
}

// collect lists the actions that one of an analysis' Add methods adds.
func (f facts) collect(add func(catalog.Set)) []string {
	set := f.NewSet()
	add(set)
	return f.names(set)
}

// service returns the id of a service that exists.
func (f facts) service(t testing.TB, prefix string) catalog.ServiceID {
	t.Helper()
	service, ok := f.LookupService(prefix)
	if !ok {
		t.Fatalf("the catalog has no service %s", prefix)
	}
	return service.ID
}

// attached returns policies that are attached to one principal and nothing else.
func attached(docs ...*policy.Analysis) *policy.Policies {
	var p policy.Policies
	for _, doc := range docs {
		p.Attachments = append(p.Attachments, policy.Attachment{Analysis: doc})
	}
	return &p
}
