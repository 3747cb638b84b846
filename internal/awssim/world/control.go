package world

import (
	"encoding/json"
	"fmt"
	"iter"
)

// Control is a service control policy as it is on a day.
type Control struct {
	ID, ARN           string
	Name, Description string
	AWSManaged        bool
	Document          json.RawMessage
}

// controlSpec says what a service control policy is made from and where it is
// attached.
type controlSpec struct {
	template string
	aws      bool
	units    []int
	accounts func(a *Account) bool // nil for none
	// lo and hi are the days for which it is attached and not attached by turns;
	// zero for always.
	lo, hi int
}

// controlSpecs are the service control policies in the order in which they are
// listed. AWS demands one on every target, which all get from FullAWSAccess but
// for the sandbox, where a list of what is allowed stands in its place.
func controlSpecs() []controlSpec {
	return []controlSpec{
		{
			template: "FullAWSAccess", aws: true, accounts: func(*Account) bool { return true },
			units: []int{unitRoot, unitWorkloads, unitProduction, unitNonProduction, unitSuspended, unitStaging},
		},
		{template: "baseline-guardrails", units: []int{unitRoot}},
		{template: "approved-regions", units: []int{unitWorkloads, unitStaging}},
		{template: "protect-production", units: []int{unitProduction}},
		{template: "no-new-users", units: []int{unitNonProduction}, lo: 8, hi: 16},
		{template: "change-freeze", accounts: func(a *Account) bool { return a.env() == "prod" }, lo: 6, hi: 14},
		{template: "sandbox-services", units: []int{unitSandbox}},
		{template: "quarantine", units: []int{unitSuspended}},
		{template: "require-imds-v2"},
	}
}

// control is a service control policy before it is spelled out.
type control struct {
	controlSpec
	id, arn  string
	template *template
	draw     draw
}

// newControls looks up the templates of the service control policies.
func (w *World) newControls() ([]control, error) {
	set, err := readTemplates("controls", &w.common, w.tables.services)
	if err != nil {
		return nil, err
	}
	var all []control
	for i, spec := range controlSpecs() {
		c := control{controlSpec: spec, draw: w.root.of(forControl, i)}
		if c.template, err = set.get(spec.template); err != nil {
			return nil, fmt.Errorf("find service control policy: %w", err)
		}
		if spec.aws {
			c.id = "p-" + spec.template
			c.arn = w.ARN("organizations", "aws", "policy/service_control_policy/"+c.id)
		} else {
			c.id = c.draw.of(forID).token("p-", lowerAlnum, 8)
			c.arn = w.organizationARN("policy/" + w.OrganizationID() + "/service_control_policy/" + c.id)
		}
		all = append(all, c)
	}
	return all, nil
}

// on spells the policy out.
func (c *control) on(w *World, day int) Control {
	text := c.template.revision(c.draw.of(forEdit).epoch(day, 15, 45).n).text
	return Control{
		ID: c.id, ARN: c.arn, Name: c.template.name, Description: c.template.description, AWSManaged: c.aws,
		Document: text.render(nil, &w.common),
	}
}

// attached tells whether the policy is attached anywhere on the day.
func (c *control) attached(day int) bool {
	return c.lo == 0 || c.draw.of(forEpoch).epoch(day, c.lo, c.hi).n%2 == 0
}

// Controls yields all service control policies, attached or not.
func (w *World) Controls(day int) iter.Seq[Control] {
	return func(yield func(Control) bool) {
		for i := range w.controls {
			if !yield(w.controls[i].on(w, day)) {
				return
			}
		}
	}
}

// Targets yields the ids of the units and accounts that a service control policy
// is attached to on the day.
func (w *World) Targets(control string, day int) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range w.controls {
			c := &w.controls[i]
			if c.id != control || !c.attached(day) {
				continue
			}
			for _, u := range c.units {
				if !yield(w.units[u].ID) {
					return
				}
			}
			for _, a := range w.accounts {
				if c.accounts != nil && c.accounts(a) && !yield(a.id) {
					return
				}
			}
		}
	}
}

// Controls returns the service control policies that limit the account: one list
// per level, the root's first, its own last. None limit the management account.
func (d Day) Controls() [][]Control {
	a := d.account
	if a.Management() {
		return nil
	}
	w := a.world
	levels := [][]Control{w.controlsOf(func(c *control) bool { return c.accounts != nil && c.accounts(a) }, d.number)}
	for at, ok := w.Parent(a.id, d.number); ok; at, ok = w.Parent(at.ID, d.number) {
		level := w.controlsOf(func(c *control) bool {
			for _, u := range c.units {
				if w.units[u].ID == at.ID {
					return true
				}
			}
			return false
		}, d.number)
		levels = append([][]Control{level}, levels...)
	}
	return levels
}

// controlsOf returns the service control policies that are attached to one target.
func (w *World) controlsOf(concerns func(*control) bool, day int) []Control {
	var all []Control
	for i := range w.controls {
		if c := &w.controls[i]; concerns(c) && c.attached(day) {
			all = append(all, c.on(w, day))
		}
	}
	return all
}
