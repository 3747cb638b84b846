package policy_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leastwise/leastwise/catalog/policy"
)

// conditioned lists a policy's statements as "Sid on resources if conditions".
func conditioned(t *testing.T, p policy.Policy) []string {
	t.Helper()
	var lines []string
	for _, s := range p.Statement {
		line := s.SID + " on " + strings.Join(s.Resource, " ")
		if s.Condition != nil {
			text, err := json.Marshal(s.Condition)
			if err != nil {
				t.Fatal(err)
			}
			line += " if " + string(text)
		}
		lines = append(lines, line)
	}
	return lines
}

func mustTemplate(t *testing.T, text string) policy.Template {
	t.Helper()
	template, err := policy.ParseTemplate([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return template
}

func TestConditionsRestrictWhatTheyAreFor(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	tests := map[string]struct {
		template string
		want     []string
		notes    []string // path and code
	}{
		"the whole template": {
			`{"mode":"crud","list":["arn:aws:ecr:us-east-1:123456789012:repository/r"],"wildcard-only":{"single-actions":["ecr:GetAuthorizationToken"]},
			  "sts":{"assume-role":["arn:aws:iam::123456789012:role/r"]},"conditions":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}`,
			[]string{
				`EcrListRepository on arn:aws:ecr:us-east-1:123456789012:repository/r if {"StringEquals":{"aws:PrincipalOrgID":"o-1"}}`,
				`MultMultNone on * if {"StringEquals":{"aws:PrincipalOrgID":"o-1"}}`,
				`AssumeRole on arn:aws:iam::123456789012:role/r if {"StringEquals":{"aws:PrincipalOrgID":"o-1"}}`,
			}, nil,
		},
		"one value": {
			`{"mode":"crud","list":["arn:aws:ecr:us-east-1:123456789012:repository/a",
			  {"arn":"arn:aws:ecr:us-east-1:123456789012:repository/b","conditions":{"StringLike":{"ecr:ResourceTag/team":["x","y*"]}}},
			  "arn:aws:ecr:us-east-1:123456789012:repository/c"]}`,
			[]string{
				"EcrListRepository on arn:aws:ecr:us-east-1:123456789012:repository/a arn:aws:ecr:us-east-1:123456789012:repository/c",
				`EcrListRepository2 on arn:aws:ecr:us-east-1:123456789012:repository/b if {"StringLike":{"ecr:ResourceTag/team":["x","y*"]}}`,
			}, nil,
		},
		"several values, and the same again": {
			`{"mode":"crud","list":[
			  {"arns":["arn:aws:ecr:us-east-1:123456789012:repository/a","arn:aws:ecr:us-east-1:123456789012:repository/b"],"conditions":{"bool":{"aws:SecureTransport":true}}},
			  {"arn":"arn:aws:ecr:us-east-1:123456789012:repository/c","conditions":{"Bool":{"AWS:SecureTransport":"true"}}}]}`,
			[]string{
				`EcrListRepository on arn:aws:ecr:us-east-1:123456789012:repository/a arn:aws:ecr:us-east-1:123456789012:repository/b` +
					` arn:aws:ecr:us-east-1:123456789012:repository/c if {"Bool":{"aws:SecureTransport":"true"}}`,
			}, nil,
		},
		"a whole level beside the whole template": {
			`{"mode":"crud","list":{"arns":["arn:aws:ecr:us-east-1:123456789012:repository/a"],"conditions":{"NumericLessThan":{"aws:MultiFactorAuthAge":3600}}},
			  "conditions":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}`,
			[]string{
				`EcrListRepository on arn:aws:ecr:us-east-1:123456789012:repository/a` +
					` if {"NumericLessThan":{"aws:MultiFactorAuthAge":"3600"},"StringEquals":{"aws:PrincipalOrgID":"o-1"}}`,
			}, nil,
		},
		"actions and services": {
			`{"mode":"crud","wildcard-only":{"single-actions":[{"action":"ecr:GetAuthorizationToken","conditions":{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}}],
			  "service-list":[{"service":"ecs","conditions":{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}},"sns"]},
			  "skip-resource-constraints":[{"actions":["s3:GetObject"],"conditions":{"Null":{"s3:TlsVersion":false}}}]}`,
			[]string{
				"MultMultNone on *",
				`MultMultNone2 on * if {"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}`,
				`SkipResourceConstraints on * if {"Null":{"s3:TlsVersion":"false"}}`,
			}, nil,
		},
		"what is needed elsewhere keeps what every request has": {
			`{"mode":"actions","actions":[{"action":"sagemaker:CreateFlowDefinition","conditions":{"StringEquals":{"aws:RequestTag/team":"x","aws:PrincipalTag/team":"x"}}}]}`,
			[]string{
				`SagemakerWriteFlowdefinition on arn:${Partition}:sagemaker:${Region}:${Account}:flow-definition/${FlowDefinitionName}` +
					` if {"StringEquals":{"aws:PrincipalTag/team":"x","aws:RequestTag/team":"x"}}`,
				`MultMultNone on * if {"StringEquals":{"aws:PrincipalTag/team":"x"}}`,
			},
			[]string{"actions[0].conditions not-restricted"},
		},
		"a listed action with and without": {
			`{"mode":"actions","actions":["sqs:SendMessage",{"action":"sqs:SendMessage","conditions":{"Bool":{"aws:ViaAWSService":false}}}]}`,
			[]string{
				"SqsWriteQueue on arn:${Partition}:sqs:${Region}:${Account}:${QueueName}",
				`SqsWriteQueue2 on arn:${Partition}:sqs:${Region}:${Account}:${QueueName} if {"Bool":{"aws:ViaAWSService":"false"}}`,
			}, nil,
		},
		"roles": {
			`{"mode":"crud","sts":{"assume-role":[{"arn":"arn:aws:iam::123456789012:role/a","conditions":{"StringEquals":{"sts:ExternalId":"e"}}},"arn:aws:iam::123456789012:role/b"]}}`,
			[]string{
				`AssumeRole on arn:aws:iam::123456789012:role/a if {"StringEquals":{"sts:ExternalId":"e"}}`,
				"AssumeRole2 on arn:aws:iam::123456789012:role/b",
			}, nil,
		},
		"a key that some actions do not know": {
			`{"mode":"actions","actions":[{"actions":["s3:ListBucket","s3:GetBucketAcl"],"conditions":{"StringLike":{"s3:prefix":"${aws:username}/*"}}}]}`,
			[]string{
				`S3ListAccesspoint on arn:${Partition}:s3:${Region}:${Account}:accesspoint/${AccessPointName} if {"StringLike":{"s3:prefix":"${aws:username}/*"}}`,
				`S3ListBucket on arn:${Partition}:s3:::${BucketName} if {"StringLike":{"s3:prefix":"${aws:username}/*"}}`,
				`S3ReadAccesspoint on arn:${Partition}:s3:${Region}:${Account}:accesspoint/${AccessPointName} if {"StringLike":{"s3:prefix":"${aws:username}/*"}}`,
				`S3ReadBucket on arn:${Partition}:s3:::${BucketName} if {"StringLike":{"s3:prefix":"${aws:username}/*"}}`,
			},
			[]string{"actions[0].conditions.StringLike.s3:prefix unsupported-condition-key"},
		},
		"a key that they need not know": {
			`{"mode":"actions","actions":[{"actions":["s3:ListBucket","s3:GetBucketAcl"],"conditions":{"StringNotLike":{"s3:prefix":"secret/*"}}}]}`,
			[]string{
				`S3ListAccesspoint on arn:${Partition}:s3:${Region}:${Account}:accesspoint/${AccessPointName} if {"StringNotLike":{"s3:prefix":"secret/*"}}`,
				`S3ListBucket on arn:${Partition}:s3:::${BucketName} if {"StringNotLike":{"s3:prefix":"secret/*"}}`,
				`S3ReadAccesspoint on arn:${Partition}:s3:${Region}:${Account}:accesspoint/${AccessPointName} if {"StringNotLike":{"s3:prefix":"secret/*"}}`,
				`S3ReadBucket on arn:${Partition}:s3:::${BucketName} if {"StringNotLike":{"s3:prefix":"secret/*"}}`,
			}, nil,
		},
		"a weak operator": {
			`{"mode":"actions","actions":["sqs:SendMessage"],"conditions":{"ForAllValues:StringEquals":{"aws:PrincipalOrgID":"o-1"}}}`,
			[]string{`SqsWriteQueue on arn:${Partition}:sqs:${Region}:${Account}:${QueueName} if {"ForAllValues:StringEquals":{"aws:PrincipalOrgID":"o-1"}}`},
			[]string{"conditions.ForAllValues:StringEquals.aws:PrincipalOrgID wrong-operator"},
		},
		"a Deny": {
			`{"mode":"actions","effect":"Deny","actions":["sqs:SendMessage"],"conditions":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}`,
			[]string{`SqsWriteQueue on arn:${Partition}:sqs:${Region}:${Account}:${QueueName} if {"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}`}, nil,
		},
		"none": {
			`{"mode":"actions","actions":[{"action":"sqs:SendMessage","conditions":{}},{"action":"sqs:ReceiveMessage","conditions":null}],"conditions":{}}`,
			[]string{"SqsReadQueue on arn:${Partition}:sqs:${Region}:${Account}:${QueueName}", "SqsWriteQueue on arn:${Partition}:sqs:${Region}:${Account}:${QueueName}"}, nil,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := policy.Write(f.Catalog, mustTemplate(t, test.template))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, conditioned(t, out.Policy)); diff != "" {
				t.Errorf("statements (-want +got):\n%s", diff)
			}
			var notes []string
			for _, note := range out.Notes {
				notes = append(notes, note.Path+" "+note.Code)
			}
			if diff := cmp.Diff(test.notes, notes); diff != "" {
				t.Errorf("notes (-want +got):\n%s\n%v", diff, out.Notes)
			}
			doc, err := policy.ParseDocument(out.Policy.JSON(""))
			if err != nil || len(doc.Problems) > 0 {
				t.Errorf("the policy is not one: %v, %v", err, doc.Problems)
			}
		})
	}
}

