package policy_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
)

// vocabulary is what the statements of one principal are made of. It is small,
// so that they have something to do with each other.
type vocabulary struct{ actions, resources []string }

func drawVocabulary(t *rapid.T) vocabulary {
	all := []vocabulary{
		{
			[]string{"s3:*", "S3:get*", "s3:GetObject", "s3:?etObject", "s3:DeleteBucket", "s3:List*", "*"},
			[]string{
				"arn:aws:s3:::a", "arn:aws:s3:::*", "arn:aws:s3:::a/*", "arn:aws:s3:::a/x", "arn:aws:s3:::a*", "arn:aws:s3:::*/x", "arn:aws:s3:::b/*",
				"arn:aws:s3:*:*:accesspoint/*", "arn:aws:s3:::ab*",
			},
		},
		{
			[]string{"iam:Pass*", "IAM:CreateAccessKey", "iam:*Role", "sts:AssumeRole", "iam:*", "sts:*", "*:*"},
			[]string{
				"arn:aws:iam::*:role/*", "arn:aws:iam::111122223333:role/*", "arn:aws:iam::*:role/app-*", "arn:aws:iam::*:role/*-admin",
				"arn:aws:iam::111122223333:role/app-1", "arn:aws:iam::*:user/*", "arn:aws:iam::*:role/team/*", "arn:aws:iam::444455556666:*",
			},
		},
		{
			[]string{"sqs:*", "sqs:Send*", "xray:*", "zzz:*", "sqs:NoSuchAction", "*"},
			[]string{"arn:aws:sqs:*:*:*", "arn:aws:sqs:us-east-1:*:*", "arn:aws:sqs:*:*:q?", "arn:aws:sqs:*:111122223333:q1", "arn:aws:s3:::a", "arn:aws:sqs:*:q1", "arn:aws:sqs:us-*:q?"},
		},
		{
			[]string{"lambda:*", "lambda:Invoke*", "lambda:UpdateFunctionCode", "*"},
			[]string{
				"arn:aws:lambda:*:function:q1", "arn:aws:lambda:*:function:*", "arn:aws:lambda:us-*:function:q*", "arn:aws:lambda:us-east-1:*:q1",
				"arn:aws:lambda:*:*:function:*", "arn:aws:lambda:*:111122223333:function:q1", "arn:aws:lambda:eu-west-1:function:q1", "arn:aws:lambda:*:q1:live",
			},
		},
	}
	v := rapid.SampledFrom(all).Draw(t, "vocabulary")
	return vocabulary{
		actions:   rapid.SliceOfN(rapid.SampledFrom(v.actions), 1, 4).Draw(t, "actions"),
		resources: append(rapid.SliceOfN(rapid.SampledFrom(v.resources), 1, 4).Draw(t, "resources"), "*"),
	}
}

func (v vocabulary) statement(t *rapid.T) policy.Statement {
	action, resource := rapid.SampledFrom(v.actions), rapid.SampledFrom(v.resources)
	s := policy.Statement{Effect: rapid.SampledFrom([]policy.Effect{policy.Allow, policy.Allow, policy.Allow, policy.Deny, policy.Deny, policy.EffectNone}).Draw(t, "effect")}
	if rapid.IntRange(0, 4).Draw(t, "not action") == 0 {
		s.NotActions = rapid.SliceOfN(action, 1, 2).Draw(t, "not actions")
	} else {
		s.Actions = rapid.SliceOfN(action, 1, 2).Draw(t, "actions")
	}
	if rapid.IntRange(0, 3).Draw(t, "not resource") == 0 {
		s.NotResources = rapid.SliceOfN(resource, 1, 2).Draw(t, "not resources")
	} else {
		s.Resources = rapid.SliceOfN(resource, 1, 2).Draw(t, "resources")
	}
	switch rapid.IntRange(0, 11).Draw(t, "condition") {
	case 10, 11:
		s.Conditions = rapid.SliceOfN(rapid.Custom(drawPersonal), 1, 2).Draw(t, "personal")
		if rapid.IntRange(0, 3).Draw(t, "another") == 0 {
			s.Conditions = append(s.Conditions, policy.Condition{Operator: "Bool", Key: "aws:SecureTransport", Values: []string{"true"}})
		}
	case 0, 1, 2:
		s.Conditions = []policy.Condition{{Operator: "Bool", Key: "aws:SecureTransport", Values: []string{"true"}}}
	case 3:
		s.Conditions = []policy.Condition{}
	case 4:
		s.NotPrincipals = []policy.Principal{{Kind: "AWS", Value: "123456789012"}}
	}
	return s
}

