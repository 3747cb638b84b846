package risk_test

import (
	"fmt"
	"log"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/catalog/risk"
)

// What two policies of a role add up to.
func ExampleEngine_Findings() {
	facts, err := catalog.Open()
	if err != nil {
		log.Fatal(err)
	}
	rules, err := risk.Load(facts)
	if err != nil {
		log.Fatal(err)
	}
	engine := risk.NewEngine(rules, risk.DefaultOptions())

	var policies policy.Policies
	for _, text := range []string{
		`{"Statement":{"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::111122223333:role/batch-*"}}`,
		`{"Statement":{"Effect":"Allow","Action":["lambda:CreateFunction","lambda:Invoke*"],"Resource":"arn:aws:lambda:eu-west-1:111122223333:function:nightly"}}`,
	} {
		doc, err := policy.ParseDocument([]byte(text))
		if err != nil {
			log.Fatal(err)
		}
		policies.Attachments = append(policies.Attachments, policy.Attachment{Analysis: policy.Analyze(facts, doc), Source: "inline"})
	}
	effective := policy.NewEvaluator(facts).Evaluate(&policies)

	findings, _ := engine.Findings(effective, risk.Entity{Kind: "role", Name: "nightly"})
	for _, f := range findings {
		fmt.Println(f.Severity, f.Rule, f.Actions, f.Scope)
		for _, e := range f.Evidence {
			fmt.Println(" ", e.Effect, e.Actions, e.Resources)
		}
		fmt.Println(" ", f.Remedy)
	}
	// Output:
	// medium passrole-lambda-invoke [iam:PassRole lambda:CreateFunction lambda:InvokeFunction] exact
	//   Allow [iam:PassRole] [arn:aws:iam::111122223333:role/batch-*]
	//   Allow [lambda:CreateFunction lambda:InvokeFunction] [arn:aws:lambda:eu-west-1:111122223333:function:nightly]
	//   Limit iam:PassRole to the roles that Lambda needs, and let no role with more than that trust it.
}
