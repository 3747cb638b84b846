package world

import (
	"encoding/json"
	"time"
)

// Kind is a kind of entity.
type Kind uint8

// The kinds of entities, in the order in which IAM lists them.
const (
	KindUser Kind = iota
	KindGroup
	KindRole
	KindPolicy    // customer managed
	KindAWSPolicy // managed by AWS; its slots are the same in every account
)

// Ref names an entity's place within an account.
type Ref struct {
	Kind Kind
	Slot int
}

// Tag is a key and its value.
type Tag struct{ Key, Value string }

// InlinePolicy is a policy embedded in a user, group or role.
type InlinePolicy struct {
	Name     string
	Document json.RawMessage
}

// AttachedPolicy names a managed policy that is attached to an entity.
type AttachedPolicy struct{ Name, ARN string }

// User is an IAM user as it is on a day.
type User struct {
	Name, Path, ARN, ID string
	Created             time.Time
	Groups              []string // names
	Attached            []AttachedPolicy
	Inline              []InlinePolicy
	Boundary            string // ARN of the permissions boundary, or empty
	Tags                []Tag
}

// Group is an IAM group as it is on a day.
type Group struct {
	Name, Path, ARN, ID string
	Created             time.Time
	Attached            []AttachedPolicy
	Inline              []InlinePolicy
}

// Role is an IAM role as it is on a day.
type Role struct {
	Name, Path, ARN, ID string
	Created             time.Time
	Trust               json.RawMessage // the trust policy
	Attached            []AttachedPolicy
	Inline              []InlinePolicy
	Boundary            string // ARN of the permissions boundary, or empty
	Tags                []Tag
	Profile             *InstanceProfile // set for roles of EC2 instances
	LastUsed            time.Time        // zero when not used in the last 400 days
	LastUsedRegion      string
}

// InstanceProfile hands a role to EC2 instances.
type InstanceProfile struct {
	Name, Path, ARN, ID string
	Created             time.Time
}

// PolicyVersion is one of the up to five versions that a managed policy keeps.
type PolicyVersion struct {
	ID       string // v1, v2, …
	Document json.RawMessage
	Default  bool
	Created  time.Time
}

// Policy is a managed policy as it is on a day, newest version first.
type Policy struct {
	Name, Path, ARN, ID string
	Description         string
	Created, Updated    time.Time
	Versions            []PolicyVersion
	DefaultVersion      string
	Attachments         int // users, groups and roles of this account that have it attached
	BoundaryUses        int // users and roles of this account that have it as their boundary
	Tags                []Tag
}

// ServiceAccess is what the access advisor knows about one service that an
// entity's policies grant. Last is zero when the service was not used in the
// tracking period; Entity, Region and Entities are then empty too.
type ServiceAccess struct {
	Namespace, Name string
	Last            time.Time
	Entity          string // ARN of the principal that used it last
	Region          string
	Entities        int // principals that used it
	Actions         []ActionAccess
}

// ActionAccess is what the access advisor knows about one tracked action.
type ActionAccess struct {
	Name   string
	Last   time.Time // zero when not used in the tracking period
	Entity string
	Region string
}

// Credential is one line of an account's credential report.
type Credential struct {
	User, ARN string
	Created   time.Time
	Root      bool // the <root_account> line, which reports less about the password
	Password  Password
	MFA       bool
	Keys      [2]AccessKey
}

// Password is the console password of a user.
type Password struct {
	Enabled      bool
	LastUsed     time.Time // zero when never
	Changed      time.Time
	NextRotation time.Time // zero when the account's password policy demands none
}

// AccessKey is the state of one of a user's two access keys.
type AccessKey struct {
	Exists, Active  bool
	Rotated         time.Time
	LastUsed        time.Time // zero when never
	Region, Service string
}
