package policy_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
)

// checkSyntaxError fails unless an error is nil or points into the input, and says
// that this is not JSON where encoding/json says so.
func checkSyntaxError(t *testing.T, data []byte, err error) {
	t.Helper()
	syntax, ok := errors.AsType[*policy.SyntaxError](err)
	if refused := ok && strings.HasPrefix(syntax.Reason, "is not JSON"); refused == json.Valid(data) {
		t.Errorf("%q is JSON: %v; error %v", data, json.Valid(data), err)
	}
	if ok && (syntax.Offset < 0 || syntax.Offset > len(data)) {
		t.Errorf("offset %d of %d bytes", syntax.Offset, len(data))
	}
}

func FuzzParseDocument(f *testing.F) {
	for _, seed := range []string{
		`{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":["s3:Get*","*"],"Resource":"*"}]}`,
		`{"Statement":{"Effect":"Deny","NotAction":"iam:*","NotResource":["arn:aws:s3:::a"],"Condition":{"Bool":{"aws:SecureTransport":[true,1]}}}}`,
		`{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":["*","1"],"Service":"x"}},{"NotPrincipal":"*"},7]}`,
		`{"Statement":[],"Statement":{"Action":{"a":[{}]},"Action":[[]]},"Id":null}`,
	} {
		f.Add([]byte(seed))
	}
	facts := loadFacts(f)
	writer := policy.NewWriter(facts.Catalog)
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := policy.ParseDocument(data)
		checkSyntaxError(t, data, err)
		if err != nil {
			return
		}
		for _, p := range doc.Problems {
			if p.Statement < -1 || p.Offset < 0 || p.Offset >= len(data) || p.Reason == "" {
				t.Errorf("problem %+v", p)
			}
		}
		policy.Trusts(doc, ownAccount)
		said := facts.said(doc)
		for _, other := range []*policy.Document{policy.Expand(facts.Catalog, doc).Document, writer.MinimizeDocument(doc, 0).Document} {
			if !slices.EqualFunc(said, facts.said(other), catalog.Set.Equal) {
				t.Errorf("%s says something else than %s", other.JSON(""), data)
			}
		}
		again, err := policy.ParseDocument(doc.JSON(""))
		if err != nil {
			t.Fatalf("written: %v", err)
		}
		if len(doc.Problems) == 0 && (len(again.Problems) > 0 || !slices.EqualFunc(said, facts.said(again), catalog.Set.Equal)) {
			t.Errorf("%s became %s", data, doc.JSON(""))
		}
	})
}

// TestOnlyJSONIsRead changes documents and templates at every place.
func TestOnlyJSONIsRead(t *testing.T) {
	t.Parallel()
	check := func(data []byte) {
		_, err := policy.ParseDocument(data)
		checkSyntaxError(t, data, err)
		_, err = policy.ParseTemplate(data)
		checkSyntaxError(t, data, err)
	}
	for _, seed := range []string{
		` {"Version":"2012-10-17","Statement":[{"Sid":"A\\\u00e9\"","Effect":"Allow","Action":["s3:Get*" , "*"],"Resource":"*"},[{}],[[],-1.5e+7]],"x":{"y":[]}}` + "\n",
		`{"Statement":{"Effect":"Deny","Condition":{"Bool":{"a":[true,1,null],"b":0},"Null":{}},"Principal":{"AWS":["*"]},"NotAction":[]}}`,
		`{"mode":"crud","read":[{"arns":["a","b"],"conditions":{"C":{"d":["x",1]}}},null,"c"],"sts":{"assume-role":[]},"name":null,"effect":false}`,
		`{"policy_with_crud_levels":[{"name":"a","read":["b"],"wildcard":[]}]}`,
	} {
		for at := range len(seed) + 1 {
			check([]byte(seed[:at]))
			for _, other := range []string{"", ",", ":", "\"", "\\", "{", "}", "[", "]", "1", "-", ".", "t", "null", " ", "\x00", "\x7f", "\xff", "\n"} {
				check([]byte(seed[:at] + other + seed[at:]))
				check([]byte(seed[:at] + other + seed[min(at+1, len(seed)):]))
			}
		}
	}
}

