package enrich

import (
	"fmt"
	"testing"

	"github.com/leastwise/leastwise/schemas/event"
)

// BenchmarkEnrichPrincipal enriches one role whose documents are cached, without
// reading or writing JSON. The aim is under 20 µs, and no allocation per action.
func BenchmarkEnrichPrincipal(b *testing.B) {
	e := newTestEnricher(b)
	docs := documents{}
	services := []string{"s3", "ec2", "sqs", "sns", "dynamodb", "lambda", "logs", "kms", "ssm", "sts"}
	for _, n := range []int{1, 3, 10} {
		r := event.Role{Common: common("AROA1"), Identity: event.Identity{Name: "r", ARN: "arn:aws:iam::111122223333:role/r"}}
		for i := range n {
			content := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[
				{"Effect":"Allow","Action":["%[1]s:Get*","%[1]s:List*","%[1]s:Describe*"],"Resource":"*"},
				{"Effect":"Allow","Action":"%[1]s:*","Resource":"arn:aws:%[1]s:*:111122223333:thing/*"}]}`, services[i])
			r.Policies = append(r.Policies, docs.add(e, services[i], content))
		}
		b.Run(fmt.Sprintf("documents=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.Role(r, docs); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
