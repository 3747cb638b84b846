package policy_test

import (
	"testing"

	"github.com/leastwise/leastwise/catalog/policy"
)

func TestUnion(t *testing.T) {
	one := func(docs ...string) principal { return principal{identity: docs} }
	runEffective(t, []effectiveCase{
		{"nothing is attached", one(), []string{"s3:GetObject: absent"}},
		{"one document", one(allow("s3:GetObject", "*")), []string{"s3:GetObject: everything", "s3:PutObject: absent"}},
		{"two documents", one(allow("s3:GetObject", "*"), allow("s3:PutObject", "*")), []string{"s3:GetObject: everything", "s3:PutObject: everything"}},
		{"two statements", one(allow("s3:GetObject", "*") + "," + allow("s3:PutObject", objects)), []string{"s3:GetObject: everything", "s3:PutObject: prefix"}},
		{"the widest scope counts", one(allow("s3:GetObject", objects), allow("s3:GetObject", "*")), []string{"s3:GetObject: everything"}},
		{"the widest of two patterns", one(allow("iam:PassRole", oneRole+" "+appRoles)), []string{"iam:PassRole: prefix"}},
		{"an empty document", one(""), []string{"s3:GetObject: absent"}},
		{"an effect that is none", one(`{"Effect":"allow","Action":"s3:GetObject","Resource":"*"}`), []string{"s3:GetObject: absent"}},
		{"actions in any case", one(allow("S3:getOBJECT", "*")), []string{"s3:GetObject: everything"}},
		{"a star in the name", one(allow("s3:Get*Object", "*")), []string{"s3:GetObject: everything", "s3:GetObjectAcl: absent"}},
		{"a question mark in the name", one(allow("s3:?etObject", "*")), []string{"s3:GetObject: everything", "s3:PutObject: absent"}},
		{"every action of a service", one(allow("s3:*", "*")), []string{"s3:PutObject: everything", "s3-object-lambda:GetObject: absent"}},
		{"every action", one(allow("*", "*")), []string{"iam:PassRole: everything", "xray:PutTraceSegments: everything"}},
		{"a wildcard for the service is none", one(allow("s*:GetObject", "*")), []string{"s3:GetObject: absent"}},
		{"unknown actions grant nothing known", one(allow("s3:NoSuchAction nosuch:*", "*")), []string{"s3:GetObject: absent"}},
		{"lists of one", one(`{"Effect":"Allow","Action":["s3:GetObject"],"Resource":["*"]}`), []string{"s3:GetObject: everything"}},
		{"unless named", one(allow("!s3:Get* iam:*", "*")), []string{"s3:GetObject: absent", "s3:PutObject: everything", "iam:PassRole: absent", "xray:PutTraceSegments: everything"}},
		{"unless named, on a bucket", one(allow("!s3:Get*", objects)), []string{"s3:GetObject: absent", "s3:PutObject: prefix", "xray:PutTraceSegments: none"}},
		{"unless everything is named", one(allow("!*", "*")), []string{"s3:GetObject: absent"}},
	})
}

