package policy_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leastwise/leastwise/catalog/policy"
)

// judged returns the faults of a template, or the notes of one that has none: path,
// code and reason.
func judged(t *testing.T, f facts, template string) (faults, notes []string) {
	t.Helper()
	out, err := policy.Write(f.Catalog, mustTemplate(t, template))
	found, _ := errors.AsType[policy.Faults](err)
	for _, fault := range found {
		faults = append(faults, fault.Path+" "+fault.Code+" "+fault.Reason)
	}
	if out != nil {
		for _, note := range out.Notes {
			notes = append(notes, note.Path+" "+note.Code+" "+note.Reason)
		}
	}
	return faults, notes
}

// in reports whether the one text that there is, or none, holds what is wanted.
func in(texts []string, want string) bool {
	return len(texts) == 0 && want == "" || len(texts) == 1 && want != "" && strings.Contains(texts[0], want)
}

func TestConditionKeysHoldNamesOfTheirPolicies(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	const (
		secret = `"crud","read":["arn:aws:secretsmanager:us-east-1:123456789012:secret:x-abcdef"]`
		vault  = `"crud","read":["arn:aws:glacier:us-east-1:123456789012:vaults/v"]`
		object = `"actions","actions":["s3:GetObjectTagging"]`
		user   = `"actions","actions":["iam:GetUser"]`
		tables = `"actions","actions":["sqs:SendMessage"]`
	)
	tests := map[string]struct{ asked, key, fault, note string }{
		"a tag, for tag-key":               {secret, "secretsmanager:ResourceTag/team", "", ""},
		"a tag with slashes, for tag-key":  {secret, "secretsmanager:ResourceTag/aws:x/y/tag-key", "", ""},
		"tag-key itself":                   {secret, "secretsmanager:ResourceTag/tag-key", "", "malformed-value tag-key stands for the key of a tag"},
		"tag-key where it is ${TagKey}":    {user, "iam:ResourceTag/Tag-Key", "", "malformed-value Tag-Key stands for the key of a tag"},
		"${TagKey} where it is tag-key":    {secret, "secretsmanager:ResourceTag/${TagKey}", "malformed-value ${TagKey} is a placeholder; put a name there, as in secretsmanager:ResourceTag/team", ""},
		"another service's tag":            {secret, "ssm:resourceTag/team", "no action under this condition knows ssm:resourceTag/team", ""},
		"no tag, for tag-key":              {secret, "secretsmanager:ResourceTag/", "unknown-condition-key", ""},
		"a tag, for nothing":               {vault, "glacier:ResourceTag/team", "", "does not say which actions of glacier know glacier:ResourceTag/team"},
		"nothing itself":                   {vault, "glacier:ResourceTag/", "malformed-value the key of a tag belongs behind the slash, as in glacier:ResourceTag/team", ""},
		"a tag, for <key>":                 {object, "s3:ExistingObjectTag/a/b", "", ""},
		"<key> itself":                     {object, "s3:ExistingObjectTag/<key>", "malformed-value <key> is a placeholder; put a name there, as in s3:ExistingObjectTag/team", ""},
		"a variable":                       {tables, "aws:PrincipalTag/${aws:username}", "malformed-value ${aws:username} is a placeholder", ""},
		"a placeholder in the middle":      {`"actions","actions":["codebuild:CreateProject"]`, "codebuild:secondarySources/${sourceIdentifier}.location", "as in codebuild:secondarySources/team.location", ""},
		"a name that is not a placeholder": {secret, "secretsmanager:resource/team", "unknown-condition-key", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			faults, notes := judged(t, f, fmt.Sprintf(`{"mode":%s,"conditions":{"StringEquals":{%q:"x"}}}`, test.asked, test.key))
			if !in(faults, test.fault) || !in(notes, test.note) {
				t.Errorf("faults %q, want %q; notes %q, want %q", faults, test.fault, notes, test.note)
			}
		})
	}
}

