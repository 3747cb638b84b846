package event

import "time"

// Common is part of every raw and enriched event.
type Common struct {
	// Run is the id of the collection pass that saw this.
	Run string `json:"run"`
	// Account is the 12-digit account id.
	Account string `json:"account"`
	// ID is the entity's unique id; for an account its account id, for a run
	// the run id.
	ID string `json:"id"`
	// ObservedAt is the time that the run was scheduled for.
	ObservedAt time.Time `json:"observed_at"`
}

func (c Common) validate(f *faults) {
	f.token("run", c.Run)
	f.account("account", c.Account)
	f.token("id", c.ID)
	f.time("observed_at", c.ObservedAt)
}

// EventID is the CloudEvents id (and the Nats-Msg-Id) of an event of a kind.
func (c Common) EventID(k Kind) string { return c.Run + "." + string(k) + "." + c.ID }

// Identity is what every IAM entity has.
type Identity struct {
	Name string `json:"name"`
	// Path is IAM's path, "/" when none was given.
	Path string `json:"path"`
	ARN  string `json:"arn"`
	// CreatedAt is zero when the source does not say.
	CreatedAt time.Time         `json:"created_at,omitzero"`
	Tags      map[string]string `json:"tags,omitempty"`
}

func (i Identity) validate(f *faults) {
	f.require("name", i.Name)
	f.require("arn", i.ARN)
}

// The sources of a policy of an entity.
const (
	SourceManaged = "managed"
	SourceInline  = "inline"
)

// PolicyRef says that an entity carries a policy.
type PolicyRef struct {
	// Source is "managed" or "inline".
	Source string `json:"source"`
	Name   string `json:"name"`
	// ARN is empty for an inline policy.
	ARN string `json:"arn,omitempty"`
	// Document is the hash of the (default version's) document; empty when
	// the policy is attached but its document is not to be had.
	Document string `json:"document,omitempty"`
}

func (p PolicyRef) validate(f *faults, field string) {
	f.require(field+".name", p.Name)
	if p.Source != SourceManaged && p.Source != SourceInline {
		f.add(field+".source", "is %q, not managed or inline", p.Source)
	}
	f.optionalHash(field+".document", p.Document)
}

func validateRefs(f *faults, field string, refs []PolicyRef) {
	for _, p := range refs {
		p.validate(f, field)
	}
}

// User is an IAM user.
type User struct {
	Common
	Identity
	Groups   []Membership `json:"groups,omitempty"`
	Policies []PolicyRef  `json:"policies,omitempty"`
	Boundary *PolicyRef   `json:"boundary,omitempty"`
	// Controls are the service control policies of each level, as in
	// [Controls]; nil where none apply or none are known.
	Controls [][]PolicyRef `json:"controls,omitempty"`
}

// Membership is a group that a user is in, with what the group carries.
type Membership struct {
	Name     string      `json:"name"`
	Policies []PolicyRef `json:"policies,omitempty"`
}

// Validate returns every fault of the event, joined.
func (u User) Validate() error { return check("user event", u) }

func (u User) validate(f *faults) {
	u.Common.validate(f)
	u.Identity.validate(f)
	validateRefs(f, "policies", u.Policies)
	for _, g := range u.Groups {
		f.require("groups.name", g.Name)
		validateRefs(f, "groups.policies", g.Policies)
	}
	if u.Boundary != nil {
		u.Boundary.validate(f, "boundary")
	}
	validateControls(f, u.Controls)
}

// Role is an IAM role.
type Role struct {
	Common
	Identity
	// Trust is the hash of the trust policy (AssumeRolePolicyDocument); empty
	// when the source does not include it.
	Trust    string      `json:"trust,omitempty"`
	Policies []PolicyRef `json:"policies,omitempty"`
	Boundary *PolicyRef  `json:"boundary,omitempty"`
	// Controls are the service control policies of each level, as in
	// [Controls]; nil where none apply or none are known. None apply to
	// service-linked roles.
	Controls [][]PolicyRef `json:"controls,omitempty"`
	// LastUsedAt is when the role was last used in the trailing 400 days that
	// IAM looks at; zero when it was not.
	LastUsedAt       time.Time `json:"last_used_at,omitzero"`
	LastUsedRegion   string    `json:"last_used_region,omitempty"`
	InstanceProfiles []string  `json:"instance_profiles,omitempty"`
}

// Validate returns every fault of the event, joined.
func (r Role) Validate() error { return check("role event", r) }

func (r Role) validate(f *faults) {
	r.Common.validate(f)
	r.Identity.validate(f)
	validateRefs(f, "policies", r.Policies)
	f.optionalHash("trust", r.Trust)
	if r.Boundary != nil {
		r.Boundary.validate(f, "boundary")
	}
	validateControls(f, r.Controls)
}

// Group is an IAM group.
type Group struct {
	Common
	Identity
	Policies []PolicyRef `json:"policies,omitempty"`
}

// Validate returns every fault of the event, joined.
func (g Group) Validate() error { return check("group event", g) }

func (g Group) validate(f *faults) {
	g.Common.validate(f)
	g.Identity.validate(f)
	validateRefs(f, "policies", g.Policies)
}

// The owners of a managed policy.
const (
	OwnerCustomer = "customer"
	OwnerAWS      = "aws"
)

// Policy is a managed policy: the account's own, or one of AWS's that the
// account uses.
type Policy struct {
	Common
	Identity
	// Owner is "customer" or "aws".
	Owner     string    `json:"owner"`
	UpdatedAt time.Time `json:"updated_at,omitzero"`
	// DefaultVersion is the id ("v3") of the version in force.
	DefaultVersion string `json:"default_version"`
	// Document is the hash of the default version's document.
	Document string `json:"document,omitempty"`
	// Versions are all versions that IAM still keeps (at most 5).
	Versions        []PolicyVersion `json:"versions,omitempty"`
	AttachmentCount int             `json:"attachment_count"`
	BoundaryCount   int             `json:"boundary_count"`
	Attachable      bool            `json:"attachable"`
}

// PolicyVersion is one version of a managed policy.
type PolicyVersion struct {
	ID        string    `json:"id"`
	Default   bool      `json:"default"`
	CreatedAt time.Time `json:"created_at,omitzero"`
	Document  string    `json:"document"`
}

// Validate returns every fault of the event, joined.
func (p Policy) Validate() error { return check("policy event", p) }

func (p Policy) validate(f *faults) {
	p.Common.validate(f)
	p.Identity.validate(f)
	if p.Owner != OwnerCustomer && p.Owner != OwnerAWS {
		f.add("owner", "is %q, not customer or aws", p.Owner)
	}
	f.optionalHash("document", p.Document)
	for _, v := range p.Versions {
		f.require("versions.id", v.ID)
		f.hash("versions.document", v.Document)
	}
	f.count("attachment_count", int64(p.AttachmentCount))
	f.count("boundary_count", int64(p.BoundaryCount))
}
