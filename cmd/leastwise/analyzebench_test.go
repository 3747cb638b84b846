package main

import (
	"encoding/json"
	"fmt"
	"io"
	"testing"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/risk"
	"github.com/leastwise/leastwise/collectors/export"
	"github.com/leastwise/leastwise/internal/report"
)

// shapes are statements as accounts have them: of everything, of a service, of
// some actions on named resources, with conditions, with a Deny.
func shapes(n int) []any {
	allow := func(resource any, actions ...string) map[string]any {
		return map[string]any{"Effect": "Allow", "Action": actions, "Resource": resource}
	}
	queue := fmt.Sprintf("arn:aws:sqs:eu-west-1:111122223333:queue-%d", n)
	bucket := fmt.Sprintf("arn:aws:s3:::bucket-%d/*", n)
	pass := allow("arn:aws:iam::111122223333:role/app-*", "iam:PassRole")
	pass["Condition"] = map[string]any{"StringEquals": map[string]any{"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
	deny := map[string]any{"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"}
	all := [][]any{
		{allow(bucket, "s3:GetObject", "s3:PutObject"), allow(queue, "sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage")},
		{allow("*", "ec2:Describe*", "elasticloadbalancing:Describe*", "cloudwatch:Get*", "cloudwatch:List*", "logs:*")},
		{allow("*", "lambda:*", "dynamodb:*"), pass},
		{allow("*", "s3:*"), deny},
		{allow("*", "ecr:GetAuthorizationToken", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "logs:CreateLogStream", "logs:PutLogEvents")},
		{allow("*", "ec2:*", "autoscaling:*", "elasticloadbalancing:*"), allow("*", "iam:GetRole", "iam:ListRoles", "iam:PassRole")},
		{allow("arn:aws:iam::111122223333:user/${aws:username}", "iam:*AccessKey*", "iam:ChangePassword", "iam:GetUser")},
		{allow([]string{bucket, "arn:aws:s3:::shared"}, "s3:Get*", "s3:List*"), allow("*", "kms:Decrypt", "secretsmanager:GetSecretValue")},
	}
	return all[n%len(all)]
}

func bigDocument(n int) map[string]any {
	return map[string]any{"Version": "2012-10-17", "Statement": append(shapes(n), shapes(n*3+1)...)}
}

// bigAccount is the JSON of an account of so many roles, users and policies. Those
// of the benchmark are those of the account that cloudsplaining's figure is of.
func bigAccount(tb testing.TB, roles, users, policies int) []byte {
	tb.Helper()
	arn := func(kind string, n int) string {
		return fmt.Sprintf("arn:aws:iam::111122223333:%s/%s-%03d", kind, kind, n)
	}
	var r, u, p []any
	for n := range policies {
		p = append(p, map[string]any{"Arn": arn("policy", n), "PolicyName": fmt.Sprintf("policy-%03d", n), "PolicyId": fmt.Sprintf("ANPA%012d", n), "Path": "/",
			"DefaultVersionId": "v1", "AttachmentCount": 1, "PolicyVersionList": []any{map[string]any{"VersionId": "v1", "IsDefaultVersion": true, "Document": bigDocument(n)}}})
	}
	attached := func(n int) (list []any) {
		for i := range 1 + n%3 {
			k := (n*5 + i) % policies
			list = append(list, map[string]any{"PolicyArn": arn("policy", k), "PolicyName": fmt.Sprintf("policy-%03d", k)})
		}
		return list
	}
	for n := range roles {
		principal := map[string]any{"Service": []string{"lambda.amazonaws.com", "ec2.amazonaws.com", "ecs-tasks.amazonaws.com"}[n%3]}
		if n%4 == 0 {
			principal = map[string]any{"AWS": arn("role", (n+1)%roles)}
		}
		r = append(r, map[string]any{"Arn": arn("role", n), "RoleName": fmt.Sprintf("role-%03d", n), "RoleId": fmt.Sprintf("AROA%012d", n), "Path": "/",
			"CreateDate":               "2020-01-01T00:00:00Z",
			"AssumeRolePolicyDocument": map[string]any{"Statement": []any{map[string]any{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}}},
			"AttachedManagedPolicies":  attached(n), "RolePolicyList": []any{map[string]any{"PolicyName": "inline", "PolicyDocument": bigDocument(n + 7)}}})
	}
	for n := range users {
		u = append(u, map[string]any{"Arn": arn("user", n), "UserName": fmt.Sprintf("user-%03d", n), "UserId": fmt.Sprintf("AIDA%012d", n), "Path": "/",
			"CreateDate": "2020-01-01T00:00:00Z", "AttachedManagedPolicies": attached(n + 1)})
	}
	raw, err := json.MarshalIndent(map[string]any{"UserDetailList": u, "RoleDetailList": r, "Policies": p, "GroupDetailList": []any{}}, "", "    ")
	if err != nil {
		tb.Fatal(err)
	}
	return raw
}

// cloudsplaining takes 4.6 seconds for an account of 78 roles, 44 users and 84
// policies, as a command.
func BenchmarkAnalyzeAccount(b *testing.B) {
	c, err := catalog.Open()
	if err != nil {
		b.Fatal(err)
	}
	rules, err := risk.Load(c)
	if err != nil {
		b.Fatal(err)
	}
	e := risk.NewEngine(rules, risk.DefaultOptions())
	file := savedFile(b, "account.json", bigAccount(b, 78, 44, 84))
	read := func() *export.Saved {
		saved, err := export.Read(b.Context(), export.Config{}, file, nil)
		if err != nil {
			b.Fatal(err)
		}
		return saved
	}
	judge := func(saved *export.Saved) *report.Report {
		r, err := judgeSaved(b.Context(), e, saved)
		if err != nil {
			b.Fatal(err)
		}
		return r
	}
	saved := read()
	judged := judge(saved)
	for name, do := range map[string]func() error{
		"read":           func() error { read(); return nil },
		"judge":          func() error { judge(saved); return nil },
		"write JSON":     func() error { return judged.JSON(io.Discard) },
		"write HTML":     func() error { return judged.HTML(io.Discard) },
		"read and judge": func() error { judge(read()); return nil },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := do(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(judged.Findings)), "findings")
		})
	}
}
