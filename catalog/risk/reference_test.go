package risk_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/catalog/risk"
)

// toLambdaWithMFA is a condition on the service and another.
const toLambdaWithMFA = `,"Condition":{"StringEquals":{"iam:PassedToService":"lambda.amazonaws.com"},"Bool":{"aws:MultiFactorAuthPresent":"true"}}`

// reference judges one rule and one action at a time, with no words and no order:
// slow, and plain enough to be believed.
type reference struct {
	facts
	*policy.Effective
	// passed evaluates the policies as they are for passing a role to a service.
	passed func(service string) *policy.Effective
}

// enough reports whether an action is granted widely enough for a rule.
func (r reference) enough(rule *risk.Rule, a catalog.ActionID) bool {
	least := policy.ScopeExact
	if rule.Wide {
		least = policy.ScopeService
	}
	return r.Has(a) && r.Scope(a) >= least
}

// holds reports whether a rule over actions holds.
func (r reference) holds(rule *risk.Rule) bool {
	if rule.Check != "" {
		return false
	}
	if !rule.All {
		return slices.ContainsFunc(rule.Actions, func(a catalog.ActionID) bool { return r.enough(rule, a) })
	}
	for _, a := range rule.Actions {
		if !r.enough(rule, a) {
			return false
		}
	}
	pass, _ := r.LookupAction("iam:PassRole")
	reach := r.Reach(pass)
	return len(rule.Passes) == 0 || slices.ContainsFunc(rule.Passes, reach.PassedTo)
}

// findings are the rules to report, each with what is told within it.
func (r reference) findings() map[string][]string {
	var held []*risk.Rule
	for i := range r.rules.All() {
		if rule := &r.rules.All()[i]; r.holds(rule) {
			held = append(held, rule)
		}
	}
	out := make(map[string][]string)
	for _, rule := range held {
		within := func(outer, inner *risk.Rule) bool {
			return outer.All && inner.All && len(outer.Actions) > len(inner.Actions) &&
				!slices.ContainsFunc(inner.Actions, func(a catalog.ActionID) bool { return !slices.Contains(outer.Actions, a) })
		}
		if slices.ContainsFunc(held, func(inner *risk.Rule) bool { return within(rule, inner) }) {
			continue
		}
		out[rule.ID] = nil
		for _, outer := range held {
			if within(outer, rule) {
				out[rule.ID] = append(out[rule.ID], outer.ID)
			}
		}
		slices.Sort(out[rule.ID])
	}
	return out
}

// conditional reports whether a combination rests on conditions: one of its actions
// does, where a role is passed to a service to each that the rule has.
func (r reference) conditional(rule *risk.Rule) bool {
	pass, _ := r.LookupAction("iam:PassRole")
	return slices.ContainsFunc(rule.Actions, func(a catalog.ActionID) bool {
		if a != pass || len(rule.Passes) == 0 {
			return r.Conditional(a)
		}
		return !slices.ContainsFunc(rule.Passes, func(service string) bool {
			f := r.passed(service)
			return f.Has(pass) && f.Scope(pass) > policy.ScopeNone && !f.Conditional(pass)
		})
	})
}

// passing returns a document as it is for requests that pass a role to a service:
// conditions on that are met, or the statement is none.
func passing(doc *policy.Document, service string) *policy.Document {
	out := *doc
	out.Statements = nil
	for _, s := range doc.Statements {
		met := true
		var left []policy.Condition
		for _, c := range s.Conditions {
			value := ""
			if len(c.Values) > 0 {
				value = c.Values[0]
			}
			switch {
			case c.Key != "iam:PassedToService":
				left = append(left, c)
			case strings.HasPrefix(c.Operator, "StringLike"):
				met = met && strings.HasPrefix(service, strings.TrimSuffix(value, "*"))
			case strings.Contains(c.Operator, "NotEquals"):
				met = met && service != value
			default:
				met = met && service == value
			}
		}
		if s.Conditions = left; met {
			out.Statements = append(out.Statements, s)
		}
	}
	return &out
}

