package policy_test

import "testing"

func TestDeny(t *testing.T) {
	both := func(docs ...string) principal { return principal{identity: docs} }
	always := allow("s3:* iam:PassRole sqs:*", "*")
	runEffective(t, []effectiveCase{
		{"on everything", both(always, deny("s3:GetObject", "*")), []string{"s3:GetObject: absent", "s3:PutObject: everything"}},
		{"before it is allowed", both(deny("s3:GetObject", "*"), always), []string{"s3:GetObject: absent"}},
		{"in the same document", both(always + "," + deny("s3:GetObject", "*")), []string{"s3:GetObject: absent"}},
		{"of what is bound", both(allow("s3:GetObject", objects), deny("s3:*", "*")), []string{"s3:GetObject: absent"}},
		{"of what is not allowed", both(allow("s3:PutObject", "*"), deny("s3:GetObject", "*")), []string{"s3:GetObject: absent", "s3:PutObject: everything"}},
		{"with wildcards", both(always, deny("s3:*Object", "*")), []string{"s3:GetObject: absent", "s3:ListBucket: everything"}},
		{"of all but some actions", both(always, deny("!s3:GetObject", "*")), []string{"s3:GetObject: everything", "s3:PutObject: absent", "iam:PassRole: absent"}},
		{"on some of it", both(always, deny("s3:GetObject", objects)), []string{"s3:GetObject: everything, partly denied", "s3:PutObject: everything"}},
		{"on resources of other actions", both(always, deny("s3:*", objects)), []string{"s3:GetObject: everything, partly denied", "s3:ListBucket: everything", "s3:ListAllMyBuckets: everything"}},
		{"on the same pattern", both(allow("s3:GetObject", objects), deny("s3:GetObject", objects)), []string{"s3:GetObject: absent"}},
		{"on a wider pattern", both(allow("s3:GetObject", bucket+"/a/*"), deny("s3:GetObject", objects)), []string{"s3:GetObject: absent"}},
		{"on a narrower pattern", both(allow("s3:GetObject", objects), deny("s3:GetObject", bucket+"/a/*")), []string{"s3:GetObject: prefix, partly denied"}},
		{"on another pattern", both(allow("s3:GetObject", objects), deny("s3:GetObject", invoices)), []string{"s3:GetObject: prefix"}},
		{"on a pattern that crosses", both(allow("s3:GetObject", objects), deny("s3:GetObject", "arn:aws:s3:::*/secret")), []string{"s3:GetObject: prefix, partly denied"}},
		{"of one of two patterns", both(allow("iam:PassRole", oneRole+" arn:aws:iam::*:role/batch-*"), deny("iam:PassRole", "arn:aws:iam::*:role/batch-*")), []string{"iam:PassRole: exact"}},
		{"of both patterns, one by one", both(allow("s3:GetObject", bucket+"/a/* "+bucket+"/b/*"), deny("s3:GetObject", bucket+"/a/*"), deny("s3:*", bucket+"/b/*")), []string{"s3:GetObject: absent"}},
		{"of the wider of two grants", both(allow("iam:PassRole", oneRole), allow("iam:PassRole", "arn:aws:iam::*:role/batch-*"), deny("iam:PassRole", "arn:aws:iam::*:role/batch-*")), []string{"iam:PassRole: exact"}},
		{"on all queues", both(always, deny("sqs:*", "arn:aws:sqs:*:*:*")), []string{"sqs:SendMessage: absent", "sqs:ListQueues: everything"}},
		{"on all queues of an account", both(always, deny("sqs:*", "arn:aws:sqs:*:111122223333:*")), []string{"sqs:SendMessage: everything, partly denied"}},
		{"on one of several types", both(always, deny("s3:*", "arn:aws:s3:::*")), []string{"s3:GetObject: everything, partly denied", "s3:DeleteBucket: absent"}},
		{"on all but some resources", both(always, deny("s3:*", "!"+objects)), []string{"s3:GetObject: prefix, partly denied", "s3:ListBucket: absent", "s3:ListAllMyBuckets: absent", "sqs:SendMessage: everything"}},
		{"on all but what is allowed", both(allow("s3:GetObject", bucket+"/a/*"), deny("s3:GetObject", "!"+objects)), []string{"s3:GetObject: prefix"}},
		{"on all but a part of what is allowed", both(allow("s3:GetObject", objects), deny("s3:GetObject", "!"+bucket+"/a/*")), []string{"s3:GetObject: prefix, partly denied"}},
		{"on all but something else", both(allow("s3:GetObject", objects), deny("s3:GetObject", "!"+invoices)), []string{"s3:GetObject: absent"}},
		{"on all but everything", both(always, deny("s3:*", "!*")), []string{"s3:GetObject: everything"}},
		{"of all but some, on all but some", both(always, deny("!s3:*", "!"+oneRole)), []string{"s3:GetObject: everything", "iam:PassRole: exact, partly denied", "sqs:SendMessage: absent"}},
		{"under a condition", both(always, statement("Deny", "s3:*", "*", mfa)), []string{"s3:GetObject: everything, partly denied", "iam:PassRole: everything"}},
		{"under an empty condition", both(always, `{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{}}`), []string{"s3:GetObject: absent"}},
		{"under a condition that cannot be read", both(always, `{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":"x"}`), []string{"s3:GetObject: everything, partly denied"}},
		{"under a condition, elsewhere", both(allow("s3:GetObject", objects), statement("Deny", "s3:*", invoices, mfa)), []string{"s3:GetObject: prefix"}},
		{"under a condition, there", both(allow("s3:GetObject", objects), statement("Deny", "s3:*", objects, mfa)), []string{"s3:GetObject: prefix, partly denied"}},
		{"under a condition, on all but it", both(allow("s3:GetObject", objects), statement("Deny", "s3:*", "!"+objects, mfa)), []string{"s3:GetObject: prefix"}},
		{"what is exempt is not touched", both(allow("s3:GetObject", "!"+objects), deny("s3:GetObject", bucket+"/a/*")), []string{"s3:GetObject: everything"}},
		{"to a principal", both(always, `{"Effect":"Deny","Action":"s3:*","Resource":"*","Principal":{"AWS":"444455556666"}}`), []string{"s3:GetObject: everything, partly denied"}},
		{"to everyone", both(always, `{"Effect":"Deny","Action":"s3:*","Resource":"*","Principal":"*"}`), []string{"s3:GetObject: absent"}},
		{"to all but a principal", both(always, `{"Effect":"Deny","Action":"s3:*","Resource":"*","NotPrincipal":{"AWS":"444455556666"}}`), []string{"s3:GetObject: everything, partly denied"}},
		{"without a resource", both(always, `{"Effect":"Deny","Action":"s3:*"}`), []string{"s3:GetObject: everything, partly denied"}},
		{"of everything to an administrator", both(allow("*", "*"), deny("*", "*")), []string{"s3:GetObject: absent", "xray:PutTraceSegments: absent"}},
		{"on the own user only", both(allow("iam:CreateAccessKey", "arn:aws:iam::*:user/*"), deny("iam:*", "arn:aws:iam::*:user/${aws:username}")), []string{"iam:CreateAccessKey: service, partly denied"}},
	})
}