func TestScopes(t *testing.T) {
	on := func(action, resources string) principal {
		return principal{identity: []string{allow(action, resources)}}
	}
	runEffective(t, []effectiveCase{
		{"everything", on("s3:*", "*"), []string{"s3:GetObject: everything", "s3:ListAllMyBuckets: everything"}},
		{"two stars", on("s3:*", "**"), []string{"s3:GetObject: everything"}},
		{"everything among others", on("s3:*", bucket+" *"), []string{"s3:GetObject: everything"}},
		{"everything in S3", on("s3:*", "arn:aws:s3:::*"), []string{"s3:GetObject: service", "s3:ListBucket: service", "s3:ListAllMyBuckets: none", "s3:GetJobTagging: none"}},
		{"everything in S3, any partition", on("s3:*", "arn:*:s3:::*"), []string{"s3:GetObject: service"}},
		{"everything in S3, China", on("s3:*", "arn:aws-cn:s3:::*"), []string{"s3:GetObject: service"}},
		{"all objects", on("s3:*", "arn:aws:s3:::*/*"), []string{"s3:GetObject: service", "s3:ListBucket: none"}},
		{"a bucket's objects", on("s3:*", objects), []string{"s3:GetObject: prefix", "s3:ListBucket: none"}},
		{"a bucket", on("s3:*", bucket), []string{"s3:ListBucket: exact", "s3:GetObject: none"}},
		{"buckets that begin alike", on("s3:*", "arn:aws:s3:::ord*"), []string{"s3:ListBucket: prefix", "s3:GetObject: prefix"}},
		{"an object", on("s3:*", bucket+"/a/b.txt"), []string{"s3:GetObject: exact"}},
		{"a question mark", on("s3:*", "arn:aws:s3:::order?"), []string{"s3:ListBucket: prefix"}},
		{"a wildcard in the middle", on("s3:*", "arn:aws:s3:::*/public/*"), []string{"s3:GetObject: prefix"}},
		{"everything in S3, by an incomplete ARN", on("s3:*", "arn:aws:s3"), []string{"s3:GetObject: service", "s3:ListAllMyBuckets: none"}},
		{"all of an account, by an incomplete ARN", on("iam:*", "arn:aws:iam::111122223333"), []string{"iam:PassRole: service", "iam:CreateUser: service"}},
		{"all roles", on("iam:*", anyRole), []string{"iam:PassRole: service", "iam:CreateUser: none", "iam:ListRoles: none"}},
		{"all roles of an account", on("iam:*", "arn:aws:iam::111122223333:role/*"), []string{"iam:PassRole: service"}},
		{"all of IAM in an account", on("iam:*", "arn:aws:iam::111122223333:*"), []string{"iam:PassRole: service", "iam:CreateUser: service"}},
		{"all roles below a path", on("iam:*", "arn:aws:iam::*:role/team/*"), []string{"iam:PassRole: prefix"}},
		{"one role", on("iam:*", oneRole), []string{"iam:PassRole: exact"}},
		{"one role of any account", on("iam:*", "arn:aws:iam::*:role/app-1"), []string{"iam:PassRole: exact"}},
		{"one role with a path", on("iam:*", "arn:aws:iam::*:role/team/app-1"), []string{"iam:PassRole: exact"}},
		{"accounts that look alike", on("iam:*", "arn:aws:iam::1111*:role/*"), []string{"iam:PassRole: prefix"}},
		{"all queues", on("sqs:*", "arn:aws:sqs:*:*:*"), []string{"sqs:SendMessage: service", "sqs:ListQueues: none"}},
		{"all queues of a region", on("sqs:*", "arn:aws:sqs:us-east-1:*:*"), []string{"sqs:SendMessage: prefix"}},
		{"one queue in any region", on("sqs:*", "arn:aws:sqs:*:*:orders"), []string{"sqs:SendMessage: exact"}},
		{"a log group and its streams", on("logs:*", "arn:aws:logs:*:*:log-group:app:*"), []string{"logs:CreateLogStream: prefix", "logs:PutLogEvents: prefix"}},
		{"functions that begin alike", on("lambda:*", "arn:aws:lambda:*:*:function:f*"), []string{"lambda:InvokeFunction: prefix"}},
		{"a region that goes on to the account", on("lambda:*", "arn:aws:lambda:*:function:f"), []string{"lambda:InvokeFunction: exact", "lambda:ListFunctions: none"}},
		{"some regions that do", on("lambda:*", "arn:aws:lambda:us-*:function:f*"), []string{"lambda:InvokeFunction: prefix"}},
		{"all functions of a region and an account at once", on("lambda:*", "arn:aws:lambda:*:function:*"), []string{"lambda:InvokeFunction: service"}},
		{"a bucket behind such a region", on("s3:*", "arn:aws:s3:*:orders"), []string{"s3:ListBucket: exact", "s3:GetObject: none"}},
		{"an account that goes on to the resource", on("lambda:*", "arn:aws:lambda:us-east-1:*:f"), []string{"lambda:InvokeFunction: prefix"}},
		{"a star that does not end a part", on("lambda:*", "arn:aws:lambda:us-*-1:function:f"), []string{"lambda:InvokeFunction: none"}},
		{"all functions of a region", on("lambda:*", "arn:aws:lambda:us-east-1:111122223333:*"), []string{"lambda:InvokeFunction: prefix"}},
		{"another service's resources", on("s3:*", "arn:aws:sqs:*:*:*"), []string{"s3:GetObject: none"}},
		{"what STS shares with IAM", on("sts:*", anyRole), []string{"sts:AssumeRole: service", "sts:GetCallerIdentity: none"}},
		{"the parts that are missing", on("sqs:*", "arn:aws:sqs:*"), []string{"sqs:SendMessage: service"}},
		{"too few parts", on("sqs:*", "arn:aws:sqs::orders"), []string{"sqs:SendMessage: none"}},
		{"not an ARN", on("s3:*", "orders/*"), []string{"s3:GetObject: none"}},
		{"all but a bucket", on("s3:*", "!"+bucket+" "+objects), []string{"s3:GetObject: everything", "s3:ListBucket: everything", "s3:ListAllMyBuckets: everything"}},
		{"all but everything", on("s3:*", "!*"), []string{"s3:GetObject: absent"}},
		{"all but all queues", on("sqs:*", "!arn:aws:sqs:*:*:*"), []string{"sqs:SendMessage: none", "sqs:ListQueues: everything"}},
		{"all but the queues of an account", on("sqs:*", "!arn:aws:sqs:*:111122223333:*"), []string{"sqs:SendMessage: everything"}},
		{"no resource", principal{identity: []string{`{"Effect":"Allow","Action":"s3:GetObject"}`}}, []string{"s3:GetObject: none"}},
		{"the own user", on("iam:CreateAccessKey", "arn:aws:iam::*:user/${aws:username}"), []string{"iam:CreateAccessKey: exact"}},
		{"below the own user", on("s3:*", "arn:aws:s3:::home/${aws:username}/*"), []string{"s3:GetObject: prefix"}},
		{"all roles of the own account", on("iam:PassRole", "arn:aws:iam::${aws:PrincipalAccount}:role/*"), []string{"iam:PassRole: service"}},
	})
}

