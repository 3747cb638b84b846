package policy_test

import (
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
)

// reference judges one action at a time by the words of the IAM User Guide,
// with no sets and no ids: slow, and plain enough to be believed.
type reference struct {
	facts
	names []string // of every action
}

type verdict struct {
	granted string // "", "bound" or "unbound"
	partly  bool
}

func newReference(f facts) reference {
	r := reference{facts: f}
	for a := range catalog.ActionID(f.Len()) {
		r.names = append(r.names, f.FullName(a))
	}
	return r
}

// named reports whether any of the patterns names the action. Action names have
// none of the characters that path.Match treats otherwise than IAM does.
func named(patterns []string, action string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		if pattern == "*" || pattern == "*:*" {
			return true
		}
		prefix, name, _ := strings.Cut(strings.ToLower(pattern), ":")
		service, short, _ := strings.Cut(strings.ToLower(action), ":")
		if prefix != service {
			return false
		}
		ok, _ := path.Match(name, short)
		return ok
	})
}

func stars(resource string) bool { return resource == "*" || resource == "**" }

func (r reference) statement(s policy.Statement, action string, allow, bound, deny, partly *bool) {
	applies := named(s.Actions, action) || len(s.NotActions) > 0 && !named(s.NotActions, action)
	if !applies || slices.ContainsFunc(s.NotResources, stars) {
		return
	}
	everywhere := slices.ContainsFunc(s.Resources, stars)
	switch s.Effect {
	case policy.Allow:
		*allow = *allow || everywhere || s.NotResources != nil
		*bound = *bound || !everywhere && s.NotResources == nil
	case policy.Deny:
		outright := everywhere && s.Conditions == nil && s.Principals == nil && s.NotPrincipals == nil
		*deny = *deny || outright
		*partly = *partly || !outright
	}
}

func (r reference) judge(docs []*policy.Document, boundary *policy.Document, action string) verdict {
	var allow, bound, deny, partly, maxAllow, maxBound bool
	for _, doc := range docs {
		for _, s := range doc.Statements {
			r.statement(s, action, &allow, &bound, &deny, &partly)
		}
	}
	if boundary != nil {
		for _, s := range boundary.Statements {
			r.statement(s, action, &maxAllow, &maxBound, &deny, &partly)
		}
		allow, bound = allow && maxAllow, (allow || bound) && (maxAllow || maxBound)
	}
	switch {
	case deny || !allow && !bound:
		return verdict{}
	case allow:
		return verdict{"unbound", partly}
	default:
		return verdict{"bound", partly}
	}
}

// summary folds the verdicts into what Grants returns.
func (r reference) summary(verdicts map[string]verdict) []policy.ServiceGrant {
	grants := make(map[catalog.ServiceID]*policy.ServiceGrant)
	for name, v := range verdicts {
		id, _ := r.LookupAction(name)
		g := grants[r.ServiceOf(id)]
		if g == nil {
			g = &policy.ServiceGrant{Service: r.ServiceOf(id)}
			grants[g.Service] = g
		}
		if v.granted == "unbound" {
			g.Unbound[r.LevelOf(id)]++
		} else {
			g.Bound[r.LevelOf(id)]++
		}
	}
	var out []policy.ServiceGrant
	for _, id := range slices.Sorted(maps.Keys(grants)) {
		out = append(out, *grants[id])
	}
	return out
}