func (v vocabulary) document(t *rapid.T) *policy.Document {
	return &policy.Document{Statements: rapid.SliceOfN(rapid.Custom(v.statement), 1, 3).Draw(t, "statements")}
}

// subject draws the documents of a principal, some of the time with a wide one
// among them.
func (v vocabulary) subject(t *rapid.T) subject {
	wide := &policy.Document{Statements: []policy.Statement{{Effect: policy.Allow, Actions: []string{"*"}, Resources: []string{"*"}}}}
	list := func(name string, atLeast int) []*policy.Document {
		docs := rapid.SliceOfN(rapid.Custom(v.document), atLeast, 2).Draw(t, name)
		if rapid.IntRange(0, 3).Draw(t, name+" is wide") == 0 {
			docs = append(docs, wide)
		}
		return docs
	}
	s := subject{account: rapid.SampledFrom([]string{"", "111122223333"}).Draw(t, "account"), identity: list("identity", 1)}
	if s.principal = rapid.SampledFrom([]string{"", ann, appRole, anyMember}).Draw(t, "principal"); s.principal != "" {
		s.account = "111122223333"
	}
	if rapid.Bool().Draw(t, "bounded") {
		s.boundary = list("boundary", 1)
	}
	for range rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(t, "levels") {
		s.controls = append(s.controls, list("control", 0))
	}
	return s
}

func drawSubject(t *rapid.T) subject { return drawVocabulary(t).subject(t) }

// policies returns what the evaluator is given for a subject.
func (f facts) policies(s subject) *policy.Policies {
	attachments := func(docs []*policy.Document) []policy.Attachment {
		out := []policy.Attachment{}
		for _, doc := range docs {
			out = append(out, policy.Attachment{Analysis: policy.Analyze(f.Catalog, doc)})
		}
		return out
	}
	p := &policy.Policies{Principal: s.principal, Account: s.account, Attachments: attachments(s.identity)}
	if s.boundary != nil {
		whole := &policy.Document{}
		for _, doc := range s.boundary {
			whole.Statements = append(whole.Statements, doc.Statements...)
		}
		p.Boundary = &attachments([]*policy.Document{whole})[0]
	}
	for _, level := range s.controls {
		p.Controls = append(p.Controls, attachments(level))
	}
	return p
}

func TestEffectiveAgreesWithTheReference(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	r := newReference(t, f)
	e := policy.NewEvaluator(f.Catalog)
	rapid.Check(t, func(t *rapid.T) {
		s := drawSubject(t)
		got := e.Evaluate(f.policies(s))
		for _, name := range r.drawn() {
			a, _ := f.LookupAction(name)
			want := r.judge(s, name)
			if got.Scope(a) != want.scope || got.PartlyDenied(a) != want.partly || got.Conditional(a) != (want.usable && !want.sure) {
				t.Fatalf("%s: want %+v, got scope %s, partly denied %v, conditional %v by %s",
					name, want, got.Scope(a), got.PartlyDenied(a), got.Conditional(a), s)
			}
			if got.Has(a) && want.denied {
				t.Fatalf("%s is granted although it is denied", name)
			}
		}
	})
}

