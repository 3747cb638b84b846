package risk

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog/policy"
)

// canRaise reports whether everything, within a boundary and controls, makes an
// administrator.
func (e *escalations) canRaise(boundary *policy.Attachment, controls [][]policy.Attachment) bool {
	if boundary == nil && controls == nil {
		return true
	}
	var key strings.Builder
	if boundary != nil {
		fmt.Fprintf(&key, "%p", boundary.Analysis)
	}
	for _, level := range controls {
		key.WriteByte('/')
		for i := range level {
			fmt.Fprintf(&key, "%p ", level[i].Analysis)
		}
	}
	can, known := e.raisable[key.String()]
	if !known {
		can = e.administrator(&policy.Policies{
			Account: e.info.ID, Attachments: []policy.Attachment{{Analysis: e.all}}, Boundary: boundary, Controls: controls,
		})
		e.raisable[key.String()] = can
	}
	return can
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
