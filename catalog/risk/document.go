package risk

import (
	"slices"

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
