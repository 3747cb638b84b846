package world

import (
	"slices"
	"strings"
)

// Plant is something that was planted in an account and is there on a day: a way
// on which somebody becomes administrator, or what only looks like one. Beside
// them nobody in the world can become administrator who is none.
type Plant struct {
	// Name says what it is an example of, "passes-role-to-instance" for example.
	Name string
	// Account is the id of the account that it is found in.
	Account string
	// From begins: a principal of the account by its ARN or, with Outside, whoever
	// the first role's trust policy names.
	From    string
	Outside bool
	// Steps lead from there to an administrator. In the last one From and To are
	// the same where a principal makes an administrator of itself.
	Steps []PlantStep
	// Conditional says that some step needs conditions to be met.
	Conditional bool
	// Blocked says by what the steps are not possible; empty for a way that is one.
	Blocked string
}

// PlantStep is how one principal, by its ARN, becomes another: with all of the
// actions.
type PlantStep struct {
	From, To string
	Actions  []string
}

// Plants returns what is planted in all accounts and there on the day.
func (w *World) Plants(day int) []Plant {
	var all []Plant
	for _, a := range w.accounts {
		all = append(all, Day{account: a, number: day}.Plants()...)
	}
	return all
}

// Plants returns what is planted in the account and there on the day.
func (d Day) Plants() []Plant {
	var all []Plant
	if d.account.Suspended() {
		return nil
	}
	for _, p := range plans() {
		if !slices.Contains(p.in, d.account.sort()) {
			continue
		}
		if plant, there := d.plant(p); there {
			all = append(all, plant)
		}
	}
	return all
}

// plant names the entities of a plan. It is false when one of them is not there,
// or cannot take its step on the day.
func (d Day) plant(p plan) (Plant, bool) {
	plant := Plant{Name: p.name, Account: d.account.id, Outside: p.from != "", Conditional: p.conditional, Blocked: p.blocked}
	for _, s := range p.steps {
		from, to, there := d.step(p, s)
		if !there {
			return Plant{}, false
		}
		plant.Steps = append(plant.Steps, PlantStep{From: from, To: to, Actions: strings.Fields(s.actions)})
	}
	plant.From = plant.Steps[0].From
	return plant, true
}

func (d Day) step(p plan, s planStep) (from, to string, there bool) {
	if s.from != "" {
		r, alive := d.planting(s.from)
		if !alive || r.turn() != 0 {
			return "", "", false
		}
		from = d.arnOf(r.ref)
	}
	at, name, there := d.beside(s.to)
	if !there {
		return "", "", false
	}
	if name == "" {
		return from, from, true
	}
	target, alive := at.planting(name)
	if !alive {
		return "", "", false
	}
	if s.from == "" {
		// Only known texts are parsed, all of which a test goes through.
		outsider, err := parseText(p.from)
		if err != nil {
			return "", "", false
		}
		from = target.scribe().string(outsider)
	}
	return from, at.arnOf(target.ref), true
}

// beside returns the account that the target of a step is in, and what it is
// called there. It is false when there is no such account.
func (d Day) beside(to string) (Day, string, bool) {
	i, name := d.account.index, to
	if rest, before := strings.CutPrefix(to, "neighbour:"); before {
		i, name = i-1, rest
	}
	if rest, after := strings.CutPrefix(to, "follower:"); after {
		i, name = i+1, rest
	}
	w := d.account.world
	if i < 0 || i >= w.cfg.Accounts {
		return Day{}, "", false
	}
	return Day{account: w.accounts[i], number: d.number}, name, true
}

// planting returns the fixed or planted entity that a plan calls <kind>/<name>.
func (d Day) planting(called string) (resident, bool) {
	kindName, name, _ := strings.Cut(called, "/")
	kind := map[string]Kind{"user": KindUser, "group": KindGroup, "role": KindRole}[kindName]
	for slot, a := range d.account.populations[kind].fixed {
		if a.spec.name == name {
			return d.resident(Ref{kind, slot})
		}
	}
	return resident{}, false
}
