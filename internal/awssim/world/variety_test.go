package world_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/catalog/risk"
	"github.com/leastwise/leastwise/internal/awssim/world"
)

// Every rule about trust and hygiene has something to find in the default world,
// on any day, but for those that need the access advisor.
func TestTheWorldHasSomethingForEveryRule(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	own := map[string]bool{}
	for a := range w.Accounts(0) {
		own[a.ID()] = true
	}
	for _, day := range []int{0, 380} {
		j := newJudge(t, func(o *risk.Options) { o.Exclusions, o.Accounts, o.At = nil, own, start().AddDate(0, 0, day) })
		found := map[string]int{}
		for i := range 5 {
			for _, judgement := range j.judgeDay(onDay(t, w, i, day), nil) {
				for _, f := range judgement.Findings {
					found[f.Rule]++
				}
			}
		}
		for _, rule := range j.engine.Rules().All() {
			advisor := []string{"unused-password", "unused-policy", "unused-services", "policy-version"}
			if (rule.Category == risk.CategoryTrust || rule.Category == risk.CategoryHygiene) && found[rule.ID] == 0 && !slices.Contains(advisor, rule.ID) {
				t.Errorf("day %d: nothing for the rule %s", day, rule.ID)
			}
		}
	}
}

// everyDocument yields what principals, groups and boundaries of the default world
// say on a day, the service control policies apart.
func everyDocument(t *testing.T, w *world.World, day int, visit func(json.RawMessage)) {
	t.Helper()
	for i := range 5 {
		d := onDay(t, w, i, day)
		for u := range d.Users() {
			for _, p := range u.Inline {
				visit(p.Document)
			}
		}
		for g := range d.Groups() {
			for _, p := range g.Inline {
				visit(p.Document)
			}
		}
		for r := range d.Roles() {
			visit(r.Trust)
			for _, p := range r.Inline {
				visit(p.Document)
			}
		}
		for p := range d.Policies() {
			for _, v := range p.Versions {
				visit(v.Document)
			}
		}
	}
}

func TestConditionsAndDeniesAreOfEveryKind(t *testing.T) {
	t.Parallel()
	w, j := newWorld(t, nil), newJudge(t)
	for _, day := range []int{0, 380} {
		seen := map[string]bool{}
		everyDocument(t, w, day, func(raw json.RawMessage) {
			doc, _, _ := j.read(raw)
			for i := range doc.Statements {
				s := &doc.Statements[i]
				for n := range s.Conditions {
					seen[strings.ToLower(s.Conditions[n].Key)] = true
				}
				if s.Effect == policy.Deny && s.Principals == nil {
					seen[denied(s)] = true
				}
			}
		})
		for _, want := range []string{
			"aws:principalorgid", "aws:sourcearn", "aws:sourceaccount", "iam:passedtoservice", "aws:multifactorauthpresent", "aws:multifactorauthage",
			"aws:sourceip", "aws:resourcetag/team", "aws:principaltag/team", "sts:externalid", "saml:aud",
			"Deny outright", "Deny on a resource", "Deny under a condition", "Deny of all but some",
		} {
			if !seen[want] {
				t.Errorf("day %d: no %s", day, want)
			}
		}
	}
}

func denied(s *policy.Statement) string {
	switch {
	case len(s.Conditions) > 0:
		return "Deny under a condition"
	case s.NotActions != nil:
		return "Deny of all but some"
	case slices.Contains(s.Resources, "*"):
		return "Deny outright"
	default:
		return "Deny on a resource"
	}
}

func TestBoundariesAreOfSeveralShapesAndInUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *world.Config) { c.Users, c.Roles = 40, 120 })
	used := map[string]bool{}
	for i := range 5 {
		for p := range onDay(t, w, i, 3).Policies() {
			if p.BoundaryUses > 0 {
				used[p.Name] = true
			}
		}
		for p := range onDay(t, w, i, 3).AWSPolicies() {
			if p.BoundaryUses > 0 {
				used[p.Name] = true
			}
		}
	}
	for _, want := range []string{
		"developer-boundary", "workload-boundary", "everything-but-identity-boundary", "own-account-boundary", "observer-boundary", "responder-boundary", "SystemAdministrator",
	} {
		if !used[want] {
			t.Errorf("%s limits nobody: %v", want, used)
		}
	}
}

// Some policy can be set back to a version that lets do more.
func TestAnOlderVersionIsMorePrivileged(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	d := onDay(t, w, 1, 0)
	for p := range d.Policies() {
		if p.Name != "rotation" {
			continue
		}
		if len(p.Versions) != 2 || p.DefaultVersion != "v2" || !strings.Contains(string(p.Versions[1].Document), `"Action": "*"`) {
			t.Errorf("%+v", p)
		}
		if d.Begins().Sub(p.Versions[0].Created) < 24*time.Hour {
			t.Errorf("the version in force is of %s", p.Versions[0].Created)
		}
		return
	}
	t.Error("there is no such policy")
}
