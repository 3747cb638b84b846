package risk_test

import (
	"fmt"
	"testing"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/catalog/risk"
)

// BenchmarkLoad reads the embedded rules, once per process.
func BenchmarkLoad(b *testing.B) {
	c, err := catalog.Open()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := risk.Load(c); err != nil {
			b.Fatal(err)
		}
	}
}

// application is what a role of an application has: its own table, queue and
// bucket, and reading of what cannot be bound.
func application(i int) []string {
	name := fmt.Sprint("app-", i)
	return []string{
		allow("dynamodb:GetItem dynamodb:PutItem dynamodb:Query", "arn:aws:dynamodb:eu-west-1:111122223333:table/"+name),
		allow("s3:GetObject s3:PutObject", "arn:aws:s3:::"+name+"/*") + "," + allow("s3:ListBucket", "arn:aws:s3:::"+name),
		allow("sqs:SendMessage sqs:ReceiveMessage sqs:DeleteMessage", "arn:aws:sqs:eu-west-1:111122223333:"+name) + "," + allow("ec2:Describe* cloudwatch:Get* logs:Describe*", "*"),
	}
}

// BenchmarkMatch finds the rules that hold for a principal that was evaluated:
// all that enrichment asks for. The aim is under 5 µs where none holds.
func BenchmarkMatch(b *testing.B) {
	f := load(b)
	for name, documents := range map[string][]string{
		"nothing found": application(1),
		"escalations":   {allow("iam:* lambda:* ec2:* s3:*", "*")},
		"power user":    {`{"Effect":"Allow","NotAction":["iam:*","organizations:*"],"Resource":"*"}`},
		"administrator": {allow("*", "*")},
	} {
		b.Run(name, func(b *testing.B) {
			m := f.engine.NewMatcher()
			effective := policy.NewEvaluator(f.Catalog).Evaluate(f.carry(b, documents...))
			grants := effective.Grants(nil)
			b.ReportAllocs()
			for b.Loop() {
				m.Match(effective)
				for i := range grants {
					m.ServiceTags(grants[i].Service)
				}
			}
		})
	}
}

// BenchmarkFindings makes the findings of a principal with their evidence.
func BenchmarkFindings(b *testing.B) {
	f := load(b)
	for name, documents := range map[string][]string{
		"nothing found": application(1),
		"escalations":   {allow("iam:* lambda:* ec2:* s3:*", "*")},
		"power user":    {`{"Effect":"Allow","NotAction":["iam:*","organizations:*"],"Resource":"*"}`},
		"administrator": {allow("*", "*")},
	} {
		b.Run(name, func(b *testing.B) {
			effective := policy.NewEvaluator(f.Catalog).Evaluate(f.carry(b, documents...))
			b.ReportAllocs()
			for b.Loop() {
				f.engine.Findings(effective, role())
			}
		})
	}
}

// BenchmarkAccount judges 78 roles, 44 users and 84 policies, from the text of
// their documents. cloudsplaining takes 4.6 s for such an account on two cores;
// the aim is 20 ms.
func BenchmarkAccount(b *testing.B) {
	f := load(b)
	var texts [][]string
	for i := range 78 + 44 + 84 {
		documents := application(i)
		switch i % 10 {
		case 3:
			documents = append(documents, allow("iam:PassRole", appRoles), allow("lambda:* ec2:RunInstances", "*"))
		case 5:
			documents = append(documents, allow("s3:* kms:* secretsmanager:*", "*"))
		case 7:
			documents = append(documents, allow("iam:*", "*"))
		case 9:
			documents = append(documents, `{"Effect":"Allow","NotAction":["iam:*","organizations:*"],"Resource":"*"}`)
		}
		texts = append(texts, documents)
	}
	evaluator := policy.NewEvaluator(f.Catalog)
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for _, documents := range texts {
			findings, _ := f.engine.Findings(evaluator.Evaluate(f.carry(b, documents...)), role())
			n += len(findings)
		}
		b.ReportMetric(float64(n), "findings")
	}
}
