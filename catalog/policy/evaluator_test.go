package policy_test

import (
	"testing"

	"github.com/leastwise/leastwise/catalog/policy"
)

func TestEvaluatorKeepsNothing(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	e := policy.NewEvaluator(f.Catalog)
	full := principal{
		[]string{allow("*", "*") + "," + deny("s3:*", objects) + "," + allow("s3:*", invoices) + "," + deny("s3:*", "!"+objects)},
		allow("*", "*") + "," + allow("s3:*", "arn:aws:s3:::*") + "," + statement("Deny", "*", "*", mfa),
		[][]string{{allow("*", "*"), deny("sqs:*", "arn:aws:sqs:*:*:*")}},
	}
	if got := e.Evaluate(f.policiesOf(t, full)); got.Usable().Empty() || got.Partly().Empty() {
		t.Error("nothing is granted")
	}
	got := e.Evaluate(&policy.Policies{})
	if grants := got.Grants(nil); len(grants) > 0 || got.Admin() || !got.Unbound().Empty() || !got.Bound().Empty() ||
		!got.Partly().Empty() || !got.Usable().Empty() || !got.Unconditional().Empty() {
		t.Errorf("left over: %v", grants)
	}
	one := e.Evaluate(f.policiesOf(t, principal{identity: []string{allow("s3:GetObject", "*")}}))
	if got := verdictOf(f, one, "s3:GetObject"); got != "everything" {
		t.Errorf("after it: %s", got)
	}
}

func TestBoundedAdministratorIsNone(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	e := policy.NewEvaluator(f.Catalog)
	for boundary, want := range map[string]bool{
		allow("*", "*"):              true,
		allow("*", bucket):           false,
		allow("*", "arn:aws:s3:::*"): false,
		allow("!iam:*", "*"):         false,
		allow("*", "*") + "," + deny("iam:CreateUser", "*"):           false,
		allow("*", "*") + "," + deny("iam:PassRole", appRoles):        true, // partly denied
		allow("*", "*") + "," + statement("Deny", "iam:*", "*", mfa):  true,
		allow("!iam:*", "*") + "," + allow("iam:*", "*"):              true,
		allow("!iam:*", "*") + "," + allow("iam:*", "arn:aws:iam::*"): false,
	} {
		p := principal{identity: []string{allow("*", "*")}, boundary: boundary}
		if got := e.Evaluate(f.policiesOf(t, p)).Admin(); got != want {
			t.Errorf("boundary %s: admin %v", boundary, got)
		}
	}
}

func TestEvaluateDoesNotAllocate(t *testing.T) {
	f := loadFacts(t)
	p := f.policiesOf(t, principal{
		[]string{allow("s3:Get* iam:*", "*"), allow("ec2:*", "arn:aws:ec2:*:*:instance/*"), allow("s3:*", objects+" "+invoices)},
		allow("s3:* iam:* ec2:*", "*") + "," + deny("s3:*", bucket+"/secret/*"),
		[][]string{{allow("*", "*"), deny("iam:*", "arn:aws:iam::*:role/org-*")}},
	})
	e := policy.NewEvaluator(f.Catalog)
	dst := make([]policy.ServiceGrant, 1, 8)
	if allocs := testing.AllocsPerRun(10, func() { dst = e.Evaluate(p).Grants(dst[:1]) }); allocs > 0 {
		t.Errorf("%v allocations", allocs)
	}
	if len(dst) != 4 {
		t.Errorf("grants %v", dst)
	}
}

func TestEvaluatorAnalyzesAsAnalyzeDoes(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	e := policy.NewEvaluator(f.Catalog)
	for _, statements := range []string{allow("*", "*"), deny("s3:*", "!arn:aws:s3:::*"), allow("sqs:*", "arn:aws:sqs:*:*:*"), ""} {
		doc := mustParse(t, `{"Version":"2012-10-17","Statement":[`+statements+`]}`)
		for range 2 { // working memory must be left as it was found
			one, other := f.NewSet(), f.NewSet()
			analysis := e.Analyze(doc)
			analysis.AddUnbound(one)
			analysis.AddDenied(one)
			analysis.AddPartlyDenied(one)
			fresh := policy.Analyze(f.Catalog, doc)
			fresh.AddUnbound(other)
			fresh.AddDenied(other)
			fresh.AddPartlyDenied(other)
			if !one.Equal(other) {
				t.Errorf("%s: %v, want %v", statements, f.names(one), f.names(other))
			}
		}
	}
}
