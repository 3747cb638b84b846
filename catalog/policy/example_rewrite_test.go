package policy_test

import (
	"fmt"
	"log"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
)

// A policy from a template's text, with short actions: policy_sentry's
// write_policy_with_template.
func ExampleParseTemplate() {
	c, err := catalog.Open()
	if err != nil {
		log.Fatal(err)
	}
	template, err := policy.ParseTemplate([]byte(`{
		"mode": "crud",
		"list": ["arn:aws:ecr:us-east-1:123456789012:repository/orders"],
		"wildcard-only": {"single-actions": ["ecr:GetAuthorizationToken"]}
	}`))
	if err != nil {
		log.Fatal(err)
	}
	writer := policy.NewWriter(c)
	out, err := writer.Write(template)
	if err != nil {
		log.Fatal(err)
	}
	short := writer.Minimize(out.Policy, 4)
	for _, s := range short.Statement {
		fmt.Println(s.SID, s.Action, s.Resource)
	}
	// Output:
	// EcrListRepository [ecr:describeimages ecr:listi*] [arn:aws:ecr:us-east-1:123456789012:repository/orders]
	// MultMultNone [ecr:getau*] [*]
}

// All that is wrong with a template comes back at once, each with its place.
func ExampleFaults() {
	c, err := catalog.Open()
	if err != nil {
		log.Fatal(err)
	}
	_, err = policy.Write(c, policy.Template{Mode: policy.ModeActions, Actions: []string{"s3:GetObject", "s3:GetObjcet", "sqss:SendMessage"}})
	fmt.Println(err)
	// Output:
	// actions[1]: the catalog has no action "s3:GetObjcet"; did you mean s3:GetObject or s3:PutObject?
	// actions[2]: the catalog has no action "sqss:SendMessage"; did you mean sqs:SendMessage?
}

// A policy without wildcards in its actions, policy_sentry's
// get_expanded_policy.
func ExampleExpand() {
	c, err := catalog.Open()
	if err != nil {
		log.Fatal(err)
	}
	doc, err := policy.ParseDocument([]byte(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ecr:*Tag*","Resource":"*"}}`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(policy.Expand(c, doc).Statements[0].Actions)
	// Output: [ecr:ListTagsForResource ecr:PutImageTagMutability ecr:TagResource ecr:UntagResource]
}

// A shorter policy that grants the same.
func ExampleWriter_MinimizeDocument() {
	c, err := catalog.Open()
	if err != nil {
		log.Fatal(err)
	}
	doc, err := policy.ParseDocument([]byte(`{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":["ecr:ListTagsForResource","ecr:TagResource"],"Resource":"*"},
		{"Effect":"Allow","Action":"ecr:UntagResource","Resource":"*"}]}`))
	if err != nil {
		log.Fatal(err)
	}
	short := policy.NewWriter(c).MinimizeDocument(doc, 0)
	fmt.Println(string(short.JSON("")))
	// Output: {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ecr:listt*","ecr:t*","ecr:un*"],"Resource":"*"}]}
}
