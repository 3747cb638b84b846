package policy_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leastwise/leastwise/catalog/policy"
)

func TestGrantsOfAPrincipal(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	type sets struct{ unbound, bound, partly []string }
	const (
		get      = `{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}`
		getBound = `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::a/*"}`
		put      = `{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}`
		noGet    = `{"Effect":"Deny","Action":"s3:GetObject","Resource":"*"}`
		noGetOnA = `{"Effect":"Deny","Action":"s3:GetObject","Resource":"arn:aws:s3:::a/*"}`
		all      = `{"Effect":"Allow","Action":"*","Resource":"*"}`
		onlyPut  = `{"Effect":"Deny","NotAction":"s3:PutObject","Resource":"*"}`
	)
	var (
		getObject = []string{"s3:GetObject"}
		putObject = []string{"s3:PutObject"}
		both      = []string{"s3:GetObject", "s3:PutObject"}
	)
	tests := map[string]struct {
		docs     []string
		boundary string // none where empty
		want     sets
	}{
		"no documents":                        {},
		"one":                                 {docs: []string{get}, want: sets{unbound: getObject}},
		"union":                               {docs: []string{get, put}, want: sets{unbound: both}},
		"both ways counts as unbound":         {docs: []string{getBound, get}, want: sets{unbound: getObject}},
		"denied by another":                   {docs: []string{get, noGet, put}, want: sets{unbound: putObject}},
		"denied before it is allowed":         {docs: []string{noGet, get}},
		"denied where it is bound":            {docs: []string{getBound, noGet}},
		"denied in part":                      {docs: []string{get, noGetOnA}, want: sets{unbound: getObject, partly: getObject}},
		"denied in part and outright":         {docs: []string{get, noGetOnA, noGet}},
		"denied in part and not granted":      {docs: []string{put, noGetOnA}, want: sets{unbound: putObject}},
		"all but one denied":                  {docs: []string{all, onlyPut}, want: sets{unbound: putObject}},
		"boundary allows":                     {docs: []string{get, put}, boundary: get, want: sets{unbound: getObject}},
		"boundary grants nothing by itself":   {docs: []string{put}, boundary: get},
		"boundary without a document":         {boundary: all},
		"boundary on a bucket binds":          {docs: []string{get}, boundary: getBound, want: sets{bound: getObject}},
		"document on a bucket stays bound":    {docs: []string{getBound}, boundary: get, want: sets{bound: getObject}},
		"both on buckets":                     {docs: []string{getBound}, boundary: getBound, want: sets{bound: getObject}},
		"unbound by a second document":        {docs: []string{getBound, get}, boundary: getBound + "," + get, want: sets{unbound: getObject}},
		"boundary denies":                     {docs: []string{get, put}, boundary: all + "," + noGet, want: sets{unbound: putObject}},
		"boundary denies in part":             {docs: []string{get}, boundary: all + "," + noGetOnA, want: sets{unbound: getObject, partly: getObject}},
		"denied by a document, boundary wide": {docs: []string{get, put, noGet}, boundary: all, want: sets{unbound: putObject}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var docs []*policy.Analysis
			for _, statements := range test.docs {
				docs = append(docs, f.analyze(t, statements))
			}
			var boundary *policy.Analysis
			if test.boundary != "" {
				boundary = f.analyze(t, test.boundary)
			}
			e := policy.NewEvaluator(f.Catalog)
			grants := e.Grants(docs, boundary, nil)
			got := sets{f.names(e.Unbound()), f.names(e.Bound()), f.names(e.PartlyDenied())}
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(sets{})); diff != "" {
				t.Errorf("sets (-want +got):\n%s", diff)
			}
			if len(grants) > 1 || (len(grants) == 1) != (len(got.unbound)+len(got.bound) > 0) {
				t.Errorf("grants %v", grants)
			}
		})
	}
}

func TestEvaluatorKeepsNothing(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	e := policy.NewEvaluator(f.Catalog)
	admin := f.analyze(t, `{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"s3:*","Resource":"arn:x"}`)
	if e.Grants([]*policy.Analysis{admin}, admin, nil); !e.Admin() {
		t.Error("not an administrator")
	}
	grants := e.Grants(nil, nil, nil)
	if len(grants) > 0 || e.Admin() || !e.Unbound().Empty() || !e.Bound().Empty() || !e.PartlyDenied().Empty() {
		t.Errorf("left over: %v", grants)
	}
}

func TestBoundedAdministratorIsNone(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	e := policy.NewEvaluator(f.Catalog)
	admin := f.analyze(t, `{"Effect":"Allow","Action":"*","Resource":"*"}`)
	for boundary, want := range map[string]bool{
		`{"Effect":"Allow","Action":"*","Resource":"*"}`:              true,
		`{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::a"}`: false,
		`{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`:       false,
	} {
		if e.Grants([]*policy.Analysis{admin}, f.analyze(t, boundary), nil); e.Admin() != want {
			t.Errorf("boundary %s: admin %v", boundary, e.Admin())
		}
	}
}

func TestGrantsAppendsWithoutAllocating(t *testing.T) {
	f := loadFacts(t)
	docs := []*policy.Analysis{
		f.analyze(t, `{"Effect":"Allow","Action":["s3:Get*","iam:*"],"Resource":"*"}`),
		f.analyze(t, `{"Effect":"Allow","Action":["ec2:*"],"Resource":"arn:aws:ec2:*:*:instance/*"}`),
	}
	e := policy.NewEvaluator(f.Catalog)
	first := policy.ServiceGrant{Service: f.service(t, "xray")}
	dst := make([]policy.ServiceGrant, 0, 8)
	if allocs := testing.AllocsPerRun(10, func() { dst = e.Grants(docs, docs[0], append(dst[:0], first)) }); allocs > 0 {
		t.Errorf("%v allocations", allocs)
	}
	if len(dst) != 3 || dst[0] != first {
		t.Errorf("grants %v", dst)
	}
}
