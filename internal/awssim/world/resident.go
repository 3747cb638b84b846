package world

// Day is an account as it is on one day.
type Day struct {
	account *Account
	number  int // days since the world's start
}

// resident is an entity that lives in a slot on a day, before it is spelled out.
type resident struct {
	day      Day
	ref      Ref
	life     life
	identity draw // shared by the generations of one name
	gen      draw // of this generation
	ordinal  int  // tells apart the names in an account and kind
	kind     *archetype
	template *template // of policies
}

// The days from one generation of a customer managed policy to the next.
const policyLo, policyHi = 150, 900

// resident returns who lives in the slot, if anybody.
func (d Day) resident(ref Ref) (resident, bool) {
	if ref.Kind == KindAWSPolicy {
		return d.awsResident(ref)
	}
	a := d.account
	p := &a.populations[ref.Kind]
	if ref.Slot < 0 || ref.Slot >= p.slots() {
		return resident{}, false
	}
	slot := a.draw.of(forSlot, int(ref.Kind), ref.Slot)
	r := resident{day: d, ref: ref, kind: a.archetype(ref, slot)}
	if ref.Slot < p.permanent {
		alive := true
		if r.life = fixedLife(slot); r.kind != nil && r.kind.planted && r.kind.lo > 0 {
			r.life, alive = spell(slot, r.kind.lo, r.kind.hi, d.number)
		}
		if !alive || d.number < r.life.born {
			return resident{}, false
		}
	} else {
		lo, hi := policyLo, policyHi
		if r.kind != nil {
			lo, hi = r.kind.lo, r.kind.hi
		}
		var alive bool
		if r.life, alive = a.lifeOn(p, ref.Slot, slot, lo, hi, d.number); !alive {
			return resident{}, false
		}
	}
	sharing := r.life.gen / 2
	r.identity = slot.of(forIdentity, sharing)
	r.gen = slot.of(forGeneration, r.life.gen)
	r.ordinal = sharing*p.slots() + ref.Slot
	if ref.Kind == KindPolicy {
		r.template = a.templateOf(r)
	}
	return r, true
}

// archetype returns what kind of user, group or role a slot holds; nil for policies.
func (a *Account) archetype(ref Ref, slot draw) *archetype {
	if fixed := a.populations[ref.Kind].fixed; ref.Slot < len(fixed) {
		return fixed[ref.Slot]
	}
	t := a.world.tables
	switch ref.Kind {
	case KindUser:
		return weighted(slot.of(forArchetype), t.users)
	case KindGroup:
		return weighted(slot.of(forArchetype), t.groups)
	case KindRole:
		return weighted(slot.of(forArchetype), t.roles)
	default:
		return nil
	}
}

// templateOf returns what a customer managed policy is made from.
func (a *Account) templateOf(r resident) *template {
	t := a.world.tables
	if p := r.planted(); p != nil {
		return p.template
	}
	if r.ref.Slot < a.populations[KindPolicy].common {
		return t.boundaries[r.ref.Slot]
	}
	return t.policyTemplate(r.identity.of(forTemplate))
}

// awsResident returns a policy that AWS manages; it is the same in all worlds
// but for its edits, which come on the same days in all accounts.
func (d Day) awsResident(ref Ref) (resident, bool) {
	all := d.account.world.tables.aws.list
	if ref.Slot < 0 || ref.Slot >= len(all) {
		return resident{}, false
	}
	slot := draw(0).of(forAWSPolicy, ref.Slot)
	return resident{
		day: d, ref: ref, identity: slot, gen: slot, ordinal: ref.Slot, template: all[ref.Slot],
		life: life{born: -slot.of(forAge).between(1500, 3500), dies: never},
	}, true
}
