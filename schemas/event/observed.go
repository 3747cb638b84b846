package event

import "time"

// Account is an AWS account as a run saw it.
type Account struct {
	Common
	Name      string `json:"name,omitempty"`
	Partition string `json:"partition"`
	// Aliases are the account aliases; IAM allows at most one today.
	Aliases  []string  `json:"aliases,omitempty"`
	JoinedAt time.Time `json:"joined_at,omitzero"`
	// Summary is IAM's GetAccountSummary: entity counts and quotas by name.
	Summary map[string]int64 `json:"summary,omitempty"`
	// Organization is the account's; nil when the source does not say.
	Organization *Organization `json:"organization,omitempty"`
	Controls
}

// Validate returns every fault of the event, joined.
func (a Account) Validate() error { return check("account event", a) }

func (a Account) validate(f *faults) {
	a.Common.validate(f)
	f.require("partition", a.Partition)
	a.Organization.validate(f)
	a.Controls.validate(f)
}

// The granularities of a last-accessed report, as IAM names them.
const (
	GranularityService = "SERVICE_LEVEL"
	GranularityAction  = "ACTION_LEVEL"
)

// Access is IAM's last-accessed report for one entity; its ID is the entity's.
type Access struct {
	Common
	// Entity is the kind of the entity: user, role, group or policy.
	Entity Kind   `json:"entity"`
	ARN    string `json:"arn"`
	// State is StateOK, or says with Reason why there is no (whole) report.
	State  State  `json:"state"`
	Reason string `json:"reason,omitempty"`
	// Granularity is what was asked for; empty when nothing was.
	Granularity string          `json:"granularity,omitempty"`
	Services    []ServiceAccess `json:"services,omitempty"`
}

// ServiceAccess is one service that the entity's policies allow. A zero LastAt
// says that no attempt was seen in IAM's tracking period.
type ServiceAccess struct {
	// Service is the service prefix ("s3").
	Service string    `json:"service"`
	LastAt  time.Time `json:"last_at,omitzero"`
	// LastARN is who attempted it, for a group or a policy.
	LastARN    string         `json:"last_arn,omitempty"`
	LastRegion string         `json:"last_region,omitempty"`
	Entities   int            `json:"entities,omitempty"`
	Actions    []ActionAccess `json:"actions,omitempty"`
}

// ActionAccess is one action of a service, at ACTION_LEVEL. IAM tracks
// management events of some services only: an action that is not here is not
// thereby unused.
type ActionAccess struct {
	// Action is the name without prefix ("GetObject").
	Action     string    `json:"action"`
	LastAt     time.Time `json:"last_at,omitzero"`
	LastARN    string    `json:"last_arn,omitempty"`
	LastRegion string    `json:"last_region,omitempty"`
}

// Validate returns every fault of the event, joined.
func (a Access) Validate() error { return check("access event", a) }

func (a Access) validate(f *faults) {
	a.Common.validate(f)
	f.require("arn", a.ARN)
	switch a.Entity {
	case KindUser, KindRole, KindGroup, KindPolicy:
	default:
		f.add("entity", "is %q, not user, role, group or policy", a.Entity)
	}
	if !a.State.Valid() {
		f.add("state", "is %q", a.State)
	}
	switch a.Granularity {
	case "", GranularityService, GranularityAction:
	default:
		f.add("granularity", "is %q, not %s or %s", a.Granularity, GranularityService, GranularityAction)
	}
	for _, s := range a.Services {
		f.require("services.service", s.Service)
		f.count("services.entities", int64(s.Entities))
		for _, action := range s.Actions {
			f.require("services.actions.action", action.Action)
		}
	}
}

// Credential is one row of the credential report; its ID is the user's unique
// id, or "root" for the account's root user. Zero times mean that IAM says
// N/A, no_information or not_supported.
type Credential struct {
	Common
	User      string    `json:"user"`
	ARN       string    `json:"arn"`
	CreatedAt time.Time `json:"created_at,omitzero"`
	// PasswordEnabled is false for root, for which IAM says not_supported.
	PasswordEnabled      bool          `json:"password_enabled"`
	PasswordLastUsedAt   time.Time     `json:"password_last_used_at,omitzero"`
	PasswordChangedAt    time.Time     `json:"password_changed_at,omitzero"`
	PasswordNextRotation time.Time     `json:"password_next_rotation,omitzero"`
	MFAActive            bool          `json:"mfa_active"`
	AccessKeys           []AccessKey   `json:"access_keys,omitempty"`
	Certificates         []Certificate `json:"certificates,omitempty"`
}

// RootID is the Credential.ID of an account's root user.
const RootID = "root"

// AccessKey is one of a user's two possible access keys. The report does not
// say its key id, and leastwise does not ask for it.
type AccessKey struct {
	// Slot is 1 or 2, as in the report's column names.
	Slot            int       `json:"slot"`
	Active          bool      `json:"active"`
	RotatedAt       time.Time `json:"rotated_at,omitzero"`
	LastUsedAt      time.Time `json:"last_used_at,omitzero"`
	LastUsedRegion  string    `json:"last_used_region,omitempty"`
	LastUsedService string    `json:"last_used_service,omitempty"`
}

// Certificate is one of a user's two possible signing certificates.
type Certificate struct {
	// Slot is 1 or 2, as in the report's column names.
	Slot      int       `json:"slot"`
	Active    bool      `json:"active"`
	RotatedAt time.Time `json:"rotated_at,omitzero"`
}

// Validate returns every fault of the event, joined.
func (c Credential) Validate() error { return check("credential event", c) }

func (c Credential) validate(f *faults) {
	c.Common.validate(f)
	f.require("user", c.User)
	f.require("arn", c.ARN)
	for _, k := range c.AccessKeys {
		validateSlot(f, "access_keys.slot", k.Slot)
	}
	for _, k := range c.Certificates {
		validateSlot(f, "certificates.slot", k.Slot)
	}
}

func validateSlot(f *faults, field string, slot int) {
	if slot < 1 || slot > 2 {
		f.add(field, "is %d, not 1 or 2", slot)
	}
}