func TestConditionsAreChecked(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	const queue = `{"mode":"actions","actions":["sqs:SendMessage"],"conditions":%s}`
	tests := map[string]struct {
		template string
		want     []string // path, code and a part of the reason
	}{
		"an operator": {fmt.Sprintf(queue, `{"StringEqual":{"aws:PrincipalOrgID":"o-1"},"ForSomeValues:StringLike":{"aws:TagKeys":"x"}}`), []string{
			"conditions.ForSomeValues:StringLike unknown-operator did you mean StringLike?",
			"conditions.StringEqual unknown-operator did you mean StringEquals?",
		}},
		"an unknown key": {fmt.Sprintf(queue, `{"StringEquals":{"aws:PrincipalOrgsID":"o-1","sqs:Nothing":"x"}}`), []string{
			"conditions.StringEquals.aws:PrincipalOrgsID unknown-condition-key did you mean aws:PrincipalOrgID",
			"conditions.StringEquals.sqs:Nothing unknown-condition-key",
		}},
		"a key of other actions": {fmt.Sprintf(queue, `{"StringEquals":{"s3:prefix":"x"}}`), []string{
			"conditions.StringEquals.s3:prefix unsupported-condition-key no action under this condition knows s3:prefix",
		}},
		"a key of other actions, at a value": {
			`{"mode":"crud","read":["arn:aws:s3:::b/*",{"arns":["arn:aws:sqs:us-east-1:123456789012:q"],"conditions":{"StringEquals":{"s3:prefix":"x"}}}]}`,
			[]string{"read[1].conditions.StringEquals.s3:prefix unsupported-condition-key"},
		},
		"a type": {fmt.Sprintf(queue, `{"NumericEquals":{"aws:PrincipalOrgID":"1"},"StringEquals":{"aws:SourceIp":"10.0.0.1"},"Bool":{"aws:CurrentTime":"true"}}`), []string{
			"conditions.Bool.aws:CurrentTime wrong-operator of type Date",
			"conditions.NumericEquals.aws:PrincipalOrgID wrong-operator of type String",
			"conditions.StringEquals.aws:SourceIp wrong-operator of type IPAddress",
		}},
		"a key of several values": {
			`{"mode":"actions","actions":["ec2:CreateTags"],"effect":"Deny","conditions":{"StringEquals":{"aws:TagKeys":"team"}}}`,
			[]string{"conditions.StringEquals.aws:TagKeys wrong-operator ForAnyValue:StringEquals or ForAllValues:StringEquals"},
		},
		"a placeholder": {fmt.Sprintf(queue, `{"StringEquals":{"aws:ResourceTag/${TagKey}":"x"}}`), []string{
			"conditions.StringEquals.aws:ResourceTag/${TagKey} malformed-value aws:ResourceTag/team",
		}},
		"values": {
			fmt.Sprintf(queue, `{"Bool":{"aws:SecureTransport":"yes"},"DateLessThan":{"aws:CurrentTime":["soon","2026-01-31T00:00:00Z","0"]},
			  "IpAddress":{"aws:SourceIp":["10.0.0.0/33","10.0.0.1","2001:db8::/32"]},"NumericLessThan":{"aws:MultiFactorAuthAge":"x"},
			  "ArnLike":{"aws:PrincipalArn":["role","*","arn:aws:iam::123456789012:role/*"]},"Null":{"aws:SourceVpc":"maybe"}}`),
			[]string{
				"conditions.ArnLike.aws:PrincipalArn malformed-value \"role\"", "conditions.Bool.aws:SecureTransport malformed-value neither true nor false",
				"conditions.DateLessThan.aws:CurrentTime malformed-value \"soon\"", "conditions.IpAddress.aws:SourceIp malformed-value 10.0.0.0/33",
				"conditions.Null.aws:SourceVpc malformed-value maybe", "conditions.NumericLessThan.aws:MultiFactorAuthAge malformed-value a number",
			},
		},
		"numbers that are none": {fmt.Sprintf(queue, `{"NumericLessThan":{"aws:MultiFactorAuthAge":["NaN"]},"NumericEquals":{"aws:MultiFactorAuthAge":["1_000"]},
			"NumericNotEquals":{"aws:MultiFactorAuthAge":["Infinity"]},"NumericGreaterThan":{"aws:MultiFactorAuthAge":["-1.5e3",".5","${aws:PrincipalTag/age}"]}}`), []string{
			"conditions.NumericEquals.aws:MultiFactorAuthAge malformed-value 1_000", "conditions.NumericLessThan.aws:MultiFactorAuthAge malformed-value NaN",
			"conditions.NumericNotEquals.aws:MultiFactorAuthAge malformed-value Infinity",
		}},
		"variables without an end": {fmt.Sprintf(queue, `{"IpAddress":{"aws:SourceIp":"10.0.0.0/8${"},"StringLike":{"aws:userid":["${aws:username}","${aws:username}/${aws:x"]}}`), []string{
			"conditions.IpAddress.aws:SourceIp malformed-value without its }", "conditions.StringLike.aws:userid malformed-value without its }",
		}},
		"said twice": {
			`{"mode":"actions","actions":[{"action":"sqs:SendMessage","conditions":{"StringEquals":{"aws:SourceVpc":"a"}}}],"conditions":{"StringEquals":{"aws:SourceVpc":"b"}}}`,
			[]string{"actions[0].conditions.StringEquals.aws:SourceVpc repeated-field the whole template"},
		},
		"an operator in two cases": {fmt.Sprintf(queue, `{"StringEquals":{"aws:SourceVpc":"a"},"stringequals":{"aws:sourcevpc":"b"}}`), []string{
			"conditions.stringequals.aws:sourcevpc repeated-field twice",
		}},
		"more keys than a policy holds": {fmt.Sprintf(queue, manyKeys(400)), []string{"conditions too-large 400 keys"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := policy.Write(f.Catalog, mustTemplate(t, test.template))
			faults, _ := errors.AsType[policy.Faults](err)
			if len(faults) != len(test.want) {
				t.Fatalf("faults:\n%v\nwant %d", err, len(test.want))
			}
			for i, want := range test.want {
				path, rest, _ := strings.Cut(want, " ")
				code, reason, _ := strings.Cut(rest, " ")
				if got := faults[i]; got.Path != path || got.Code != code || !strings.Contains(got.Reason, reason) {
					t.Errorf("fault %d: %+v, want %s", i, got, want)
				}
			}
		})
	}
}

