// Package details turns an account's authorization details (what IAM's
// GetAccountAuthorizationDetails says, live or from a saved file) into events.
//
// An event carries the document hashes of all that its entity carries, and part
// of that is in managed policies and groups: a Writer is given those first and
// keeps of them what principals refer to. The types here are what both sources
// have in common; how they are read is the sources' affair.
package details

import "time"

// Identity is what every entity has.
type Identity struct {
	Name, Path, ID, ARN string
	CreatedAt           time.Time
	Tags                map[string]string
}

// Attached names a managed policy that an entity carries.
type Attached struct{ Name, ARN string }

// Inline is a policy embedded in an entity; Document is its JSON.
type Inline struct {
	Name     string
	Document []byte
}

// User is an IAM user.
type User struct {
	Identity
	Groups   []string // names
	Attached []Attached
	Inline   []Inline
	Boundary string // ARN; empty for none
}

// Group is an IAM group.
type Group struct {
	Identity
	Attached []Attached
	Inline   []Inline
}

// Role is an IAM role.
type Role struct {
	Identity
	Trust            []byte
	Attached         []Attached
	Inline           []Inline
	Boundary         string // ARN; empty for none
	LastUsedAt       time.Time
	LastUsedRegion   string
	InstanceProfiles []string // ARNs
}

// Policy is a managed policy.
type Policy struct {
	Identity
	UpdatedAt       time.Time
	DefaultVersion  string
	Versions        []Version
	AttachmentCount int
	BoundaryCount   int
	Attachable      bool
}

// Version is one version of a managed policy.
type Version struct {
	ID        string
	Default   bool
	CreatedAt time.Time
	Document  []byte
}

// inForce is the id of the version in force; empty when nothing says which.
func (p Policy) inForce() string {
	if p.DefaultVersion != "" {
		return p.DefaultVersion
	}
	for _, v := range p.Versions {
		if v.Default || len(p.Versions) == 1 {
			return v.ID
		}
	}
	return ""
}