func TestBoundary(t *testing.T) {
	within := func(boundary string, docs ...string) principal {
		return principal{identity: docs, boundary: boundary}
	}
	runEffective(t, []effectiveCase{
		{"allows what is granted", within(allow("s3:*", "*"), allow("s3:GetObject", "*")), []string{"s3:GetObject: everything", "s3:PutObject: absent"}},
		{"does not allow it", within(allow("sqs:*", "*"), allow("s3:GetObject", "*")), []string{"s3:GetObject: absent", "sqs:SendMessage: absent"}},
		{"never grants", within(allow("*", "*")), []string{"s3:GetObject: absent"}},
		{"is narrower", within(allow("s3:*", objects), allow("s3:*", "*")), []string{"s3:GetObject: prefix", "s3:ListBucket: absent"}},
		{"is wider", within(allow("s3:*", "*"), allow("s3:*", objects)), []string{"s3:GetObject: prefix", "s3:ListBucket: none"}},
		{"is the same", within(allow("s3:*", objects), allow("s3:*", objects)), []string{"s3:GetObject: prefix"}},
		{"is elsewhere", within(allow("s3:*", invoices), allow("s3:*", objects)), []string{"s3:GetObject: absent"}},
		{"crosses", within(allow("s3:*", "arn:aws:s3:::*/public/*"), allow("s3:*", objects)), []string{"s3:GetObject: prefix"}},
		{"holds one of two patterns", within(allow("iam:PassRole", oneRole), allow("iam:PassRole", appRoles+" arn:aws:iam::*:role/batch-*")), []string{"iam:PassRole: exact"}},
		{"allows the narrow way only", within(allow("iam:PassRole", oneRole), allow("iam:PassRole", "*"), allow("iam:PassRole", oneRole)), []string{"iam:PassRole: exact"}},
		{"allows all but some actions", within(allow("!iam:*", "*"), allow("*", "*")), []string{"iam:PassRole: absent", "s3:GetObject: everything"}},
		{"allows all but some resources", within(allow("s3:*", "!"+objects), allow("s3:*", "*")), []string{"s3:GetObject: everything", "s3:ListBucket: everything"}},
		{"exempts what is granted", within(allow("s3:*", "!"+objects), allow("s3:GetObject", bucket+"/a/*")), []string{"s3:GetObject: absent"}},
		{"exempts a part of what is granted", within(allow("s3:*", "!"+bucket+"/a/*"), allow("s3:GetObject", objects)), []string{"s3:GetObject: prefix"}},
		{"denies", within(allow("*", "*")+","+deny("s3:GetObject", "*"), allow("s3:*", "*")), []string{"s3:GetObject: absent", "s3:PutObject: everything"}},
		{"denies on some resources", within(allow("*", "*")+","+deny("s3:GetObject", objects), allow("s3:*", "*")), []string{"s3:GetObject: everything, partly denied"}},
		{"denies where it is granted", within(allow("*", "*")+","+deny("s3:GetObject", objects), allow("s3:*", objects)), []string{"s3:GetObject: absent"}},
		{"denies outside of itself", within(allow("s3:*", objects)+","+deny("s3:*", invoices), allow("s3:*", "*")), []string{"s3:GetObject: prefix"}},
		{"has a condition", within(statement("Allow", "s3:*", "*", mfa), allow("s3:GetObject", "*")), []string{"s3:GetObject: everything, conditional"}},
		{"has a condition in one place", within(statement("Allow", "s3:*", "*", mfa)+","+allow("s3:*", objects), allow("s3:GetObject", "*")), []string{"s3:GetObject: everything"}},
		{"has no condition elsewhere", within(statement("Allow", "s3:*", "*", mfa)+","+allow("s3:*", invoices), allow("s3:GetObject", objects)), []string{"s3:GetObject: prefix, conditional"}},
		{"names an action on no resource of it", within(allow("s3:*", bucket), allow("s3:*", "*")), []string{"s3:GetObject: absent", "s3:ListBucket: exact", "s3:ListAllMyBuckets: absent"}},
		{"a denial of the identity holds", within(allow("*", "*"), allow("s3:*", "*"), deny("s3:GetObject", "*")), []string{"s3:GetObject: absent"}},
		{"scopes narrow each other", within(allow("iam:*", anyRole), allow("iam:PassRole", appRoles)), []string{"iam:PassRole: prefix"}},
		{
			"leaves only what is exempted",
			within(allow("s3:*", "arn:aws:s3:::*")+","+deny("s3:*", "!arn:aws:s3:*:*:accesspoint/*"), allow("s3:*", "!arn:aws:s3:::a*")),
			[]string{"s3:GetObject: absent"},
		},
		{
			"is narrower in the account, and both together are denied",
			within(allow("sqs:*", "arn:aws:sqs:*:111122223333:*"), allow("sqs:*", "arn:aws:sqs:us-east-1:*:*"), deny("sqs:*", "arn:aws:sqs:us-east-1:111122223333:*")),
			[]string{"sqs:SendMessage: absent"},
		},
		{"that only denies allows nothing", within(deny("nosuch:*", "*"), allow("s3:*", "*")), []string{"s3:GetObject: absent"}},
	})
}

