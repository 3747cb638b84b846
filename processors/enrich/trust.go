package enrich

import (
	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/catalog/risk"
	"github.com/leastwise/leastwise/schemas/event"
)

// trusts says who may take a role of an account with this trust policy, and with
// what risk tags.
func trusts(j *Judgement, account string) ([]event.Trust, risk.TagSet) {
	if j.trust == nil {
		return nil, 0
	}
	found := policy.Trusts(j.trust, account)
	var out []event.Trust
	for _, t := range found {
		out = append(out, event.Trust{
			Statement:    t.Statement,
			Effect:       t.Effect.String(),
			Kind:         t.Kind,
			Principal:    t.Value,
			Account:      t.Account,
			Actions:      t.Actions,
			Conditions:   t.Conditions,
			ExternalID:   t.HasExternalID,
			Public:       t.Public,
			CrossAccount: t.CrossAccount,
			Excluded:     t.Excluded,
			Deleted:      t.Deleted,
			Grade:        t.Grade.String(),
			Subject:      t.Subject,
			Audience:     t.Audience,
		})
	}
	return out, risk.TrustTags(found)
}
