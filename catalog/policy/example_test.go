package policy_test

import (
	"fmt"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
)

func ExampleWriter_Write() {
	c, err := catalog.Open()
	if err != nil {
		fmt.Println(err)
		return
	}
	out, err := policy.NewWriter(c).Write(policy.Template{
		Mode: policy.ModeCRUD,
		List: []string{"arn:aws:ecr:us-east-1:123456789012:repository/orders"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(out.Policy.JSON("  ")))
	// Output:
	// {
	//   "Version": "2012-10-17",
	//   "Statement": [
	//     {
	//       "Sid": "EcrListRepository",
	//       "Effect": "Allow",
	//       "Action": [
	//         "ecr:DescribeImages",
	//         "ecr:ListImages"
	//       ],
	//       "Resource": [
	//         "arn:aws:ecr:us-east-1:123456789012:repository/orders"
	//       ]
	//     }
	//   ]
	// }
}

func ExampleEvaluator_Evaluate() {
	c, err := catalog.Open()
	if err != nil {
		fmt.Println(err)
		return
	}
	e := policy.NewEvaluator(c)
	var policies policy.Policies
	for _, text := range []string{
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::orders/*"}}`,
		`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:Put*","Resource":"*"}}`,
	} {
		doc, err := policy.ParseDocument([]byte(text))
		if err != nil {
			fmt.Println(err)
			return
		}
		policies.Attachments = append(policies.Attachments, policy.Attachment{Analysis: e.Analyze(doc)})
	}
	for _, grant := range e.Evaluate(&policies).Grants(nil) {
		fmt.Println(c.Service(grant.Service).Prefix, "reads", grant.Bound[catalog.Read], "writes", grant.Bound[catalog.Write])
	}
	// Output: s3 reads 1 writes 0
}

func ExampleTrusts() {
	doc, err := policy.ParseDocument([]byte(`{"Version":"2012-10-17","Statement":{"Effect":"Allow",
		"Action":"sts:AssumeRole","Principal":{"AWS":"arn:aws:iam::444455556666:root"}}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, trust := range policy.Trusts(doc, "111122223333") {
		fmt.Println(trust.Kind, trust.Account, "cross-account", trust.CrossAccount, "external id", trust.HasExternalID)
	}
	// Output: AWS 444455556666 cross-account true external id false
}