// Keys of role sessions are in the requests that the session makes to any service.
func TestConditionsOnRoleSessionsAreTaken(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	for key, condition := range map[string]string{
		"lambda:SourceFunctionArn":           `"ArnEquals":{"lambda:SourceFunctionArn":"arn:aws:lambda:*:*:function:x"}`,
		"ec2:SourceInstanceARN":              `"ArnLike":{"ec2:SourceInstanceARN":"arn:aws:ec2:*:123456789012:instance/*"}`,
		"ec2:RoleDelivery":                   `"NumericGreaterThanEquals":{"ec2:RoleDelivery":"2.0"}`,
		"glue:RoleAssumedBy":                 `"StringEquals":{"glue:RoleAssumedBy":"glue.amazonaws.com"}`,
		"glue:CredentialIssuingService":      `"StringEquals":{"glue:CredentialIssuingService":"glue.amazonaws.com"}`,
		"codebuild:BuildArn":                 `"ArnLike":{"codebuild:BuildArn":"arn:aws:codebuild:us-east-1:123456789012:build/b:*"}`,
		"codebuild:ProjectArn":               `"ArnEquals":{"codebuild:ProjectArn":"arn:aws:codebuild:us-east-1:123456789012:project/p"}`,
		"ssm:SourceInstanceARN":              `"ArnEquals":{"ssm:SourceInstanceARN":"arn:aws:ssm:us-east-1:123456789012:managed-instance/mi-1"}`,
		"identitystore:UserId":               `"StringEquals":{"identitystore:UserId":"94482488-3041-7026-18f3-be45837cd0e4"}`,
		"saml:sub_type":                      `"StringEquals":{"saml:sub_type":"persistent"}`,
		"www.amazon.com:user_id":             `"StringLike":{"www.amazon.com:user_id":"amzn1.account.*"}`,
		"cognito-identity.amazonaws.com:amr": `"ForAnyValue:StringLike":{"cognito-identity.amazonaws.com:amr":"authenticated"}`,
		"aws:SignInSessionArn":               `"ArnEquals":{"aws:SignInSessionArn":"arn:aws:signin:us-east-1:123456789012:session/s"}`,
		"aws:CalledViaAWSMCP":                `"StringEquals":{"aws:CalledViaAWSMCP":"aws-mcp.amazonaws.com"}`,
		"aws:ViaAWSMCPService":               `"Bool":{"aws:ViaAWSMCPService":"false"}`,
		"aws:IsMcpServiceAction":             `"Bool":{"aws:IsMcpServiceAction":"true"}`,
	} {
		faults, notes := judged(t, f, `{"mode":"crud","list":["arn:aws:s3:::a"],"conditions":{`+condition+`}}`)
		if len(faults) > 0 || len(notes) > 0 || !policy.IsGlobalKey(strings.ToUpper(key)) {
			t.Errorf("%s: faults %q, notes %q", key, faults, notes)
		}
	}
	faults, _ := judged(t, f, `{"mode":"crud","list":["arn:aws:s3:::a"],"conditions":{"StringEquals":{"ec2:RoleDelivery":"2.0"}}}`)
	if !in(faults, "whose values are of type Numeric") {
		t.Errorf("faults %q", faults)
	}
	faults, _ = judged(t, f, `{"mode":"crud","list":["arn:aws:s3:::a"],"conditions":{"StringEquals":{"saml:iss":"x"}}}`)
	if !in(faults, "no action under this condition knows saml:iss") {
		t.Errorf("faults %q", faults)
	}
}

// Keys of federated sessions are in requests to take a further role, and so in all.
func TestConditionsOnFederatedSessionsAreThoseOfAssumeRole(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	a, _ := f.LookupAction("sts:AssumeRole")
	for _, key := range f.Action(a).ConditionKeys {
		prefix, _, _ := strings.Cut(key, ":")
		if own := prefix == "aws" || prefix == "iam" || prefix == "sts"; !own && !policy.IsGlobalKey(key) {
			t.Errorf("%s is not in all requests", key)
		}
	}
}

func TestUnknownKeysAreSuggestedWithTheirNames(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	for key, want := range map[string]string{
		"secretsmanager:ResourcTag/team": "did you mean secretsmanager:ResourceTag/team",
		"aws:ResuorceTag/a/b":            "did you mean aws:ResourceTag/a/b",
		"aws:PrincipalsTag/team":         "did you mean aws:PrincipalTag/team",
		"aws:ResuorceTag":                "did you mean aws:ResourceTag/${TagKey}",
		"events:Metdata/x/Matcher":       "did you mean events:Metadata/x/Matcher?",
	} {
		faults, _ := judged(t, f, fmt.Sprintf(`{"mode":"actions","actions":["sqs:SendMessage"],"conditions":{"StringEquals":{%q:"x"}}}`, key))
		if !in(faults, want) {
			t.Errorf("%s: %q", key, faults)
		}
	}
}

// An operator for one value is a fault on a key of several where a Deny would let
// requests through, or an Allow could, and a note elsewhere.
func TestOperatorsForOneValueOfSeveral(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	const several = "wrong-operator events:detail-type can have several values"
	for name, test := range map[string]struct{ effect, operator, fault, note string }{
		"an Allow":                    {"Allow", "StringEquals", "", several},
		"an Allow, if it is there":    {"Allow", "StringEqualsIfExists", "", several},
		"an Allow of all but some":    {"Allow", "StringNotEquals", several, ""},
		"a Deny":                      {"Deny", "StringEquals", several, ""},
		"a Deny of all but some":      {"Deny", "StringNotLike", several, ""},
		"an Allow, with its operator": {"Allow", "ForAllValues:StringEquals", "", ""},
		"a Deny, with its operator":   {"Deny", "ForAnyValue:StringEquals", "", ""},
	} {
		faults, notes := judged(t, f, fmt.Sprintf(`{"mode":"actions","actions":["events:PutRule"],"effect":%q,"conditions":{%q:{"events:detail-type":"x"}}}`,
			test.effect, test.operator))
		if !in(faults, test.fault) || !in(notes, test.note) {
			t.Errorf("%s: faults %q, notes %q", name, faults, notes)
		}
	}
}