// What is in reach is decided request by request.
func TestReachAgreesWithTheReference(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	r := newReference(t, f)
	e := policy.NewEvaluator(f.Catalog)
	rapid.Check(t, func(t *rapid.T) {
		s := drawSubject(t)
		effective := e.Evaluate(f.policies(s))
		name := rapid.SampledFrom(r.drawn()).Draw(t, "action")
		a, _ := f.LookupAction(name)
		reach, unconditional, some := effective.Reach(a), false, false
		for _, arn := range r.resources(name) {
			allowed, sure := r.allowed(s, name, arn)
			if !s.actsOn(name, arn) {
				allowed = allowed && !reach.Empty() // nothing in reach is right too
				sure = false
			}
			unconditional, some = unconditional || sure, some || allowed
			if arn != "*" && reach.Contains(arn) != allowed {
				t.Fatalf("%s on %s: want %v, reach %q by %s", name, arn, allowed, reach.Key(), s)
			}
		}
		if some && reach.Empty() || unconditional && effective.Conditional(a) {
			t.Fatalf("%s: allowed %v, without conditions %v, scope %s, conditional %v", name, some, unconditional, effective.Scope(a), effective.Conditional(a))
		}
	})
}

// What a principal may do does not depend on the order of its documents, nor on
// how its statements are spread over them.
func TestEffectiveDoesNotDependOnOrder(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	one, other := policy.NewEvaluator(f.Catalog), policy.NewEvaluator(f.Catalog)
	rapid.Check(t, func(t *rapid.T) {
		statements := rapid.SliceOfN(rapid.Custom(drawVocabulary(t).statement), 1, 6).Draw(t, "statements")
		var spread []*policy.Analysis
		for _, s := range rapid.Permutation(statements).Draw(t, "shuffled") {
			spread = append(spread, policy.Analyze(f.Catalog, &policy.Document{Statements: []policy.Statement{s}}))
		}
		together := one.Evaluate(attached(policy.Analyze(f.Catalog, &policy.Document{Statements: statements})))
		apart := other.Evaluate(attached(spread...))
		if diff := cmp.Diff(together.Grants(nil), apart.Grants(nil)); diff != "" {
			t.Fatalf("grants (-together +apart):\n%s", diff)
		}
		if !together.Partly().Equal(apart.Partly()) || !together.Unconditional().Equal(apart.Unconditional()) {
			t.Fatal("denied in part or without conditions otherwise")
		}
		a, _ := f.LookupAction("s3:GetObject")
		if together.Reach(a).Key() != apart.Reach(a).Key() {
			t.Fatalf("reach %q and %q", together.Reach(a).Key(), apart.Reach(a).Key())
		}
	})
}

// The counts are those of the sets, and the sets those of the methods.
func TestGrantsCountTheSets(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	e := policy.NewEvaluator(f.Catalog)
	rapid.Check(t, func(t *rapid.T) {
		got := e.Evaluate(f.policies(drawSubject(t)))
		want := make([]policy.ServiceGrant, f.Services())
		for a := range catalog.ActionID(f.Len()) {
			g, level := &want[f.ServiceOf(a)], f.LevelOf(a)
			wide := got.Scope(a) >= policy.ScopeService
			switch {
			case wide != got.Unbound().Has(a), got.Has(a) != (got.Unbound().Has(a) || got.Bound().Has(a)):
				t.Fatalf("%s: scope %s, granted %v", f.FullName(a), got.Scope(a), got.Has(a))
			case wide:
				g.Unbound[level]++
			case got.Has(a):
				g.Bound[level]++
			}
		}
		var some []policy.ServiceGrant
		for service, g := range want {
			if g != (policy.ServiceGrant{}) {
				g.Service = catalog.ServiceID(service)
				some = append(some, g)
			}
		}
		if diff := cmp.Diff(some, got.Grants(nil)); diff != "" {
			t.Fatalf("grants (-want +got):\n%s", diff)
		}
	})
}
