package policy_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leastwise/leastwise/catalog/policy"
)

func TestParseDocumentReadsScalarsAndLists(t *testing.T) {
	t.Parallel()
	const text = `{
	  "Version": "2012-10-17", "Id": "both",
	  "Statement": [
	    {"Sid": "One", "Effect": "Allow", "Action": "s3:Get*", "Resource": ["arn:aws:s3:::a", "arn:aws:s3:::b"]},
	    {"Effect": "Deny", "NotAction": ["iam:*", "sts:*"], "NotResource": "*",
	     "Condition": {"Bool": {"aws:SecureTransport": false}, "NumericLessThan": {"s3:max-keys": [10, "20"]}}},
	    {"Effect": "Allow", "Action": "sts:AssumeRole",
	     "Principal": {"AWS": ["123456789012", "arn:aws:iam::1:root"], "Service": "ec2.amazonaws.com"}},
	    {"Effect": "Deny", "Action": "*", "NotPrincipal": "*"}
	  ]}`
	want := &policy.Document{Version: "2012-10-17", ID: "both", Statements: []policy.Statement{
		{SID: "One", Effect: policy.Allow, Actions: []string{"s3:Get*"}, Resources: []string{"arn:aws:s3:::a", "arn:aws:s3:::b"}},
		{
			Effect: policy.Deny, NotActions: []string{"iam:*", "sts:*"}, NotResources: []string{"*"},
			Conditions: []policy.Condition{
				{Operator: "Bool", Key: "aws:SecureTransport", Values: []string{"false"}},
				{Operator: "NumericLessThan", Key: "s3:max-keys", Values: []string{"10", "20"}},
			},
		},
		{Effect: policy.Allow, Actions: []string{"sts:AssumeRole"}, Principals: []policy.Principal{
			{Kind: "AWS", Value: "123456789012"}, {Kind: "AWS", Value: "arn:aws:iam::1:root"}, {Kind: "Service", Value: "ec2.amazonaws.com"},
		}},
		{Effect: policy.Deny, Actions: []string{"*"}, NotPrincipals: []policy.Principal{{Kind: "*", Value: "*"}}},
	}}
	if diff := cmp.Diff(want, mustParse(t, text)); diff != "" {
		t.Errorf("document (-want +got):\n%s", diff)
	}
}

func TestParseDocumentTakesAStatementObject(t *testing.T) {
	t.Parallel()
	doc := mustParse(t, `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)
	if len(doc.Statements) != 1 || len(doc.Problems) != 0 {
		t.Errorf("statements %d, problems %v", len(doc.Statements), doc.Problems)
	}
}

func TestParseDocumentReadsEscapes(t *testing.T) {
	t.Parallel()
	doc := mustParse(t, `{"Statement":{"Effect":"Allow","Ac\u0074ion":"s3:Get\u002a","Resource":"a\\\"b\ud83d\ude00"}}`)
	if s := doc.Statements[0]; s.Actions[0] != "s3:Get*" || s.Resources[0] != `a\"b😀` {
		t.Errorf("statement %+v", s)
	}
}