func drawStatement(t *rapid.T) string {
	actions := rapid.SliceOfN(rapid.SampledFrom([]string{
		"iam:PassRole", "iam:Pass*", "iam:Put*", "iam:CreateAccessKey", "iam:*Policy*", "sts:AssumeRole", "s3:*", "s3:GetObject",
		"lambda:*", "lambda:CreateFunction", "lambda:InvokeFunction", "lambda:UpdateFunctionCode", "ec2:RunInstances", "ec2:*Instances",
		"ecs:*", "glue:Create*", "glue:Start*", "ssm:*", "kms:CreateGrant", "sqs:*",
	}), 1, 4).Draw(t, "actions")
	resource := rapid.SampledFrom([]string{
		"*", "*", "arn:aws:iam::*:role/*", "arn:aws:iam::*:role/app-*", "arn:aws:iam::111122223333:role/app", "arn:aws:iam::*:user/${aws:username}",
		"arn:aws:s3:::*", "arn:aws:s3:::b/*", "arn:aws:lambda:*:*:function:*", "arn:aws:lambda:eu-west-1:111122223333:function:f", "arn:aws:ec2:*:*:instance/*",
	}).Draw(t, "resource")
	more := rapid.SampledFrom([]string{
		"", "", "", noService, condition("StringLike", "iam:PassedToService", "lambda*"), condition("StringNotEquals", "iam:PassedToService", "ec2.amazonaws.com"),
		condition("Bool", "aws:MultiFactorAuthPresent", "true"), condition("StringLikeIfExists", "iam:PassedToService", "e*"),
		condition("ForAnyValue:StringEquals", "iam:PassedToService", "ec2.amazonaws.com"), toLambdaWithMFA,
	}).Draw(t, "condition")
	text := allow(strings.Join(actions, " "), resource, more)
	if rapid.IntRange(0, 4).Draw(t, "effect") == 0 {
		text = `{"Effect":"Deny"` + text[len(`{"Effect":"Allow"`):]
	}
	return text
}

func TestFindingsAgreeWithTheReference(t *testing.T) {
	t.Parallel()
	f := load(t)
	evaluator, another := policy.NewEvaluator(f.Catalog), policy.NewEvaluator(f.Catalog)
	rapid.Check(t, func(rt *rapid.T) {
		documents := rapid.SliceOfN(rapid.Custom(drawStatement), 1, 5).Draw(rt, "statements")
		bounds := ""
		if rapid.IntRange(0, 3).Draw(rt, "bounded") == 0 {
			bounds = rapid.SampledFrom([]string{allow("iam:* lambda:* s3:*", "*") + ",", ""}).Draw(rt, "wide") + drawStatement(rt)
		}
		policies := func(change func(*policy.Document) *policy.Document) *policy.Policies {
			p := &policy.Policies{}
			attachment := func(statements string) policy.Attachment {
				return policy.Attachment{Analysis: policy.Analyze(f.Catalog, change(f.document(t, statements)))}
			}
			for _, statements := range documents {
				p.Attachments = append(p.Attachments, attachment(statements))
			}
			if bounds != "" {
				boundary := attachment(bounds)
				p.Boundary = &boundary
			}
			return p
		}
		effective := evaluator.Evaluate(policies(func(d *policy.Document) *policy.Document { return d }))
		r := reference{f, effective, func(service string) *policy.Effective {
			return another.Evaluate(policies(func(d *policy.Document) *policy.Document { return passing(d, service) }))
		}}
		want := r.findings()
		got := make(map[string][]string)
		findings, _ := f.engine.Findings(effective, role())
		for _, found := range findings {
			if found.Category == risk.CategoryServiceWildcard {
				continue
			}
			slices.Sort(found.Includes)
			got[found.Rule] = found.Includes
			if rule, _ := f.rules.Rule(found.Rule); rule.All && found.Conditional != r.conditional(rule) {
				rt.Fatalf("%s: conditional %v", rule.ID, found.Conditional)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatalf("findings (-want +got):\n%s", diff)
		}
	})
}
