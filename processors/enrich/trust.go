package enrich

import (
	"slices"

	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/schemas/event"
)

// trusts says who may take a role of an account with this trust policy.
func (e *Enricher) trusts(j *Judgement, account string) []event.Trust {
	if j.trust == nil {
		return nil
	}
	var out []event.Trust
	for _, t := range policy.Trusts(j.trust, account) {
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
		})
	}
	return out
}

// exposed reports whether anyone outside the account is allowed in.
func exposed(trusts []event.Trust) bool {
	return slices.ContainsFunc(trusts, func(t event.Trust) bool {
		return t.Effect == policy.Allow.String() && (t.Public || t.CrossAccount)
	})
}