func TestParseDocumentCollectsProblems(t *testing.T) {
	t.Parallel()
	const ok = `"Effect":"Allow","Action":"a:b","Resource":"*"`
	tests := map[string]struct {
		text string
		want string // one problem's text
	}{
		"unknown document element":  {`{"Statements":1,"Statement":[{` + ok + `}]}`, "document Statements (byte 1): is not an element of the policy grammar"},
		"element in the wrong case": {`{"Statement":[{"resource":"*",` + ok + `}]}`, "statement 0 resource (byte 15): is not an element of the policy grammar, which is case-sensitive: Resource"},
		"repeated element":          {`{"Statement":[{"Action":"c:d",` + ok + `}]}`, "statement 0 Action (byte 47): is repeated; its last value holds"},
		"repeated operator":         {`{"Statement":[{` + ok + `,"Condition":{"Bool":{"a:b":"1"},"Bool":{}}}]}`, "statement 0 Bool (byte 94): is repeated; all its values are kept"},
		"repeated condition key":    {`{"Statement":[{` + ok + `,"Condition":{"Bool":{"a:b":"1","a:b":"2"}}}]}`, "statement 0 a:b (byte 93): is repeated; all its values are kept"},
		"repeated kind":             {`{"Statement":[{"Effect":"Allow","Action":"a:b","Principal":{"AWS":"1","AWS":"2"}}]}`, "statement 0 AWS (byte 70): is repeated; all its values are kept"},
		"repeated sid":              {`{"Statement":[{"Sid":"A",` + ok + `},{"Sid":"A",` + ok + `}]}`, `statement 1 Sid (byte 74): "A" is also the Sid of statement 0`},
		"repeated sid, third":       {`{"Statement":[{"Sid":"A",` + ok + `},{"Sid":"B",` + ok + `},{` + ok + `,"Sid":"A"}]}`, `statement 2 Sid (byte 180): "A" is also the Sid of statement 0`},
		"wrong version":             {`{"Version":"2012","Statement":[{` + ok + `}]}`, `document Version (byte 1): "2012" is neither 2012-10-17 nor 2008-10-17`},
		"version is a number":       {`{"Version":2012,"Statement":[{` + ok + `}]}`, "document Version (byte 1): is a number, not a string"},
		"effect in the wrong case":  {`{"Statement":[{"Effect":"allow","Action":"a:b","Resource":"*"}]}`, `statement 0 Effect (byte 15): "allow" is neither Allow nor Deny`},
		"effect is null":            {`{"Statement":[{"Effect":null,"Action":"a:b","Resource":"*"}]}`, "statement 0 Effect (byte 15): is null, not a string"},
		"no effect":                 {`{"Statement":[{"Action":"a:b","Resource":"*"}]}`, "statement 0 Effect (byte 14): is missing"},
		"no action":                 {`{"Statement":[{"Effect":"Deny","Resource":"*"}]}`, "statement 0 Action (byte 14): is missing, and NotAction too"},
		"no resource":               {`{"Statement":[{"Effect":"Deny","Action":"*"}]}`, "statement 0 Resource (byte 14): is missing, and NotResource too"},
		"both action elements":      {`{"Statement":[{"NotAction":"c:d",` + ok + `}]}`, "statement 0 Action (byte 14): cannot stand beside NotAction"},
		"action is a number":        {`{"Statement":[{"Effect":"Allow","Action":["a:b",7],"Resource":"*"}]}`, "statement 0 Action (byte 48): holds a number, not a string"},
		"resource is an object":     {`{"Statement":[{"Effect":"Allow","Action":"a:b","Resource":{"a":[{}]}}]}`, "statement 0 Resource (byte 58): holds an object, not a string"},
		"no values":                 {`{"Statement":[{"Effect":"Allow","Action":[],"Resource":"*"}]}`, "statement 0 Action (byte 41): has no values"},
		"statement is a string":     {`{"Statement":["x",{` + ok + `}]}`, "statement 0 (byte 14): is a string, not an object"},
		"no statements":             {`{"Statement":[]}`, "document Statement (byte 1): is an empty list"},
		"principal is a name":       {`{"Statement":[{"Effect":"Allow","Action":"a:b","Principal":"me"}]}`, `statement 0 Principal (byte 47): "me" is a string other than *; read as an AWS principal`},
		"principal is a list":       {`{"Statement":[{"Effect":"Allow","Action":"a:b","Principal":["*"]}]}`, "statement 0 Principal (byte 47): is an array, not * or an object"},
		"unknown principal kind":    {`{"Statement":[{"Effect":"Allow","Action":"a:b","Principal":{"Aws":"1"}}]}`, `statement 0 Principal (byte 60): "Aws" is not a kind of principal`},
		"condition is a string":     {`{"Statement":[{` + ok + `,"Condition":"x"}]}`, "statement 0 Condition (byte 62): is a string, not an object"},
		"operator is a string":      {`{"Statement":[{` + ok + `,"Condition":{"Bool":"x"}}]}`, "statement 0 Condition (byte 75): Bool is a string, not an object"},
		"condition value is null":   {`{"Statement":[{` + ok + `,"Condition":{"Bool":{"a:b":null}}}]}`, "statement 0 Condition (byte 89): Bool a:b holds null, not a value"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, p := range mustParse(t, test.text).Problems {
				got = append(got, p.String())
			}
			if diff := cmp.Diff([]string{test.want}, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseDocumentKeepsWhatItCanRead(t *testing.T) {
	t.Parallel()
	doc := mustParse(t, `{"Statement":["x",{"Effect":"Deny","Action":["a:b",1],"Resource":"*","Condition":7},{"Effect":"Allow","Action":"c:d","Action":"e:f","Resource":"*"}]}`)
	want := []policy.Statement{
		{},
		{Effect: policy.Deny, Actions: []string{"a:b"}, Resources: []string{"*"}, Conditions: []policy.Condition{}},
		{Effect: policy.Allow, Actions: []string{"e:f"}, Resources: []string{"*"}},
	}
	if diff := cmp.Diff(want, doc.Statements); diff != "" {
		t.Errorf("statements (-want +got):\n%s", diff)
	}
}

func TestParseDocumentRefusesOtherShapes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text   string
		offset int
		reason string
	}{
		"empty":                 {"", 0, "unexpected end of JSON input"},
		"not JSON":              {`{"Statement": nope}`, 15, "invalid character 'o' in literal null"},
		"cut off":               {`{"Statement":[`, 13, "unexpected end of JSON input"},
		"text after it":         {`{"Statement":[]} x`, 17, "invalid character 'x' after top-level value"},
		"a list":                {` [1]`, 1, "is an array, not an object"},
		"null":                  {`null`, 0, "is null, not an object"},
		"no statement":          {` {"Version":"2012-10-17"}`, 1, "has no Statement element"},
		"statement is a number": {`{"Statement":1}`, 13, "Statement is a number, not an object or a list of objects"},
		"too deep":              {`{"Statement":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + "}", 10012, "exceeded max depth"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := policy.ParseDocument([]byte(test.text))
			syntax, ok := errors.AsType[*policy.SyntaxError](err)
			if !ok {
				t.Fatalf("error %v, want a SyntaxError", err)
			}
			if syntax.Offset != test.offset || !strings.Contains(syntax.Reason, test.reason) {
				t.Errorf("got byte %d %q, want byte %d %q", syntax.Offset, syntax.Reason, test.offset, test.reason)
			}
			if !strings.HasPrefix(err.Error(), "parse policy document: byte ") {
				t.Errorf("message %q", err)
			}
		})
	}
}

func TestParseDocumentSurvivesNesting(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`{"a":[`, 4000) + strings.Repeat(`]}`, 4000)
	doc := mustParse(t, `{"Statement":[{"Effect":"Allow","Action":`+deep+`,"Resource":"*"}]}`)
	if len(doc.Problems) != 1 || len(doc.Statements[0].Actions) != 0 {
		t.Errorf("problems %v", doc.Problems)
	}
}
