package risk_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/catalog/risk"
)

// large is an account of many principals as they are found: most carry one of a
// few managed policies and one inline policy of their own.
func large(t testing.TB, count int) *world {
	w := newWorld(t)
	managed := []string{
		allow("logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents", "*"),
		allow("s3:Get* s3:List*", "*"),
		allow("ec2:Describe* cloudwatch:Get* cloudwatch:List*", "*"),
		allow("iam:PassRole", arn("role/team-*")) + "," + allow("lambda:CreateFunction lambda:InvokeFunction lambda:UpdateFunctionCode", "*"),
		allow("sts:AssumeRole", "arn:aws:iam::*:role/deploy-*"),
		everything,
	}
	for i, s := range managed {
		w.policy(fmt.Sprintf("managed-%d", i), s)
	}
	trust := []part{byService("lambda"), byService("ec2"), byAccount(), byService("ecs-tasks"), by("role/team-1/r00001")}
	for i := range count {
		own := can("dynamodb:GetItem dynamodb:PutItem dynamodb:Query", fmt.Sprintf("arn:aws:dynamodb:*:%s:table/t%05d", accountID, i))
		parts := []part{own, carries("managed-0"), carries(fmt.Sprintf("managed-%d", 1+i%2)), since(500, 1+i%200), trust[i%len(trust)]}
		if i%20 == 0 {
			parts = append(parts, carries("managed-3"))
		}
		if i%50 == 7 {
			parts = append(parts, carries("managed-4"))
		}
		if i%500 == 3 {
			parts = append(parts, carries("managed-5"))
		}
		w.role(fmt.Sprintf("team-%d/r%05d", i%50, i), parts...)
		w.report(w.principals[i].Entity, true, map[string]int{"dynamodb": 1, "logs": 3, "s3": 0, "ec2": 0, "cloudwatch": 120})
	}
	return w
}

// add gives an account everything of a world.
func (w *world) add() *risk.Account {
	a := w.engine.NewAccount(w.info)
	for i := range w.principals {
		a.AddPrincipal(w.principals[i])
	}
	for i := range w.policies {
		a.AddPolicy(w.policies[i])
	}
	for i := range w.access {
		a.AddAccess(w.access[i])
	}
	return a
}

func BenchmarkWholeAccount(b *testing.B) {
	for _, count := range []int{300, 10_000} {
		b.Run(fmt.Sprint(count), func(b *testing.B) {
			w := large(b, count)
			b.ReportAllocs()
			for b.Loop() {
				for range w.add().Judge() {
				}
			}
		})
	}
}

// distinct is the text of a document as principals have them, no two of which are equal: of
// named resources, of a service, with conditions, with a Deny.
func distinct(principal, document int) string {
	n := 10*principal + document
	table, bucket := fmt.Sprintf("arn:aws:dynamodb:*:%s:table/t%05d", accountID, n), fmt.Sprintf("arn:aws:s3:::b%05d/*", n)
	statements := [...]string{
		allow("dynamodb:GetItem dynamodb:PutItem dynamodb:Query", table) + "," + allow("s3:GetObject s3:PutObject", bucket),
		allow("ec2:Describe* elasticloadbalancing:Describe* cloudwatch:Get* logs:*", "*"),
		allow("lambda:*", "*") + "," + allow("iam:PassRole", arn("role/team-*"), condition("StringEquals", "iam:PassedToService", "ecs-tasks.amazonaws.com")),
		allow("s3:*", "*") + "," + strings.Replace(allow("s3:DeleteBucket", "*"), "Allow", "Deny", 1),
		allow("iam:*AccessKey*", "arn:aws:iam::*:user/${aws:username}"),
		allow("kms:Decrypt secretsmanager:GetSecretValue", "*", condition("StringEquals", "aws:ResourceTag/team", fmt.Sprint(n))),
		strings.Replace(allow("s3:PutObject", bucket), "Allow", "Deny", 1),
		allow("sts:AssumeRole", arn(fmt.Sprintf("role/deploy-%05d", n))),
		allow("ecr:GetAuthorizationToken ecr:BatchGetImage logs:CreateLogStream logs:PutLogEvents", "*"),
		allow("sqs:SendMessage sqs:ReceiveMessage", fmt.Sprintf("arn:aws:sqs:*:%s:q%05d", accountID, n)),
	}
	return fmt.Sprintf(`{"Version":"2012-10-17","Id":"%d","Statement":[%s]}`, n, statements[document])
}

// Cold: no document was seen before, so that each is parsed and analysed too.
func BenchmarkColdAccount(b *testing.B) {
	const principals, documents = 300, 10
	w := newWorld(b)
	trust := []part{byService("lambda"), byService("ec2"), byAccount(), byService("ecs-tasks"), by("role/r00001")}
	texts := make([][]byte, 0, principals*documents)
	for i := range principals {
		w.role(fmt.Sprintf("r%05d", i), trust[i%len(trust)])
		for d := range documents {
			texts = append(texts, []byte(distinct(i, d)))
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		a, e := risk.NewEngine(w.rules, w.engine.Options()).NewAccount(w.info), policy.NewEvaluator(w.Catalog)
		for i, p := range w.principals {
			p.Policies.Attachments = make([]policy.Attachment, documents)
			for d := range documents {
				doc, err := policy.ParseDocument(texts[i*documents+d])
				if err != nil {
					b.Fatal(err)
				}
				p.Policies.Attachments[d] = policy.Attachment{Analysis: e.Analyze(doc), Document: doc.ID, Source: "inline", Name: doc.ID}
			}
			a.AddPrincipal(p)
		}
		findings := 0
		for j := range a.Judge() {
			findings += len(j.Findings)
		}
		b.ReportMetric(float64(findings), "findings")
	}
}

// An account of 10,000 principals needs 40 MB beside the analyses of the
// documents, which its judge shares.
func TestMemoryOfALargeAccount(t *testing.T) {
	if testing.Short() {
		t.Skip("judges 10,000 principals")
	}
	w := large(t, 10_000)
	var shared []any
	for i := range w.principals {
		p := &w.principals[i]
		for j := range p.Policies.Attachments {
			shared = append(shared, p.Policies.Attachments[j].Analysis)
		}
		shared = append(shared, p.Trust)
	}
	a := w.add()
	w = nil
	most, n := uint64(0), 0
	for range a.Judge() {
		if n++; n%2500 == 1 {
			most = max(most, heap())
		}
	}
	runtime.KeepAlive(a)
	a = nil
	used := int64(most-heap()) >> 20
	runtime.KeepAlive(shared)
	t.Logf("%d MB", used)
	if used > 40 {
		t.Errorf("%d MB for 10,000 principals, want at most 40", used)
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