func TestControls(t *testing.T) {
	full := []string{allow("*", "*")}
	under := func(doc string, controls ...[]string) principal {
		return principal{identity: []string{doc}, controls: controls}
	}
	runEffective(t, []effectiveCase{
		{"every level allows everything", under(allow("s3:*", "*"), full, full, full), []string{"s3:GetObject: everything"}},
		{"never grant", under("", full), []string{"s3:GetObject: absent"}},
		{"one level does not allow it", under(allow("s3:*", "*"), full, []string{allow("sqs:*", "*")}, full), []string{"s3:GetObject: absent"}},
		{"a level is a union", under(allow("s3:* sqs:*", "*"), []string{allow("sqs:*", "*"), allow("s3:*", "*")}), []string{"s3:GetObject: everything", "sqs:SendMessage: everything"}},
		{"levels are an intersection", under(allow("s3:* sqs:*", "*"), []string{allow("sqs:* s3:Get*", "*")}, []string{allow("s3:*", "*")}), []string{"s3:GetObject: everything", "s3:PutObject: absent", "sqs:SendMessage: absent"}},
		{"a level without policies", under(allow("s3:*", "*"), full, []string{}), []string{"s3:GetObject: absent"}},
		{"a level denies", under(allow("s3:*", "*"), []string{allow("*", "*"), deny("s3:GetObject", "*")}), []string{"s3:GetObject: absent", "s3:PutObject: everything"}},
		{"a level denies all but some actions", under(allow("*", "*"), []string{allow("*", "*"), deny("!s3:* sqs:*", "*")}), []string{"s3:GetObject: everything", "iam:PassRole: absent"}},
		{"a level denies under a condition", under(allow("*", "*"), []string{allow("*", "*"), statement("Deny", "!s3:*", "*", `"StringNotEquals":{"aws:RequestedRegion":"eu-west-1"}`)}), []string{"s3:GetObject: everything", "iam:PassRole: everything, partly denied"}},
		{"a level protects a role", under(allow("iam:*", "*"), []string{allow("*", "*"), deny("iam:*", "arn:aws:iam::*:role/org-admin")}), []string{"iam:PassRole: everything, partly denied", "iam:CreateUser: everything"}},
		{"the role that is protected is another", under(allow("iam:PassRole", appRoles), []string{allow("*", "*"), deny("iam:*", "arn:aws:iam::*:role/org-admin")}), []string{"iam:PassRole: prefix"}},
		{"levels narrow one after another", under(allow("s3:*", "*"), []string{allow("s3:*", "arn:aws:s3:::o*")}, []string{allow("s3:*", objects)}), []string{"s3:GetObject: prefix"}},
		{"levels that exclude each other", under(allow("s3:*", "*"), []string{allow("s3:*", invoices)}, []string{allow("s3:*", objects)}), []string{"s3:GetObject: absent"}},
		{"within a boundary too", principal{[]string{allow("*", "*")}, allow("s3:* iam:*", "*"), [][]string{{allow("s3:* sqs:*", "*")}}}, []string{"s3:GetObject: everything", "iam:PassRole: absent", "sqs:SendMessage: absent"}},
		{"boundary and level exclude each other", principal{[]string{allow("s3:*", "*")}, allow("s3:*", objects), [][]string{{allow("s3:*", invoices)}}}, []string{"s3:GetObject: absent"}},
		{"a condition on a level", under(allow("s3:*", "*"), []string{statement("Allow", "*", "*", mfa)}), []string{"s3:GetObject: everything, conditional"}},
	})
}