func FuzzTrusts(f *testing.F) {
	f.Add("AWS", "arn:aws:iam::111122223333:root", "StringEquals", "aws:PrincipalOrgID", "o-1")
	f.Add("*", "*", "ForAnyValue:ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/${aws:username}")
	f.Add("Federated", "cognito-identity.amazonaws.com", "IpAddress", "aws:SourceIp", "0.0.0.0/0")
	f.Fuzz(func(t *testing.T, kind, value, operator, key, wanted string) {
		doc := &policy.Document{Statements: []policy.Statement{{
			Effect: policy.Allow, Actions: []string{"sts:AssumeRole"},
			Principals: []policy.Principal{{Kind: kind, Value: value}},
			Conditions: []policy.Condition{{Operator: operator, Key: key, Values: []string{wanted}}},
		}}}
		trust := policy.Trusts(doc, ownAccount)[0]
		if trust.Public && !trust.CrossAccount {
			t.Errorf("public and not of another account: %+v", trust)
		}
		if trust.Account != "" && len(trust.Account) != 12 {
			t.Errorf("account %q", trust.Account)
		}
		doc.Statements[0].Effect = policy.Deny
		if denied := policy.Trusts(doc, ownAccount)[0]; denied.Public || denied.CrossAccount {
			t.Errorf("a Deny lets in: %+v", denied)
		}
	})
}

func FuzzTemplate(f *testing.F) {
	seed, err := json.Marshal(fullTemplate())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	for _, seed := range []string{
		`{"mode":"crud","read":["arn:aws:s3:::b/*","arn:aws:ec2:*:*:*"],"wildcard-only":{"single-actions":["kms:*"],"service-list":["ec2"]},"exclude-actions":["s3:Get*"]}`,
		`{"mode":"crud","sts":{"assume-role":["arn:aws:iam::123456789012:role/a"]},"skip-resource-constraints":["s3:*"],"effect":"Deny"}`,
		`{"mode":"actions","actions":["s3:GetObject","ec2:RunInstances","sqs:*"],"name":null}`,
		`{"mode":"crud","write":[{"arns":["arn:aws:ecs:us-east-1:1:cluster/c"],"conditions":{"StringEquals":{"aws:ResourceTag/team":["x"]}}}],"conditions":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}`,
		`{"mode":"actions","actions":[{"action":"s3:ListBucket","conditions":{"ForAnyValue:stringlike":{"s3:prefix":"a/*"},"Null":{"aws:SourceVpc":true}}}]}`,
		oldCRUD, oldActions,
	} {
		f.Add([]byte(seed))
	}
	facts := loadFacts(f)
	writer := policy.NewWriter(facts.Catalog)
	f.Fuzz(func(t *testing.T, data []byte) {
		template, err := policy.ParseTemplate(data)
		checkSyntaxError(t, data, err)
		if err != nil {
			return
		}
		out, err := writer.Explain(template)
		if err != nil {
			if faults, ok := errors.AsType[policy.Faults](err); !ok || len(faults) == 0 {
				t.Errorf("error %v", err)
			}
			return
		}
		for _, e := range out.Explanations {
			if len(e.Because) == 0 {
				t.Errorf("no reason for %s in %s", e.Action, e.SID)
			}
		}
		text := out.Policy.JSON("")
		doc, err := policy.ParseDocument(text)
		if err != nil {
			t.Fatalf("written policy %s: %v", text, err)
		}
		if len(doc.Statements) > 0 && len(doc.Problems) > 0 {
			t.Errorf("written policy %s: %v", text, doc.Problems)
		}
		if a := policy.Analyze(facts.Catalog, doc); len(a.Unknown) > 0 {
			t.Errorf("written policy has unknown actions %v", a.Unknown)
		}
	})
}
