package risk_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/catalog/risk"
)

const (
	anyRole   = "arn:aws:iam::111122223333:role/*"
	appRoles  = "arn:aws:iam::111122223333:role/app-*"
	oneRole   = "arn:aws:iam::111122223333:role/app-1"
	function  = "arn:aws:lambda:eu-west-1:111122223333:function:f"
	noService = `,"Condition":{"StringEquals":{"iam:PassedToService":"batch.amazonaws.com"}}`
)

// facts is what most tests judge with.
type facts struct {
	*catalog.Catalog
	rules  *risk.Rules
	engine *risk.Engine
}

// shared is loaded once: the rules are more text than one test is worth.
var shared = sync.OnceValues(func() (facts, error) {
	c, err := catalog.Open()
	if err != nil {
		return facts{}, err
	}
	rules, err := risk.Load(c)
	if err != nil {
		return facts{}, err
	}
	return facts{c, rules, risk.NewEngine(rules, risk.DefaultOptions())}, nil
})

func load(t testing.TB) facts {
	t.Helper()
	f, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// options returns facts whose engine has other options.
func (f facts) options(change func(*risk.Options)) facts {
	o := risk.DefaultOptions()
	change(&o)
	f.engine = risk.NewEngine(f.rules, o)
	return f
}

func (f facts) document(t testing.TB, statements string) *policy.Document {
	t.Helper()
	doc, err := policy.ParseDocument([]byte(`{"Version":"2012-10-17","Statement":[` + statements + `]}`))
	if err != nil {
		t.Fatalf("parse %s: %v", statements, err)
	}
	return doc
}

// attachment is a document made of statements in JSON.
func (f facts) attachment(t testing.TB, name, statements string) policy.Attachment {
	t.Helper()
	return policy.Attachment{
		Analysis: policy.Analyze(f.Catalog, f.document(t, statements)), Document: "sha-" + name, Source: "inline", Name: name,
	}
}

// carry is the policies of a principal, one document for each text.
func (f facts) carry(t testing.TB, statements ...string) *policy.Policies {
	t.Helper()
	p := &policy.Policies{}
	for i, s := range statements {
		p.Attachments = append(p.Attachments, f.attachment(t, fmt.Sprint("p", i), s))
	}
	return p
}

// role is the entity that most tests judge.
func role() risk.Entity {
	return risk.Entity{Account: "111122223333", Kind: "role", ID: "AROA1", Name: "app", Path: "/", ARN: "arn:aws:iam::111122223333:role/app"}
}

// judge returns the findings of a role with policies.
func (f facts) judge(p *policy.Policies) []risk.Finding {
	findings, _ := f.engine.Findings(policy.NewEvaluator(f.Catalog).Evaluate(p), role())
	return findings
}

// allow is a statement that allows actions, with spaces between them, on a
// resource, with what else there is to say.
func allow(actions, resource string, more ...string) string {
	quoted, err := json.Marshal(strings.Fields(actions))
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf(`{"Effect":"Allow","Action":%s,"Resource":%q%s}`, quoted, resource, strings.Join(more, ""))
}

// condition is a Condition element behind a statement's other elements.
func condition(operator, key, value string) string {
	return fmt.Sprintf(`,"Condition":{%q:{%q:%q}}`, operator, key, value)
}

// ids returns the rules of findings, sorted.
func ids(findings []risk.Finding) []string {
	out := []string{}
	for _, f := range findings {
		out = append(out, f.Rule)
	}
	slices.Sort(out)
	return out
}

// find returns the finding of a rule.
func find(t testing.TB, findings []risk.Finding, rule string) risk.Finding {
	t.Helper()
	i := slices.IndexFunc(findings, func(f risk.Finding) bool { return f.Rule == rule })
	if i < 0 {
		t.Fatalf("%s is not among %v", rule, ids(findings))
	}
	return findings[i]
}
