package risk

import (
	"fmt"
	"slices"

	"github.com/leastwise/leastwise/catalog/policy"
)

// canRaise reports whether everything, within a boundary and controls, makes an
// administrator of a principal, whose ARN is "" for someone new.
func (e *escalations) canRaise(principal string, boundary *policy.Attachment, controls [][]policy.Attachment) bool {
	if boundary == nil && controls == nil {
		return true
	}
	raised := &policy.Policies{
		Principal: principal, Account: e.info.ID, Attachments: []policy.Attachment{{Analysis: e.all}}, Boundary: boundary, Controls: controls,
	}
	var key []byte
	if boundary != nil {
		key = appendLimit(key, boundary, raised)
	}
	for _, level := range controls {
		key = append(key, '/')
		for i := range level {
			key = appendLimit(key, &level[i], raised)
		}
	}
	can, known := e.raisable[string(key)]
	if !known {
		can = e.administrator(raised)
		e.raisable[string(key)] = can
	}
	return can
}

// appendLimit appends what tells apart how documents limit principals.
func appendLimit(key []byte, limit *policy.Attachment, p *policy.Policies) []byte {
	key = fmt.Appendf(key, "%p ", limit.Analysis)
	if limit.Analysis != nil {
		key = limit.Analysis.AppendDecided(key, p)
	}
	return key
}

// toTake returns the policies of someone of a kind as they are for taking a role whose
// trust alone allows it. What the trust of a role allows to a user is not limited
// by the user's boundary, to a role it is: IAM User Guide, "Permissions boundaries
// for IAM entities".
func (e *escalations) toTake(kind string, policies policy.Policies) policy.Policies {
	if kind == "user" {
		policies.Boundary = nil
	}
	policies.Attachments = append(slices.Clip(policies.Attachments), policy.Attachment{Analysis: e.taking})
	return policies
}

// takes returns the roles that someone of a kind may take where their trust alone
// allows it: those that nothing denies; nil where nothing is denied.
func (e *escalations) takes(kind string, p *policy.Policies) *reached {
	assume := e.methods.list[becomeAssume].actions
	if len(assume) == 0 {
		return nil
	}
	limited := p.Boundary != nil && kind != "user" || p.Controls != nil
	if !limited {
		denied := e.engine.catalog.NewSet()
		for i := range p.Attachments {
			if d := p.Attachments[i].Analysis; d != nil {
				d.AddDenied(denied)
				d.AddPartlyDenied(denied)
			}
		}
		if !denied.Has(assume[0]) {
			return nil
		}
	}
	policies := e.toTake(kind, *p)
	r := e.evaluator.Evaluate(&policies).Reach(assume[0])
	if r.Everything() {
		return nil
	}
	return newReached(r)
}
