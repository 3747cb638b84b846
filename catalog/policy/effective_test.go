package policy_test

import (
	"testing"

	"github.com/leastwise/leastwise/catalog/policy"
)

func TestEffectiveOfAPrincipal(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	e := policy.NewEvaluator(f.Catalog)
	role := policy.Attachment{Analysis: f.analyze(t, `{"Effect":"Allow","Action":["iam:PassRole","s3:*"],"Resource":["arn:aws:iam::*:role/app-*","arn:aws:s3:::a/*"],"Condition":{"StringEquals":{"iam:PassedToService":"lambda.amazonaws.com"}}}`)}
	got := e.Evaluate(&policy.Policies{Attachments: []policy.Attachment{role}})
	pass, _ := f.LookupAction("iam:PassRole")
	if !got.Has(pass) || !got.Conditional(pass) || got.Scope(pass) != policy.ScopePrefix {
		t.Errorf("pass role: scope %s", got.Scope(pass))
	}
	reach := got.Reach(pass)
	const app = "arn:aws:iam::111122223333:role/app-1"
	if !reach.Contains(app) || !reach.Passes(app, "lambda.amazonaws.com") || reach.Passes(app, "ec2.amazonaws.com") || reach.PassedTo("ec2.amazonaws.com") {
		t.Errorf("reach %q", reach.Key())
	}
}
