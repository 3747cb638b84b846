package world

import "math"

// population is how many slots an account has for a kind of entity.
type population struct {
	fixed     []*archetype // of the first slots, which are never vacant
	permanent int          // how many first slots are never vacant
	base      int          // slots open on day 0
	opening   int          // slots that open after day 0, one after another
	closing   int          // slots out of base that close after day 0, one after another
}

// slots returns the number of all slots, open or not.
func (p *population) slots() int { return p.base + p.opening }

const (
	// vacancy is the percentage of slots that are vacant on an average day, which
	// the number of slots makes up for.
	vacancy = 9
	// horizon is how many days an account's growth or shrinkage takes.
	horizon = 90
	never   = math.MaxInt32
)

// populate sets the population of a kind around the configured mean.
func (a *Account) populate(k Kind, mean int, fixed []*archetype) {
	if k == KindUser {
		mean = max(mean, len(fixed)) // the collector's user must be there
	}
	if a.world.cfg.Accounts > 1 {
		mean = max(mean*a.draw.of(forScale).between(60, 150)/100, min(mean, 1))
	}
	p := population{permanent: min(mean, len(fixed))}
	p.fixed = fixed[:p.permanent]
	moving := (mean - p.permanent) * (100 + vacancy) / 100
	p.base = p.permanent + moving
	switch trend := a.draw.of(forTrend).between(-15, 90); {
	case trend > 0:
		p.opening = (moving*trend + 99) / 100
	default:
		p.closing = moving * -trend / 100
	}
	a.populations[k] = p
}

// window returns the first day on which the slot is open, and the first on
// which it is not any more.
func (p *population) window(slot int) (opens, closes int) {
	opens, closes = math.MinInt32, never
	switch first := p.base - p.closing; {
	case slot >= p.base:
		opens = 1 + (slot-p.base)*horizon/p.opening
	case slot >= first:
		closes = 1 + (p.base-1-slot)*horizon/p.closing
	}
	return opens, closes
}

// life is one generation in a slot: it is there on the days in [born, dies).
type life struct{ gen, born, dies int }

// fixedLife is the only generation of a slot that is never vacant.
func fixedLife(slot draw) life {
	return life{born: -slot.of(forAge).between(200, 1500), dies: never}
}

// lifeOn returns the generation that lives in the slot on the day.
func (a *Account) lifeOn(p *population, slot int, d draw, lo, hi, day int) (life, bool) {
	opens, closes := p.window(slot)
	if day < opens || day >= closes {
		return life{}, false
	}
	e := d.epoch(day, lo, hi)
	if e.n < 0 {
		return life{}, false
	}
	gap := d.of(forGap, e.n).below((e.until - e.since) / 10)
	l := life{gen: e.n, born: max(e.since+gap, opens), dies: e.until}
	if d.of(forSnap, e.n).chance(50) {
		l.dies = a.world.lastCampaign(l.born+1, l.dies)
	}
	l.dies = min(l.dies, closes)
	return l, l.born <= day && day < l.dies
}

// lastCampaign returns the last day before the given one on which the whole
// organization tidied up, or that day itself when none came after from.
func (w *World) lastCampaign(from, day int) int {
	campaign := w.root.of(forCampaign).epoch(day, 18, 30).since
	if campaign < from {
		return day
	}
	return campaign
}
