package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/leastwise/leastwise/catalog/policy"
)

// principal is what a case gives to one principal: statements in JSON, those of
// a document each.
type principal struct {
	identity []string
	boundary string // none where empty
	controls [][]string
}

func (f facts) attach(t testing.TB, docs []string) []policy.Attachment {
	t.Helper()
	out := []policy.Attachment{}
	for _, statements := range docs {
		out = append(out, policy.Attachment{Analysis: f.analyze(t, statements)})
	}
	return out
}

func (f facts) policiesOf(t testing.TB, p principal) *policy.Policies {
	t.Helper()
	out := &policy.Policies{Principal: "arn:aws:iam::111122223333:user/team/ann", Attachments: f.attach(t, p.identity)}
	if p.boundary != "" {
		out.Boundary = &f.attach(t, []string{p.boundary})[0]
	}
	for _, level := range p.controls {
		out.Controls = append(out.Controls, f.attach(t, level))
	}
	return out
}

// verdictOf says what is granted of an action: "absent", or the scope and what
// else is to be said.
func verdictOf(f facts, e *policy.Effective, name string) string {
	a, ok := f.LookupAction(name)
	if !ok {
		return "unknown"
	}
	if !e.Has(a) {
		return "absent"
	}
	out := e.Scope(a).String()
	if e.Conditional(a) {
		out += ", conditional"
	}
	if e.PartlyDenied(a) {
		out += ", partly denied"
	}
	return out
}

// effectiveCase is one small case: what a principal has, and what is to be said of
// actions, each as "service:Action: verdict".
type effectiveCase struct {
	name string
	principal
	want []string
}

func runEffective(t *testing.T, cases []effectiveCase) {
	t.Helper()
	t.Parallel()
	f := loadFacts(t)
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := policy.NewEvaluator(f.Catalog).Evaluate(f.policiesOf(t, test.principal))
			for _, want := range test.want {
				i := strings.LastIndex(want, ": ")
				if got := verdictOf(f, e, want[:i]); got != want[i+2:] {
					t.Errorf("%s: %s, want %s", want[:i], got, want[i+2:])
				}
			}
		})
	}
}

func allow(action, resource string) string { return statement("Allow", action, resource, "") }

func deny(action, resource string) string { return statement("Deny", action, resource, "") }

// statement writes a statement. An action or resource beginning with "!" makes
// NotAction or NotResource; several are separated by spaces. The condition is the
// members of Condition.
func statement(effect, action, resource, condition string) string {
	out := fmt.Sprintf(`{"Effect":%q,%s,%s`, effect, element("Action", action), element("Resource", resource))
	if condition != "" {
		out += `,"Condition":{` + condition + `}`
	}
	return out + "}"
}

func element(name, values string) string {
	if rest, ok := strings.CutPrefix(values, "!"); ok {
		name, values = "Not"+name, rest
	}
	list := strings.Fields(values)
	if len(list) == 1 {
		return fmt.Sprintf("%q:%q", name, list[0])
	}
	return fmt.Sprintf(`%q:["%s"]`, name, strings.Join(list, `","`))
}

const (
	mfa      = `"Bool":{"aws:MultiFactorAuthPresent":"true"}`
	bucket   = "arn:aws:s3:::orders"
	objects  = "arn:aws:s3:::orders/*"
	invoices = "arn:aws:s3:::invoices/*"
	anyRole  = "arn:aws:iam::*:role/*"
	appRoles = "arn:aws:iam::*:role/app-*"
	oneRole  = "arn:aws:iam::111122223333:role/app-1"
)
