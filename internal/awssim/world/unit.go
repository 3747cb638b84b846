package world

import "iter"

// Unit is the organization's root or one of its organizational units.
type Unit struct {
	ID, ARN, Name string
	Parent        string // id of the unit above; empty for the root
}

// The organizational units by their place in World.units.
const (
	unitRoot = iota
	unitWorkloads
	unitProduction
	unitNonProduction
	unitSandbox
	unitSuspended
	unitStaging // for trying policies out: it holds no accounts
	unitCount
)

// newUnits names the root and the organizational units.
func (w *World) newUnits() []Unit {
	root := w.root.of(forUnit, unitRoot).token("r-", lowerAlnum, 4)
	units := make([]Unit, unitCount)
	for i, spec := range [unitCount]struct {
		name string
		in   int
	}{
		unitRoot:          {"Root", -1},
		unitWorkloads:     {"Workloads", unitRoot},
		unitProduction:    {"Production", unitWorkloads},
		unitNonProduction: {"Non-production", unitWorkloads},
		unitSandbox:       {"Sandbox", unitRoot},
		unitSuspended:     {"Suspended", unitRoot},
		unitStaging:       {"Policy staging", unitRoot},
	} {
		u := Unit{ID: root, Name: spec.name}
		kind := "root/"
		if spec.in >= 0 {
			kind = "ou/"
			u.ID = w.root.of(forUnit, i).token("ou-"+root[len("r-"):]+"-", lowerAlnum, 8)
			u.Parent = units[spec.in].ID
		}
		u.ARN = w.organizationARN(kind + w.OrganizationID() + "/" + u.ID)
		units[i] = u
	}
	return units
}

// organizationARN returns the ARN of what belongs to the organization.
func (w *World) organizationARN(resource string) string {
	return w.ARN("organizations", w.accountID(0), resource)
}

// Root returns the organization's root.
func (w *World) Root() Unit { return w.units[unitRoot] }

// Units yields the root and then every organizational unit.
func (w *World) Units() iter.Seq[Unit] {
	return func(yield func(Unit) bool) {
		for _, u := range w.units {
			if !yield(u) {
				return
			}
		}
	}
}

// Parent returns the unit that an organizational unit or an account is in on
// the day. It is false for the root, and for what is not in the organization.
func (w *World) Parent(child string, day int) (Unit, bool) {
	if a, ok := w.byID[child]; ok {
		return w.units[a.unit(day)], true
	}
	for _, u := range w.units {
		if u.ID == child && u.Parent != "" {
			return w.unitByID(u.Parent), true
		}
	}
	return Unit{}, false
}

func (w *World) unitByID(id string) Unit {
	for _, u := range w.units {
		if u.ID == id {
			return u
		}
	}
	return Unit{}
}

// unit is where the account is on the day. Staging accounts are moved to
// production and back now and then.
func (a *Account) unit(day int) int {
	switch {
	case a.Management():
		return unitRoot
	case a.Suspended():
		return unitSuspended
	}
	switch a.env() {
	case "prod":
		return unitProduction
	case "sandbox":
		return unitSandbox
	case "staging":
		if d := a.draw.of(forUnit); d.epoch(day, 20, 40).n%3 == 0 {
			return unitProduction
		}
	}
	return unitNonProduction
}

// env is what the account is for: prod, staging, dev or sandbox.
func (a *Account) env() string {
	v := &a.world.tables.vocabulary
	return v.envs[a.index*scatter%(len(v.apps)*len(v.envs))%len(v.envs)]
}
