package policygen

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	schemas "github.com/leastwise/leastwise/schemas/policy"
)

func TestEverySubjectAnswersAsItsSchemasSay(t *testing.T) {
	t.Parallel()
	nc := startService(t)
	tests := []struct{ name, subject, request, want string }{
		{"write in the form of 0.6.6", SubjectWrite, `{"policy_with_crud_levels":[{"name":"a","arn":"x","tag":["arn:aws:sqs:us-east-1:123456789012:a"]}]}`, `"SqsTaggingQueue"`},
		{"write in the form of 2020", SubjectWrite, `{"policy_with_actions":[{"name":"a","actions":["sqs:SendMessage"]}]}`, `"SqsWriteQueue"`},
		{"write with conditions", SubjectWrite, `{"mode":"crud","read":[{"arn":"arn:aws:sqs:us-east-1:123456789012:q","conditions":{"Bool":{"aws:SecureTransport":true}}}],"conditions":{"StringEquals":{"aws:PrincipalOrgID":["o-1","o-2"]}}}`,
			`"Condition":{"Bool":{"aws:SecureTransport":"true"},"StringEquals":{"aws:PrincipalOrgID":["o-1","o-2"]}}`},
		{"write short", SubjectWrite, `{"mode":"actions","actions":["sqs:SendMessage"],"minimize":0}`, `"Action":["sqs:sen*"]`},
		{"write split", SubjectWrite, `{"mode":"actions","actions":["sqs:*"],"max-size":500}`, `{"policies":[{"Version":"2012-10-17","Statement":[{"Sid":"SqsReadQueue"`},
		{"write split in one", SubjectWrite, `{"mode":"actions","actions":["sqs:SendMessage"],"max-size":6144}`, `{"policies":[{"Version":"2012-10-17","Statement":[{"Sid":"SqsWriteQueue"`},
		{"write explained", SubjectWrite, `{"mode":"actions","actions":["sqs:Send*"],"explain":true,"minimize":4}`,
			`"explanations":[{"sid":"SqsWriteQueue","action":"sqs:SendMessage","as":"sqs:send*","because":[{"path":"actions[0]","value":"sqs:Send*","access_level":"Write","resource_type":"queue","reason":`},
		{"analyze", SubjectAnalyze, `{"policy":{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":["iam:CreateAccessKey","foo:Bar"],"Resource":"*"}]},"name":"orders","account":"123456789012"}`,
			`"rule":"iam-create-access-key","category":"privilege-escalation","severity":"high"`},
		{"analyze an administrator", SubjectAnalyze, `{"policy":{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}}`, `"category":"full-administrator","severity":"critical"`},
		{"analyze a trust policy", SubjectAnalyze, `{"policy":{"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}}}`, `"severities":{"critical":1}`},
		{"analyze a bucket policy", SubjectAnalyze, `{"policy":{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}}}`,
			`"notes":[{"path":"policy.Statement[0].Principal","code":"not-judged","reason":`},
		{"analyze what is harmless", SubjectAnalyze, `{"policy":{"Statement":{"Effect":"Allow","Action":"sqs:ListQueues","Resource":"*"}}}`, `{"findings":[],"severities":{}}`},
		{"analyze what IAM would refuse", SubjectAnalyze, `{"policy":{"Statement":[{"Effect":"allow","Action":"iam:*","Resource":"*"}]}}`,
			`"notes":[{"path":"policy.Statement[0].Effect","code":"malformed-policy","reason":`},
		{"expand", SubjectExpand, `{"policy":{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["sns:*Permission","foo:Bar"],"Resource":"*"}}}`,
			`{"policy":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sns:AddPermission","sns:RemovePermission","foo:Bar"],"Resource":"*"}]},"notes":[{"path":"policy","code":"unknown-action","reason":"the catalog has no action \"foo:Bar\""}]}`},
		{"expand everything", SubjectExpand, `{"policy":{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}}`, `"xray:PutTraceSegments"`},
		{"minimize", SubjectMinimize, `{"policy":{"Statement":[{"Effect":"Allow","Action":["sns:Publish"],"Resource":"*"},{"Effect":"Allow","Action":"sqs:*","Resource":"*"}]},"minimize":5}`,
			`{"policy":{"Statement":[{"Effect":"Allow","Action":["sns:publi*","sqs:*"],"Resource":"*"}]}}`},
		{"a trust policy", SubjectMinimize, `{"policy":{"Statement":{"Effect":"Allow","Principal":{"AWS":["1","2"]},"Action":"sts:AssumeRole","Condition":{"Bool":{"aws:MultiFactorAuthPresent":true}}}}}`,
			`{"policy":{"Statement":[{"Effect":"Allow","Principal":{"AWS":["1","2"]},"Action":"sts:assumerole","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}]}}`},
		{"a service", SubjectServices, `{"service":"SQS"}`, `{"services":[{"service_prefix":"sqs","service_name":"Amazon SQS","actions":20}]}`},
		{"all services", SubjectServices, ``, `"service_prefix":"xray"`},
		{"actions", SubjectActions, `{"service":"sqs","access-level":"tagging"}`, `{"actions":["sqs:TagQueue","sqs:UntagQueue"]}`},
		{"actions of two levels", SubjectActions, `{"service":"sns","resource-type":"topic","access-level":"tagging, permissions-management"}`,
			`{"actions":["sns:AddPermission","sns:RemovePermission","sns:SetTopicAttributes","sns:TagResource","sns:UntagResource"]}`},
		{"every filter", SubjectActions, `{"service":"sns","name":"*Permission","access-level":"permissions-management","resource-type":"topic","condition":"","wildcard-only":false}`, `{"actions":["sns:AddPermission","sns:RemovePermission"]}`},
		{"nothing but null", SubjectActions, `{"service":null,"name":null,"access-level":null,"resource-type":null,"condition":null,"wildcard-only":null,"details":null}`, `"xray:PutTraceSegments"`},
		{"no name", SubjectWrite, `{"mode":"actions","name":null,"actions":["sqs:SendMessage"],"minimize":null,"max-size":null,"explain":null,"sts":null,"effect":null,"conditions":null}`, `"SqsWriteQueue"`},
		{"no least length", SubjectMinimize, `{"policy":{"Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"*"}},"minimize":null}`, `"sqs:*"`},
		{"a whole number with a fraction of 0", SubjectMinimize, `{"policy":{"Statement":{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"}},"minimize":6.0}`, `"sqs:sendme*"`},
		{"no account", SubjectAnalyze, `{"policy":{"Statement":{"Effect":"Allow","Action":"sqs:ListQueues","Resource":"*"}},"name":null,"account":null}`, `{"findings":[],"severities":{}}`},
		{"no actions", SubjectActions, `{"service":"sns","resource-type":"topic","wildcard-only":true}`, `{"actions":[]}`},
		{"an action", SubjectActions, `{"name":"iam:PassRole","details":true}`, `"access_level":"Write","resource_type":"role","required":true`},
		{"all actions", SubjectActions, `{}`, `"xray:PutTraceSegments"`},
		{"resources", SubjectResources, `{"service":"sqs","name":"Queue"}`, `"resource_type_name":"queue","raw_arn":"arn:${Partition}:sqs:${Region}:${Account}:${QueueName}"`},
		{"a type of two patterns", SubjectResources, `{"service":"lex","name":"bot"}`, `bot/${BotId}","condition_keys":["aws:ResourceTag/${TagKey}"]},{"service_prefix":"lex"`},
		{"all resources", SubjectResources, `{}`, `"resource_type_name":"bucket"`},
		{"conditions", SubjectConditions, `{"service":"s3","name":"s3:prefix"}`, `{"conditions":[{"service_prefix":"s3","name":"s3:prefix","condition_value_type":"String"}]}`},
		{"all conditions", SubjectConditions, ` `, `"name":"s3:prefix"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if strings.TrimSpace(tt.request) != "" {
				if err := validate(t, schemaOf(t, schemas.Request, tt.subject), []byte(tt.request)); err != nil {
					t.Error(err)
				}
			}
			m, err := nc.Request(tt.subject, []byte(tt.request), patience)
			if err != nil {
				t.Fatal(err)
			}
			if code := m.Header.Get(micro.ErrorCodeHeader); code != "" {
				t.Fatalf("error %s: %.300s", code, m.Data)
			}
			if err := validate(t, schemaOf(t, schemas.Reply, tt.subject), m.Data); err != nil {
				t.Error(err)
			}
			if !strings.Contains(string(m.Data), tt.want) {
				t.Errorf("%s is missing in %.600s", tt.want, m.Data)
			}
		})
	}
}

func TestEverySubjectExplainsWhatIsWrong(t *testing.T) {
	t.Parallel()
	nc := startService(t)
	document := func(statement string) string {
		return `{"policy":{"Version":"2012-10-17","Statement":[` + statement + `]}}`
	}
	tests := []struct{ name, subject, request, code, want string }{
		{"not JSON", SubjectExpand, `{`, "400", "parse request"},
		{"two objects", SubjectServices, `{}{}`, "400", "parse request: byte 2: is not JSON: invalid character '{' after top-level value"},
		{"a list", SubjectServices, `[]`, "422", `"wrong-type"`},
		{"an unknown field", SubjectActions, `{"servise":"s3"}`, "422", `"path":"servise","code":"unknown-field","reason":"the request has no field \"servise\"; did you mean service?"`},
		{"a field like none", SubjectActions, `{"s3":true}`, "422", `has no field \"s3\"; it has service, name, access-level, condition, resource-type, wildcard-only, details"`},
		{"a field that stands twice", SubjectActions, `{"name":"s3:*","name":"sqs:*"}`, "422", `"path":"name","code":"repeated-field"`},
		{"several faults", SubjectMinimize, `{"policy":3,"minimize":1.5}`, "422", `"path":"minimize","code":"wrong-type","reason":"1.5 is not a whole number of at least 0"`},
		{"a policy in place of a request", SubjectExpand, `{"Version":"2012-10-17","Statement":[]}`, "422", `no field \"Version\"; it has policy"`},
		{"a number for a string", SubjectActions, `{"service":3}`, "422", `"path":"service","code":"wrong-type","reason":"the value is a number, not a string"`},
		{"a string for a boolean", SubjectActions, `{"details":"yes"}`, "422", `"path":"details","code":"wrong-type","reason":"the value is a string, not a boolean"`},
		{"a list for a string", SubjectActions, `{"access-level":["List"]}`, "422", `"path":"access-level","code":"wrong-type","reason":"the value is an array, not a string"`},
		{"a number beyond all", SubjectMinimize, `{"policy":{},"minimize":99999999999999999999}`, "422", `"path":"minimize","code":"too-large","reason":"99999999999999999999 is too large a number"`},
		{"a boolean for a number", SubjectMinimize, `{"policy":{},"minimize":true}`, "422", `"reason":"the value is a boolean, not a number"`},
		{"everything under a thousand conditions", SubjectWrite, `{"mode":"actions","actions":[` + everythingUnderConditions(1000) + `]}`, "422", `"code":"too-large"`},
		{"deeply nested", SubjectExpand, `{"policy":` + strings.Repeat("[", 100_000), "400", "parse request"},
		{"a negative length of a template's policy", SubjectWrite, `{"mode":"crud","minimize":-1}`, "422", `"path":"minimize","code":"wrong-type"`},
		{"a size that is none", SubjectWrite, `{"mode":"crud","max-size":"6144"}`, "422", `"path":"max-size","code":"wrong-type"`},
		{"a size that is too small", SubjectWrite, `{"mode":"actions","actions":["sqs:SendMessage"],"max-size":10}`, "422", `"path":"max-size","code":"too-large"`},
		{"an unknown condition key", SubjectWrite, `{"mode":"actions","actions":["sqs:SendMessage"],"conditions":{"StringEquals":{"aws:PrincipleOrgID":"o-1"}}}`, "422",
			`"path":"conditions.StringEquals.aws:PrincipleOrgID","code":"unknown-condition-key"`},
		{"a policy that is none, judged", SubjectAnalyze, `{"policy":"x"}`, "422", `"path":"policy","code":"malformed-policy"`},
		{"no policy to judge", SubjectAnalyze, ``, "422", `"path":"policy","code":"malformed-policy","reason":"the field is missing"`},
		{"an account that is none", SubjectAnalyze, `{"policy":{"Statement":[]},"account":"12"}`, "422", `"path":"account","code":"malformed-account"`},
		{"more evidence than a message holds", SubjectAnalyze, `{"policy":{"Statement":{"Effect":"Allow","Action":"iam:*","Resource":[` + users(30_000) + `]}}}`, "413", "ask for less"},
		{"no policy", SubjectExpand, `{}`, "422", `"path":"policy","code":"malformed-policy"`},
		{"a policy that is none", SubjectMinimize, `{"policy":[]}`, "422", "not an object"},
		{"a policy that is null", SubjectMinimize, `{"policy":null}`, "422", `"malformed-policy"`},
		{"a policy of the same with faults", SubjectMinimize, document(`{"Effect":"Allow","Action":"s3:*","Resource":"*"},{"Effect":"allow","Actoin":"*","Resource":"*"}`), "422",
			`"path":"policy.Statement[1].Effect"`},
		{"a negative length", SubjectMinimize, `{"policy":{},"minimize":-1}`, "422", `"path":"minimize"`},
		{"an unknown service", SubjectServices, `{"service":"s33"}`, "422", `"path":"service","code":"unknown-service","reason":"the catalog has no service \"s33\"; did you mean s3`},
		{"an unknown action", SubjectActions, `{"service":"s3","name":"GetObjcet"}`, "422", `"path":"name","code":"unknown-action"`},
		{"an unknown level", SubjectActions, `{"access-level":"reed"}`, "422", `"path":"access-level","code":"unknown-access-level"`},
		{"an unknown key", SubjectActions, `{"condition":"s3:prefx"}`, "422", `"path":"condition","code":"unknown-condition-key"`},
		{"a key of all requests", SubjectActions, `{"service":"s3","condition":"lambda:SourceFunctionArn"}`, "422",
			`"path":"condition","code":"unknown-condition-key","reason":"lambda:SourceFunctionArn is a condition key that requests to all services can have`},
		{"a key of all requests, named", SubjectConditions, `{"service":"s3","name":"aws:SourceIp"}`, "422", `"path":"name","code":"unknown-condition-key","reason":"aws:SourceIp is a`},
		{"a key near to one of all requests", SubjectConditions, `{"name":"aws:SourceIpp"}`, "422", `did you mean aws:SourceIp`},
		{"an unknown type", SubjectActions, `{"service":"s3","resource-type":"bukcet"}`, "422", `"path":"resource-type","code":"unknown-resource-type"`},
		{"an unknown type, named", SubjectResources, `{"service":"s3","name":"bukcet"}`, "422", `"path":"name","code":"unknown-resource-type"`},
		{"an unknown key, named", SubjectConditions, `{"service":"s3","name":"s3:prefx"}`, "422", `"path":"name","code":"unknown-condition-key"`},
		{"more than memory holds", SubjectExpand, document(strings.Repeat(`{"Effect":"Allow","Action":"*","Resource":"*"},`, 20_000) + `{"Effect":"Allow","Action":"*","Resource":"*"}`), "413", "ask for less"},
		{"more than a message holds", SubjectActions, `{"details":true}`, "413", "ask for less"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m, err := nc.Request(tt.subject, []byte(tt.request), patience)
			if err != nil {
				t.Fatal(err)
			}
			if code := m.Header.Get(micro.ErrorCodeHeader); code != tt.code {
				t.Errorf("the code is %q, want %q", code, tt.code)
			}
			if err := validate(t, schemaOf(t, schemas.Reply, tt.subject), m.Data); err != nil {
				t.Errorf("%v: %.300s", err, m.Data)
			}
			if !strings.Contains(string(m.Data), tt.want) {
				t.Errorf("%s is missing in %.600s", tt.want, m.Data)
			}
		})
	}
}

// everythingUnderConditions returns values that ask for every action, each under a
// condition of its own.
func everythingUnderConditions(n int) string {
	values := make([]string, n)
	for i := range values {
		values[i] = fmt.Sprintf(`{"action":"*:*","conditions":{"StringEquals":{"aws:PrincipalTag/a":"%d"}}}`, i)
	}
	return strings.Join(values, ",")
}

func TestSubjectsWithoutSchemasAreErrors(t *testing.T) {
	t.Parallel()
	for _, of := range []func(string) (string, error){schemas.Request, schemas.Reply} {
		if text, err := of("iam.policy.nothing"); err == nil || text != "" {
			t.Errorf("got %q, %v", text, err)
		}
	}
}

func FuzzRequests(f *testing.F) {
	for _, seed := range []string{
		`{"policy":{"Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}},"minimize":3}`,
		`{"policy":{"Statement":{"Effect":"Allow","Action":"iam:*","NotResource":"*","Principal":"*","Condition":{"Bool":{"a":1}}}},"name":"x"}`, `{"service":"s3","name":"Get*","details":true}`,
		`{"service":"sqs","access-level":"read","condition":"aws:TagKeys","resource-type":"queue"}`, `{"mode":"crud","read":["arn:aws:s3:::b"]}`,
	} {
		f.Add([]byte(seed))
	}
	s := newService(f)
	f.Fuzz(func(t *testing.T, request []byte) {
		for _, e := range s.endpoints() {
			reply, err := e.answer(request)
			if err != nil {
				if got := asReply(err); got.Code == CodeInternal || got.Reason == "" {
					t.Errorf("%s: %v", e.subject, err)
				}
				continue
			}
			if _, err := json.Marshal(reply); err != nil {
				t.Errorf("%s: %v", e.subject, err)
			}
		}
	})
}

func newService(t testing.TB) *Service {
	t.Helper()
	s := NewService(Dependencies{NATS: &nats.Conn{}, Engine: newEngine(t), Metrics: prometheus.NewRegistry(), Log: zap.NewNop()}, DefaultConfig())
	s.maxPayload = func() int64 { return 1 << 20 }
	return s
}