// A key of which AWS's reference says no action knows it can be right for each of its
// service, and for none of another.
func TestKeysOfNoActionAreForTheirService(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	const condition = `"conditions":{"ForAnyValue:StringEquals":{"iottwinmaker:linkedServices":"IOTSITEWISE"}}`
	faults, notes := judged(t, f, `{"mode":"actions","actions":["iottwinmaker:GetEntity"],`+condition+`}`)
	if len(faults) > 0 || !in(notes, "unsupported-condition-key AWS's reference does not say which actions of iottwinmaker know iottwinmaker:linkedServices") {
		t.Errorf("faults %q, notes %q", faults, notes)
	}
	faults, _ = judged(t, f, `{"mode":"actions","actions":["sqs:SendMessage"],`+condition+`}`)
	if !in(faults, "no action under this condition knows iottwinmaker:linkedServices") {
		t.Errorf("faults %q", faults)
	}
	faults, notes = judged(t, f, `{"mode":"actions","actions":["sqs:SendMessage","iottwinmaker:GetEntity"],`+condition+`}`)
	if len(faults) > 0 || len(notes) != 2 || !strings.Contains(notes[0], "sqs:SendMessage does not know") {
		t.Errorf("faults %q, notes %q", faults, notes)
	}
}

// What a request brings is known by actions that take it, whatever their resource.
func TestTagsOfRequestsAreForActionsThatTakeThem(t *testing.T) {
	t.Parallel()
	f := loadFacts(t)
	_, notes := judged(t, f, `{"mode":"actions","actions":["ec2:CreateVolume","ec2:TerminateInstances"],"conditions":{"StringEquals":{"aws:RequestTag/team":"x"}}}`)
	if !slices.ContainsFunc(notes, func(n string) bool { return strings.Contains(n, "ec2:TerminateInstances") }) {
		t.Errorf("notes %q", notes)
	}
}

// TestConditionsOfManagedPoliciesAreTaken writes the conditions of each statement of
// AWS's policies for its actions. Those refused are keys that AWS does not document,
// and tags of requests under actions that take none, so that the statements grant
// nothing or always.
func TestConditionsOfManagedPoliciesAreTaken(t *testing.T) {
	t.Parallel()
	want := map[string]int{
		"aws:PrincipalOrgMasterAccountId unknown-condition-key": 2,
		"lakeformation:GlueARN unknown-condition-key":           1,
		"aws:TagKeys unsupported-condition-key":                 6,
		"aws:RequestTag/CreatedBy unsupported-condition-key":    1,
	}
	policies := readManaged(t)
	f := loadFacts(t)
	got, statements := map[string]int{}, 0
	for _, p := range policies {
		doc, err := policy.ParseDocument(p.Document)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range doc.Statements {
			template, ok := f.templateOf(t, s)
			if !ok {
				continue
			}
			statements++
			_, err := policy.Write(f.Catalog, mustTemplate(t, template))
			faults, _ := errors.AsType[policy.Faults](err)
			for _, fault := range faults {
				_, key, _ := strings.Cut(fault.Path[len("conditions."):], ".")
				got[key+" "+fault.Code]++
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || statements < 1500 {
		t.Errorf("%d statements (-want +got):\n%s", statements, diff)
	}
}

// templateOf returns a template of a statement's conditions and those of its actions
// that there are. A statement without either has none.
func (f facts) templateOf(t *testing.T, s policy.Statement) (string, bool) {
	t.Helper()
	actions := slices.DeleteFunc(slices.Clone(s.Actions), func(pattern string) bool {
		return f.AddMatches(f.NewSet(), pattern) == 0
	})
	if len(actions) == 0 || len(s.Conditions) == 0 {
		return "", false
	}
	if i := slices.Index(actions, "*"); i >= 0 {
		actions[i] = "*:*"
	}
	conditions := map[string]map[string][]string{}
	for _, c := range s.Conditions {
		if conditions[c.Operator] == nil {
			conditions[c.Operator] = map[string][]string{}
		}
		conditions[c.Operator][c.Key] = c.Values
	}
	text, err := json.Marshal(map[string]any{"mode": "actions", "effect": s.Effect.String(), "actions": actions, "conditions": conditions})
	if err != nil {
		t.Fatal(err)
	}
	return string(text), true
}
