package world

import "slices"

// inlinePolicy is an inline policy before it is spelled out.
type inlinePolicy struct {
	template *template
	revision int
}

// attached appends the managed policies that r has attached on its day to buf.
func (r resident) attached(buf []policyRef) []policyRef {
	buf = append(append(buf, r.kind.aws...), r.kind.own...)
	if len(r.kind.maybe) > 0 {
		d := r.gen.of(forAWSPolicy)
		e := d.of(forEpoch, d.epoch(r.day.number, 90, 500).n)
		if e.chance(55) {
			buf = append(buf, pick(e.of(forAWSPolicy), r.kind.maybe))
		}
	}
	own := &r.day.account.populations[KindPolicy]
	for i := range r.kind.customer {
		d := r.gen.of(forCustomerPolicy, i)
		e := d.of(forEpoch, d.epoch(r.day.number, 45, 400).n)
		if !e.chance(65) || own.slots() == own.permanent {
			continue
		}
		p := policyRef(e.of(forCustomerPolicy).between(own.permanent, own.slots()))
		if found, alive := r.day.resident(p.ref()); alive && !found.template.shelved && !slices.Contains(buf, p) {
			buf = append(buf, p)
		}
	}
	return buf
}

// inline appends the inline policies that r has on its day to buf.
func (r resident) inline(buf []inlinePolicy) []inlinePolicy {
	if r.kind.planted {
		for _, t := range r.kind.inline {
			buf = append(buf, inlinePolicy{template: t, revision: r.turn()})
		}
		return buf
	}
	for i := range r.kind.inlines {
		d := r.gen.of(forInline, i)
		if i > 0 && !d.chance(50) {
			continue
		}
		t := pick(r.gen.of(forInline), r.kind.inline)
		if i > 0 {
			t = r.kind.inline[(slices.Index(r.kind.inline, t)+i)%len(r.kind.inline)]
		}
		e := d.of(forEdit).epoch(r.day.number, 60, 500)
		buf = append(buf, inlinePolicy{template: t, revision: e.n})
	}
	return buf
}

// boundaryPolicy returns r's permissions boundary, or noPolicy.
func (r resident) boundaryPolicy() policyRef {
	if r.kind.planted {
		return r.kind.fence
	}
	d := r.gen.of(forBoundary)
	e := d.of(forEpoch, d.epoch(r.day.number, 150, 900).n)
	if !e.chance(r.kind.bounded) {
		return noPolicy
	}
	boundaries := r.day.account.populations[KindPolicy].common
	if choice := e.of(forBoundary).below(boundaries + 1); choice < boundaries {
		return policyRef(choice)
	}
	return r.day.account.world.tables.awsBoundary
}

// administrators is the slot of the group of that name.
const administrators = 0

// memberOf appends the slots of the groups that the user r belongs to to buf.
func (r resident) memberOf(buf []int) []int {
	if r.kind.planted {
		return append(buf, r.kind.member...)
	}
	groups := &r.day.account.populations[KindGroup]
	for i := range r.kind.groups {
		d := r.gen.of(forGroup, i)
		e := d.of(forEpoch, d.epoch(r.day.number, 90, 600).n)
		slot := e.of(forGroup).below(groups.slots())
		if i == 0 {
			slot = groups.common - 1 // Everyone, where there is more than one group
		} else if !e.chance(60) {
			continue
		}
		if slot == administrators && r.boundaryPolicy() != noPolicy {
			continue // who is limited is no administrator
		}
		if slot < 0 || slices.Contains(buf, slot) || slot >= groups.common && slot < groups.permanent {
			continue
		}
		if _, alive := r.day.resident(Ref{KindGroup, slot}); alive {
			buf = append(buf, slot)
		}
	}
	return buf
}

// grants returns what the policies of r allow, those of a user's groups
// included. For a policy it is what its default version allows.
func (r resident) grants() grants {
	if r.kind == nil {
		e := r.edits()
		return r.content(e, e.standing).grants
	}
	g := r.ownGrants()
	if r.ref.Kind == KindUser {
		for _, slot := range r.memberOf(nil) {
			if group, alive := r.day.resident(Ref{KindGroup, slot}); alive {
				g = g.union(group.ownGrants())
			}
		}
	}
	return g
}

func (r resident) ownGrants() grants {
	var g grants
	for _, p := range r.attached(nil) {
		g = g.union(r.day.policyGrants(p))
	}
	for _, p := range r.inline(nil) {
		g = g.union(p.template.revision(p.revision).grants)
	}
	return g
}