func TestConditional(t *testing.T) {
	one := func(docs ...string) principal { return principal{identity: docs} }
	runEffective(t, []effectiveCase{
		{"without a condition", one(allow("s3:GetObject", "*")), []string{"s3:GetObject: everything"}},
		{"with a condition", one(statement("Allow", "s3:GetObject", "*", mfa)), []string{"s3:GetObject: everything, conditional"}},
		{"with a weak condition", one(statement("Allow", "s3:GetObject", "*", `"StringLike":{"aws:userid":"*"}`)), []string{"s3:GetObject: everything, conditional"}},
		{"with an empty condition", one(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{}}`), []string{"s3:GetObject: everything"}},
		{"both ways", one(statement("Allow", "s3:GetObject", "*", mfa), allow("s3:GetObject", "*")), []string{"s3:GetObject: everything"}},
		{"on more with a condition", one(statement("Allow", "s3:GetObject", "*", mfa), allow("s3:GetObject", objects)), []string{"s3:GetObject: everything"}},
		{"what is left has a condition", one(statement("Allow", "s3:GetObject", "*", mfa), allow("s3:GetObject", objects), deny("s3:GetObject", objects)), []string{"s3:GetObject: everything, conditional, partly denied"}},
		{"on nothing of it", one(statement("Allow", "s3:GetObject", bucket, mfa)), []string{"s3:GetObject: none"}},
		{"on nothing of it without a condition", one(statement("Allow", "s3:GetObject", "*", mfa), allow("s3:GetObject", bucket)), []string{"s3:GetObject: everything, conditional"}},
	})
}

// A document that is not to be had grants nothing and limits nothing.
func TestMissingDocuments(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	all := policy.Attachment{Analysis: f.analyze(t, allow("*", "*"))}
	noGet := policy.Attachment{Analysis: f.analyze(t, deny("s3:GetObject", "*"))}
	var missing policy.Attachment
	tests := map[string]struct {
		policies policy.Policies
		want     string
	}{
		"attached":                   {policy.Policies{Attachments: []policy.Attachment{missing}}, "absent"},
		"boundary":                   {policy.Policies{Attachments: []policy.Attachment{all}, Boundary: &missing}, "everything"},
		"control":                    {policy.Policies{Attachments: []policy.Attachment{all}, Controls: [][]policy.Attachment{{missing}}}, "everything"},
		"control beside one that is": {policy.Policies{Attachments: []policy.Attachment{all}, Controls: [][]policy.Attachment{{missing, noGet}}}, "absent"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := policy.NewEvaluator(f.Catalog).Evaluate(&test.policies)
			if got := verdictOf(f, e, "s3:GetObject"); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
			a, _ := f.LookupAction("s3:GetObject")
			if reach := e.Reach(a); reach.Empty() != (test.want == "absent") || reach.Contains("arn:aws:s3:::a/b") != (test.want != "absent") {
				t.Errorf("reach %q", reach.Key())
			}
		})
	}
}

// A star that goes over colons does so wherever a pattern stands.
func TestStarsOverColons(t *testing.T) {
	const (
		one   = "arn:aws:lambda:us-east-1:111122223333:function:f"
		other = "arn:aws:lambda:us-east-1:111122223333:function:g"
		short = "arn:aws:lambda:*:function:f"
	)
	in := func(docs ...string) principal { return principal{identity: docs} }
	runEffective(t, []effectiveCase{
		{"denied", in(allow("lambda:*", one), deny("lambda:*", short)), []string{"lambda:InvokeFunction: absent"}},
		{"denied in part", in(allow("lambda:*", "*"), deny("lambda:*", short)), []string{"lambda:InvokeFunction: everything, partly denied"}},
		{"denied all but", in(allow("lambda:*", other), deny("lambda:*", "!"+short)), []string{"lambda:InvokeFunction: absent"}},
		{"not denied all but", in(allow("lambda:*", one), deny("lambda:*", "!"+short)), []string{"lambda:InvokeFunction: exact"}},
		{"denied everywhere", in(allow("lambda:*", "*"), deny("lambda:UpdateFunctionCode", "arn:aws:lambda:*:function:*")), []string{"lambda:UpdateFunctionCode: absent"}},
		{"within a boundary", principal{identity: []string{allow("*", one)}, boundary: allow("*", short)}, []string{"lambda:InvokeFunction: exact"}},
		{"without a boundary", principal{identity: []string{allow("*", other)}, boundary: allow("*", short)}, []string{"lambda:InvokeFunction: absent"}},
		{"within a control", principal{[]string{allow("*", "*")}, "", [][]string{{allow("*", short)}}}, []string{"lambda:InvokeFunction: exact"}},
		{"without a control", principal{[]string{allow("*", other)}, "", [][]string{{allow("*", short)}}}, []string{"lambda:InvokeFunction: absent"}},
	})
}