// manyKeys returns conditions on n tags.
func manyKeys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"aws:PrincipalTag/t%d":"x"`, i)
	}
	return `{"StringEquals":{` + b.String()[1:] + `}}`
}

func TestTemplatesWithConditionsAreReadWhole(t *testing.T) {
	t.Parallel()
	_, err := policy.ParseTemplate([]byte(`{"mode":"crud","conditions":{"StringEquals":["x"],"Bool":{"a":{},"b":[null],"c":[]},"Bool":{"d":"true","D":1}},
		"read":[{"arn":"x","arns":["y"],"condition":{}},{"conditions":{}},{"action":"s3:*"}],"exclude-actions":[{"action":"s3:*"}],"write":{"conditions":7,"arn":"w"}}`))
	want := policy.Faults{
		{Path: "conditions.StringEquals", Code: policy.CodeWrongType, Reason: "the value is an array, not an object of condition keys"},
		{Path: "conditions.Bool.a", Code: policy.CodeWrongType, Reason: "the value is an object, not a string, a number or a boolean"},
		{Path: "conditions.Bool.b[0]", Code: policy.CodeWrongType, Reason: "the value is null, not a string, a number or a boolean"},
		{Path: "conditions.Bool.c", Code: policy.CodeWrongType, Reason: "the list has no values"},
		{Path: "conditions.Bool", Code: policy.CodeRepeatedField, Reason: "the operator stands twice"},
		{Path: "conditions.Bool.D", Code: policy.CodeRepeatedField, Reason: "the key stands twice"},
		{Path: "read[0].condition", Code: policy.CodeUnknownField, Reason: `the object has no field "condition"; did you mean conditions?`},
		{Path: "read[1]", Code: policy.CodeWrongType, Reason: `the object has neither "arn" nor "arns"`},
		{Path: "read[2].action", Code: policy.CodeUnknownField, Reason: `the object has no field "action"; it has arn, arns, conditions`},
		{Path: "read[2]", Code: policy.CodeWrongType, Reason: `the object has neither "arn" nor "arns"`},
		{Path: "exclude-actions[0]", Code: policy.CodeWrongType, Reason: "the value is an object, not a string"},
		{Path: "write.conditions", Code: policy.CodeWrongType, Reason: "the value is a number, not an object of operators"},
	}
	faults, _ := errors.AsType[policy.Faults](err)
	if diff := cmp.Diff(want, faults); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

// A template that goes over a wire keeps its conditions.
func TestTemplatesWithConditionsComeBackFromJSON(t *testing.T) {
	t.Parallel()
	want := fullTemplate()
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got policy.Template
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if diff := cmp.Diff(want.EntryConditions, got.EntryConditions); diff != "" {
		t.Errorf("conditions (-want +got):\n%s", diff)
	}
	var p policy.Policy
	const statement = `{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":["s3:GetObject"],"Resource":["*"],` +
		`"Condition":{"StringLike":{"s3:prefix":["<a>","b&"]},"Bool":{"aws:SecureTransport":"true"}}}]}`
	if err := json.Unmarshal([]byte(strings.Replace(statement, `"true"`, `true`, 1)), &p); err != nil {
		t.Fatal(err)
	}
	again := `{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":["s3:GetObject"],"Resource":["*"],` +
		`"Condition":{"Bool":{"aws:SecureTransport":"true"},"StringLike":{"s3:prefix":["<a>","b&"]}}}]}`
	if got := string(p.JSON("")); got != again {
		t.Errorf("got  %s\nwant %s", got, again)
	}
	if err := json.Unmarshal([]byte(strings.Replace(statement, `"true"`, `[{}]`, 1)), &p); err == nil {
		t.Error("an object is no value")
	}
}
