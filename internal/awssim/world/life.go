package world

import (
	"math"
	"slices"
)

// population is how many slots an account has for a kind of entity.
type population struct {
	fixed     []*archetype // of the first slots, which are never vacant
	common    int          // how many first slots hold what all accounts have
	permanent int          // how many first slots do not come and go: those, and what is planted
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

// populate sets the population of a kind around the configured mean, with what is
// planted beside it.
func (a *Account) populate(k Kind, mean int, fixed, planted []*archetype) {
	if k == KindUser {
		mean = max(mean, len(fixed)) // the collector's user must be there
	}
	mean = a.scaled(mean)
	p := population{common: min(mean, len(fixed))}
	moving := (mean - p.common) * (100 + vacancy) / 100
	p.fixed = slices.Concat(fixed[:p.common], planted)
	p.permanent = len(p.fixed)
	p.base = p.permanent + moving
	switch trend := a.draw.of(forTrend).between(-15, 90); {
	case trend > 0:
		p.opening = (moving*trend + 99) / 100
	default:
		p.closing = moving * -trend / 100
	}
	a.populations[k] = p
}

// scaled is what a mean of all accounts is in this one.
func (a *Account) scaled(mean int) int {
	if a.world.cfg.Accounts == 1 {
		return mean
	}
	return max(mean*a.draw.of(forScale).between(60, 150)/100, min(mean, 1))
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

// spell is the generation of something planted that comes and goes: it is there
// for the first two thirds of each stretch.
func spell(d draw, lo, hi, day int) (life, bool) {
	e := d.epoch(day, lo, hi)
	l := life{gen: e.n, born: e.since, dies: e.since + (e.until-e.since)*2/3}
	return l, e.n >= 0 && day < l.dies
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
