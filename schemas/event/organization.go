package event

// Organization is where an account belongs.
type Organization struct {
	// ID is the organization's id, "o-" and letters and digits.
	ID string `json:"id"`
	// Management is the id of the management account, to which no service
	// control policy applies.
	Management string `json:"management"`
	// Accounts is the hash of a document in the bucket that lists the ids of all
	// the organization's accounts, closed and excluded ones too, as a sorted JSON
	// array. So a judge can tell the organization's own accounts from foreign ones.
	Accounts string `json:"accounts,omitempty"`
}

func (o *Organization) validate(f *faults) {
	if o == nil {
		return
	}
	f.require("organization.id", o.ID)
	f.account("organization.management", o.Management)
	f.optionalHash("organization.accounts", o.Accounts)
}

// Controls are the service control policies that limit an account: one list per
// level, the organization's root first, then every organizational unit on the
// way, the account itself last. An action has to be allowed on every level. No
// level means that none apply or that State says why they are not known.
type Controls struct {
	Levels [][]PolicyRef `json:"controls,omitempty"`
	// State is StateOK, or says with Reason why the levels are not known; empty
	// in events from before controls were collected.
	State  State  `json:"controls_state,omitempty"`
	Reason string `json:"controls_reason,omitempty"`
}

func (c Controls) validate(f *faults) {
	validateControls(f, c.Levels)
	if c.State != "" && !c.State.Valid() {
		f.add("controls_state", "is %q", c.State)
	}
}

func validateControls(f *faults, levels [][]PolicyRef) {
	for i, level := range levels {
		if len(level) == 0 {
			f.add("controls", "have no policy at level %d, and AWS demands one", i)
		}
		validateRefs(f, "controls", level)
	}
}