func drawStatement(t *rapid.T) policy.Statement {
	action := rapid.SampledFrom([]string{
		"*", "*:*", "s3:*", "S3:get*", "s3:GetObject", "s3:?etObject", "iam:Pass*", "IAM:CreateAccessKey", "iam:*Policy*",
		"ec2:Describe*", "ec2:*", "a4b:*", "xray:*", "sts:AssumeRole", "zzz:*", "s3:NoSuchAction",
	})
	resource := rapid.SampledFrom([]string{"*", "**", "arn:aws:s3:::a", "arn:aws:s3:::*", "arn:aws:iam::1:role/*"})
	condition := policy.Condition{Operator: "Bool", Key: "aws:SecureTransport", Values: []string{"true"}}
	s := policy.Statement{Effect: rapid.SampledFrom([]policy.Effect{policy.Allow, policy.Allow, policy.Deny, policy.EffectNone}).Draw(t, "effect")}
	if rapid.IntRange(0, 3).Draw(t, "not action") == 0 {
		s.NotActions = rapid.SliceOfN(action, 1, 3).Draw(t, "actions")
	} else {
		s.Actions = rapid.SliceOfN(action, 1, 3).Draw(t, "actions")
	}
	if rapid.IntRange(0, 4).Draw(t, "not resource") == 0 {
		s.NotResources = rapid.SliceOfN(resource, 1, 2).Draw(t, "resources")
	} else {
		s.Resources = rapid.SliceOfN(resource, 0, 2).Draw(t, "resources")
	}
	switch rapid.IntRange(0, 7).Draw(t, "condition") {
	case 0:
		s.Conditions = []policy.Condition{condition}
	case 1:
		s.Conditions = []policy.Condition{}
	case 2:
		s.NotPrincipals = []policy.Principal{{Kind: "AWS", Value: "123456789012"}}
	}
	return s
}

func drawDocument(t *rapid.T) *policy.Document {
	return &policy.Document{Statements: rapid.SliceOfN(rapid.Custom(drawStatement), 0, 3).Draw(t, "statements")}
}

func TestGrantsAgreeWithTheReference(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	r := newReference(f)
	e := policy.NewEvaluator(f.Catalog)
	rapid.Check(t, func(t *rapid.T) {
		docs := rapid.SliceOfN(rapid.Custom(drawDocument), 0, 3).Draw(t, "documents")
		var boundary *policy.Document
		var limit *policy.Analysis
		if rapid.Bool().Draw(t, "bounded") {
			boundary = drawDocument(t)
			limit = policy.Analyze(f.Catalog, boundary)
		}
		var analyses []*policy.Analysis
		for _, doc := range docs {
			analyses = append(analyses, policy.Analyze(f.Catalog, doc))
		}
		got := e.Grants(analyses, limit, nil)

		want := make(map[string]verdict)
		for id, name := range r.names {
			v := r.judge(docs, boundary, name)
			if v.granted != "" {
				want[name] = v
			}
			a := catalog.ActionID(id)
			if e.Unbound().Has(a) != (v.granted == "unbound") || e.Bound().Has(a) != (v.granted == "bound") || e.PartlyDenied().Has(a) != v.partly {
				t.Fatalf("%s: want %+v, got unbound %v, bound %v, partly denied %v",
					name, v, e.Unbound().Has(a), e.Bound().Has(a), e.PartlyDenied().Has(a))
			}
		}
		if diff := cmp.Diff(r.summary(want), got); diff != "" {
			t.Fatalf("grants (-want +got):\n%s", diff)
		}
	})
}

// What a principal may do does not depend on the order of its documents, nor on
// how its statements are spread over them.
func TestGrantsDoNotDependOnOrder(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	e := policy.NewEvaluator(f.Catalog)
	rapid.Check(t, func(t *rapid.T) {
		statements := rapid.SliceOfN(rapid.Custom(drawStatement), 1, 6).Draw(t, "statements")
		shuffled := rapid.Permutation(statements).Draw(t, "shuffled")
		var spread []*policy.Analysis
		for _, s := range shuffled {
			spread = append(spread, policy.Analyze(f.Catalog, &policy.Document{Statements: []policy.Statement{s}}))
		}
		alone := policy.Analyze(f.Catalog, &policy.Document{Statements: statements})
		if diff := cmp.Diff(alone.Grants, e.Grants(spread, nil, nil)); diff != "" {
			t.Fatalf("grants (-in one document +spread):\n%s", diff)
		}
	})
}
