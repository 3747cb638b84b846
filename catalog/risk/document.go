package risk

import (
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog/policy"
)

// Document judges one document alone: what it would let do whoever carries it,
// and, where it names principals, whom it lets in. The attachment says what
// is known of it; its Analysis must be that of doc.
func (e *Engine) Document(doc *policy.Document, attachment policy.Attachment, entity Entity) (findings []Finding, excluded int) {
	if namesPrincipals(doc) {
		return e.TrustFindings(entity, doc, attachment.Document)
	}
	evaluator := e.evaluators.Get().(*policy.Evaluator)
	defer e.evaluators.Put(evaluator)
	return e.Findings(evaluator.Evaluate(&policy.Policies{Attachments: []policy.Attachment{attachment}}), entity)
}

// namesPrincipals reports whether a document is about who may do something, as a
// trust policy is.
func namesPrincipals(doc *policy.Document) bool {
	return slices.ContainsFunc(doc.Statements, func(s policy.Statement) bool {
		return s.Principals != nil || s.NotPrincipals != nil
	})
}

// NotJudged says which statements of a document Document does not judge. What the
// policy of a resource, such as a bucket or a key, lets others do to it does not
// follow from the policy alone; whom a role trusts does. Their Offset is not set.
func NotJudged(doc *policy.Document) []policy.Problem {
	var out []policy.Problem
	for i := range doc.Statements {
		if isOfResource(&doc.Statements[i]) {
			out = append(out, policy.Problem{Statement: i, Element: "Principal", Reason: "names principals in the policy of a resource; only trust policies of roles are judged by whom they let in"})
		}
	}
	return out
}

// isOfResource reports whether a statement lets principals do something to a
// resource. In a trust policy they assume the role, and the resource is not named
// (IAM User Guide, "IAM JSON policy elements: Resource").
func isOfResource(s *policy.Statement) bool {
	if s.Principals == nil && s.NotPrincipals == nil {
		return false
	}
	return s.Resources != nil || s.NotResources != nil || slices.ContainsFunc(s.Actions, func(action string) bool {
		service, _, _ := strings.Cut(action, ":")
		return !strings.EqualFold(service, "sts")
	})
}
