package main

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/collectors/export"
	"github.com/leastwise/leastwise/internal/report"
	"github.com/leastwise/leastwise/schemas/event"
)

// savedDocuments analyses the documents of a saved account, each once. It
// implements judge.Documents.
type savedDocuments struct {
	catalog *catalog.Catalog
	raw     map[string][]byte
	known   map[string]savedDocument
}

// savedDocument is a document that was asked for.
type savedDocument struct {
	analysis *policy.Analysis
	doc      *policy.Document
	err      error // it is no policy; its analysis grants nothing then
}

func newSavedDocuments(c *catalog.Catalog, raw map[string][]byte) *savedDocuments {
	return &savedDocuments{catalog: c, raw: raw, known: make(map[string]savedDocument, len(raw))}
}

// Document implements judge.Documents.
func (d *savedDocuments) Document(_ context.Context, hash string) (*policy.Analysis, *policy.Document, error) {
	known, ok := d.known[hash]
	if !ok {
		raw, there := d.raw[hash]
		if !there {
			return nil, nil, nil
		}
		known.doc, known.err = policy.ParseDocument(raw)
		if known.err != nil {
			known.doc = &policy.Document{}
		}
		known.analysis = policy.Analyze(d.catalog, known.doc)
		d.known[hash] = known
	}
	return known.analysis, known.doc, nil
}

// gapsOf says what could not be judged of a saved account: what no saved account
// holds, what the file lacks, and what its documents have that nobody knows.
func gapsOf(saved *export.Saved, docs *savedDocuments) []report.Gap {
	gaps := []report.Gap{
		{What: "Unused permission and least-privilege scores", Why: "a saved account has no last-accessed data; leastwise up collects it."},
		{What: "Passwords, access keys, MFA and the root user", Why: "a saved account has no credential report; leastwise up collects it."},
	}
	for _, p := range saved.Problems {
		gap := report.Gap{What: p.Part, Why: p.Reason + ".", Count: p.Count}
		if p.Part == "controls" {
			gap.What = "Service control policies"
		}
		gaps = append(gaps, gap)
	}
	g := gathered{docs: docs, missing: map[string]int64{}, told: map[string]bool{}}
	for _, p := range saved.Policies {
		if p.Document == "" {
			g.missing[p.ARN]++
			continue
		}
		g.document("policy "+p.Name, p.Document)
	}
	for _, group := range saved.Groups {
		g.refs("group "+group.Name, group.Policies, nil)
	}
	for _, u := range saved.Users {
		g.refs("user "+u.Name, u.Policies, u.Boundary)
	}
	for _, r := range saved.Roles {
		g.refs("role "+r.Name, r.Policies, r.Boundary)
		if r.Trust == "" {
			g.gaps = append(g.gaps, report.Gap{What: "Trust policy of role " + r.Name, Why: "the file does not have it."})
			continue
		}
		g.document("trust policy of role "+r.Name, r.Trust)
	}
	for _, arn := range slices.Sorted(maps.Keys(g.missing)) {
		gaps = append(gaps, report.Gap{What: arn, Why: "the file names this policy and does not have its document.", Count: g.missing[arn]})
	}
	return append(gaps, g.gaps...)
}

// gathered are gaps of documents, in the order in which they were come upon.
type gathered struct {
	docs    *savedDocuments
	gaps    []report.Gap
	missing map[string]int64 // ARNs of policies, with how often they are referred to
	told    map[string]bool  // hashes
}

func (g *gathered) refs(carrier string, refs []event.PolicyRef, boundary *event.PolicyRef) {
	if boundary != nil {
		refs = append(slices.Clone(refs), *boundary)
	}
	for _, ref := range refs {
		switch {
		case ref.Document == "":
			g.missing[ref.ARN]++
		case ref.Source == event.SourceInline:
			g.document("policy "+ref.Name+" of "+carrier, ref.Document)
		}
	}
}

// document says, once, what is wrong with a document or not known of it.
func (g *gathered) document(name, hash string) {
	known, ok := g.docs.known[hash]
	if !ok || g.told[hash] {
		return
	}
	g.told[hash] = true
	if known.err != nil {
		g.gaps = append(g.gaps, report.Gap{What: name, Why: known.err.Error()})
		return
	}
	for _, p := range known.doc.Problems {
		g.gaps = append(g.gaps, report.Gap{What: name, Why: p.String()})
	}
	for _, pattern := range known.analysis.Unknown {
		g.gaps = append(g.gaps, report.Gap{What: name, Why: fmt.Sprintf("the catalog has no action %q, so it was not judged", pattern)})
	}
}
