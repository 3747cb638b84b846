package policy_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
)

func TestAnalyzeSortsActions(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	bucket := []string{"s3:CreateBucket", "s3:DeleteBucket"}
	type sets struct{ unbound, bound, denied, partly, unknown []string }
	tests := map[string]struct {
		statement string
		want      sets
	}{
		"on everything":             {`{"Effect":"Allow","Action":["s3:CreateBucket","S3:deletebucket"],"Resource":"*"}`, sets{unbound: bucket}},
		"on everything, two stars":  {`{"Effect":"Allow","Action":["s3:CreateBucket","s3:DeleteBucket"],"Resource":["arn:aws:s3:::a","**"]}`, sets{unbound: bucket}},
		"on all but some":           {`{"Effect":"Allow","Action":["s3:CreateBucket","s3:DeleteBucket"],"NotResource":"arn:aws:s3:::a"}`, sets{unbound: bucket}},
		"on all but all":            {`{"Effect":"Allow","Action":["s3:CreateBucket","s3:None"],"NotResource":"*"}`, sets{unknown: []string{"s3:None"}}},
		"on a bucket":               {`{"Effect":"Allow","Action":["s3:CreateBucket","s3:DeleteBucket"],"Resource":"arn:aws:s3:::a"}`, sets{bound: bucket}},
		"on every bucket":           {`{"Effect":"Allow","Action":["s3:CreateBucket","s3:DeleteBucket"],"Resource":"arn:aws:s3:::*"}`, sets{unbound: bucket}},
		"on nothing":                {`{"Effect":"Allow","Action":["s3:CreateBucket","s3:DeleteBucket"]}`, sets{bound: bucket}},
		"wildcards in the name":     {`{"Effect":"Allow","Action":"s3:?????eBucket","Resource":"*"}`, sets{unbound: bucket}},
		"conditions do not bind":    {`{"Effect":"Allow","Action":"s3:?????eBucket","Resource":"*","Condition":{"Bool":{"a":"b"}}}`, sets{unbound: bucket}},
		"denied":                    {`{"Effect":"Deny","Action":"s3:?????eBucket","Resource":"*"}`, sets{denied: bucket}},
		"denied on a bucket":        {`{"Effect":"Deny","Action":"s3:?????eBucket","Resource":"arn:aws:s3:::a"}`, sets{partly: bucket}},
		"denied on all but some":    {`{"Effect":"Deny","Action":"s3:?????eBucket","NotResource":"arn:aws:s3:::a"}`, sets{partly: bucket}},
		"denied on all but all":     {`{"Effect":"Deny","Action":"s3:?????eBucket","NotResource":"*"}`, sets{}},
		"denied sometimes":          {`{"Effect":"Deny","Action":"s3:?????eBucket","Resource":"*","Condition":{"Bool":{"a":"b"}}}`, sets{partly: bucket}},
		"denied, no condition":      {`{"Effect":"Deny","Action":"s3:?????eBucket","Resource":"*","Condition":{}}`, sets{denied: bucket}},
		"denied, condition unread":  {`{"Effect":"Deny","Action":"s3:?????eBucket","Resource":"*","Condition":"x"}`, sets{partly: bucket}},
		"denied to everyone":        {`{"Effect":"Deny","Action":"s3:?????eBucket","Resource":"*","Principal":"*"}`, sets{denied: bucket}},
		"denied to someone":         {`{"Effect":"Deny","Action":"s3:?????eBucket","Resource":"*","Principal":{"AWS":"123456789012"}}`, sets{partly: bucket}},
		"denied to all but someone": {`{"Effect":"Deny","Action":"s3:?????eBucket","Resource":"*","NotPrincipal":{"AWS":"123456789012"}}`, sets{partly: bucket}},
		"effect unread":             {`{"Effect":"allow","Action":["s3:CreateBucket","s3:None"],"Resource":"*"}`, sets{unknown: []string{"s3:None"}}},
		"unknown actions": {
			`{"Effect":"Allow","Action":["s3:None","s3:None","nosuch:*","s3","s3:*Nope","s3:CreateBucket","s3:DeleteBucket"],"Resource":"*"}`,
			sets{unbound: bucket, unknown: []string{"nosuch:*", "s3", "s3:*Nope", "s3:None"}},
		},
		"unknown among the excepted": {
			`{"Effect":"Deny","NotAction":["*","s3:None"],"Resource":"*"}`, sets{unknown: []string{"s3:None"}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := f.analyze(t, test.statement)
			got := sets{f.collect(a.AddUnbound), f.collect(a.AddBound), f.collect(a.AddDenied), f.collect(a.AddPartlyDenied), a.Unknown}
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(sets{})); diff != "" {
				t.Errorf("sets (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnalyzeComplementsNotAction(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	iam := f.NewSet()
	f.AddMatches(iam, "iam:*")
	all := f.NewSet()
	all.AddRange(0, catalog.ActionID(f.Len()))
	all.Subtract(iam)
	tests := map[string]struct {
		statement string
		add       func(*policy.Analysis) func(catalog.Set)
	}{
		"allow": {`{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`, func(a *policy.Analysis) func(catalog.Set) { return a.AddUnbound }},
		"bound": {`{"Effect":"Allow","NotAction":["IAM:*"],"Resource":"arn:aws:s3:::a"}`, func(a *policy.Analysis) func(catalog.Set) { return a.AddBound }},
		"deny":  {`{"Effect":"Deny","NotAction":"iam:*","Resource":"*"}`, func(a *policy.Analysis) func(catalog.Set) { return a.AddDenied }},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := f.NewSet()
			test.add(f.analyze(t, test.statement))(got)
			if !got.Equal(all) {
				t.Errorf("%d actions, want %d", got.Count(), all.Count())
			}
		})
	}
}

func TestAnalyzeRecordsConditions(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	a := f.analyze(t, `
		{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"StringLike":{"aws:userid":"x","aws:PrincipalOrgID":"y"}}},
		{"Effect":"Deny","Action":"s3:GetObject","Resource":"*","Condition":{"Bool":{"aws:userid":"z"},"StringLike":{"aws:userid":"x"}}}`)
	want := []policy.ConditionUse{
		{Operator: "Bool", Key: "aws:userid"}, {Operator: "StringLike", Key: "aws:PrincipalOrgID"}, {Operator: "StringLike", Key: "aws:userid"},
	}
	if diff := cmp.Diff(want, a.Conditions); diff != "" || !a.Conditional {
		t.Errorf("conditional %v, conditions (-want +got):\n%s", a.Conditional, diff)
	}
	if diff := cmp.Diff([]string{"aws:PrincipalOrgID", "aws:userid"}, a.ConditionKeys()); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	if plain := f.analyze(t, `{"Effect":"Allow","Action":"*","Resource":"*"}`); plain.Conditional || len(plain.Conditions) > 0 {
		t.Errorf("conditions of a plain document: %v", plain.Conditions)
	}
}

func TestAnalyzeCountsByServiceAndLevel(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	a := f.analyze(t, `
		{"Effect":"Allow","Action":["s3:GetObject","s3:ListBucket","s3:PutObject","iam:CreateUser"],"Resource":"arn:aws:s3:::a/*"},
		{"Effect":"Allow","Action":["s3:GetObject","s3:ListAllMyBuckets","iam:CreateAccessKey"],"Resource":"*"},
		{"Effect":"Deny","Action":["iam:CreateUser"],"Resource":"*"},
		{"Effect":"Deny","Action":["s3:PutObject"],"Resource":"arn:aws:s3:::b/*"}`)
	level := func(name string) catalog.Level { id, _ := f.LookupAction(name); return f.LevelOf(id) }
	iam := policy.ServiceGrant{Service: f.service(t, "iam")}
	iam.Unbound[level("iam:CreateAccessKey")]++
	s3 := policy.ServiceGrant{Service: f.service(t, "s3")}
	for _, name := range []string{"s3:GetObject", "s3:ListAllMyBuckets"} {
		s3.Unbound[level(name)]++
	}
	for _, name := range []string{"s3:ListBucket", "s3:PutObject"} {
		s3.Bound[level(name)]++
	}
	if diff := cmp.Diff([]policy.ServiceGrant{iam, s3}, policy.NewEvaluator(f.Catalog).Evaluate(attached(a)).Grants(nil)); diff != "" {
		t.Errorf("grants (-want +got):\n%s", diff)
	}
}

func TestAnalyzeFindsAdministrators(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	tests := map[string]struct {
		statements string
		want       bool
	}{
		"everything":            {`{"Effect":"Allow","Action":"*","Resource":"*"}`, true},
		"everything, spelt out": {`{"Effect":"Allow","Action":"*:*","Resource":["*"]}`, true},
		"nothing excepted":      {`{"Effect":"Allow","NotAction":"nosuch:*","Resource":"*"}`, true},
		"in two halves":         {`{"Effect":"Allow","NotAction":"iam:*","Resource":"*"},{"Effect":"Allow","Action":"iam:*","Resource":"*"}`, true},
		"all but one":           {`{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"iam:CreateUser","Resource":"*"}`, false},
		"denied in part":        {`{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"iam:CreateUser","Resource":"arn:aws:iam::1:user/x"}`, true},
		"bound":                 {`{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::a"}`, false},
		"none":                  {``, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := policy.NewEvaluator(f.Catalog)
			if got := e.Evaluate(attached(f.analyze(t, test.statements))).Admin(); got != test.want {
				t.Errorf("admin %v, want %v", got, test.want)
			}
		})
	}
}
