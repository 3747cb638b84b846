package judge

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/leastwise/leastwise/catalog/risk"
	"github.com/leastwise/leastwise/schemas/event"
)

// stamp says who judged which run when. All judgements of a run have it.
type stamp struct {
	run         event.Common // its id is the run's
	judge       string
	judgedAt    time.Time
	catalog     string
	catalogDate time.Time
}

// event is a judgement as an event, without totals.
func (s stamp) event(j *risk.Judgement) (event.Judgement, error) {
	e := event.Judgement{
		Common: s.run, Entity: event.Kind(j.Entity.Kind), Name: j.Entity.Name, ARN: j.Entity.ARN,
		Judge: s.judge, JudgedAt: s.judgedAt, Catalog: s.catalog, CatalogDate: s.catalogDate,
		ServiceLinked: j.ServiceLinked, Excluded: j.Excluded,
	}
	e.ID = j.Entity.ID
	if j.Score != nil {
		e.Score = &event.Score{Value: *j.Score}
	}
	if e.Name == "" {
		e.Name = e.ID // an account of which nobody said the name
	}
	for i := range j.Findings {
		f, err := finding(&j.Findings[i])
		if err != nil {
			return e, err
		}
		e.Findings = append(e.Findings, f)
	}
	for _, u := range j.Unused {
		e.Unused = append(e.Unused, event.UnusedService{
			Service: u.Service, Bound: u.Bound, Unbound: u.Unbound, RiskTags: u.Tags, LastAt: u.LastAt, Partly: u.Partly,
		})
	}
	for i := range j.Paths {
		e.Paths = append(e.Paths, path(&j.Paths[i]))
	}
	return e, nil
}

func finding(f *risk.Finding) (event.Finding, error) {
	e := event.Finding{
		ID: f.Key(), Rule: f.Rule, Category: string(f.Category), Severity: f.Severity.String(), Title: f.Title,
		Actions: f.Actions, ActionCount: f.ActionCount, Scope: f.Scope, Conditional: f.Conditional, PartlyDenied: f.PartlyDenied,
		Evidence: evidence(f.Evidence), Includes: f.Includes, KnownTo: f.KnownTo, Reason: f.Reason, Remedy: f.Remedy, Discriminator: f.Discriminator,
	}
	if t := f.Target; t != nil {
		e.Target = &event.Target{Needs: t.Needs, Resolved: t.Resolved, Candidates: t.Candidates, Count: t.Count}
	}
	var err error
	e.Version, err = version(f.Entity.Name, f.Entity.ARN, e)
	return e, err
}

// versionLength is the number of hex digits of a version: 64 bits.
const versionLength = 16

// version names all that a row of the finding says, the entity's name and ARN among
// it.
func version(name, arn string, f event.Finding) (string, error) {
	content, err := json.Marshal([]any{name, arn, f})
	if err != nil {
		return "", fmt.Errorf("encode finding %s: %w", f.ID, err)
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])[:versionLength], nil
}

func evidence(in []risk.Evidence) []event.Evidence {
	if len(in) == 0 {
		return nil
	}
	out := make([]event.Evidence, len(in))
	for i, e := range in {
		out[i] = event.Evidence{
			Document: e.Document, Policy: e.Policy, Source: e.Source, Group: e.Group, Statement: e.Statement, SID: e.SID, Effect: e.Effect,
			Actions: e.Actions, Scope: e.Scope, Resources: e.Resources, NotResources: e.NotResources, Grade: e.Grade, Note: e.Note,
		}
		for _, c := range e.Conditions {
			out[i].Conditions = append(out[i].Conditions, event.Condition(c))
		}
	}
	return out
}

func path(p *risk.Path) event.EscalationPath {
	e := event.EscalationPath{From: p.From, To: p.To, Conditional: p.Conditional}
	for _, s := range p.Steps {
		e.Steps = append(e.Steps, event.EscalationStep{
			From: s.From, To: s.To, Method: s.Method, Actions: s.Actions, Evidence: evidence(s.Evidence), Conditional: s.Conditional, Note: s.Note,
		})
	}
	return e
}

// tally adds what a judgement comes to.
func tally(t *event.Totals, j *event.Judgement) {
	t.Judgements++
	t.Excluded += j.Excluded
	for i := range j.Findings {
		t.Findings[j.Findings[i].Severity]++
	}
	// An administrator needs no steps. The account's paths are those of others.
	if j.Entity != event.KindAccount && len(j.Paths) > 0 && len(j.Paths[0].Steps) > 0 {
		t.Escalating++
	}
}
