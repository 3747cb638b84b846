package risk

import (
	"time"

	"github.com/leastwise/leastwise/catalog/policy"
)

// AccountInfo is the account that is judged.
type AccountInfo struct {
	ID        string // 12 digits
	Partition string // "aws", "aws-cn", …
	Name      string
	// Summary is IAM's GetAccountSummary, nil where it is not known.
	Summary map[string]int64
	// Surfaces are those of other accounts, by account, so that paths into them
	// are found: see Judgement.Surface. It may hold more than the account's
	// principals can reach.
	Surfaces map[string]Surface
}

// Group is an IAM group. Its policies are judged on their own too, and count as
// its members' through what the members carry.
type Group struct {
	Entity      Entity
	CreatedAt   time.Time
	Attachments []policy.Attachment
}

// ManagedPolicy is a managed policy, the account's own or one of AWS's that it uses.
type ManagedPolicy struct {
	Entity Entity
	// AWS says that it is AWS's: such a policy is shown and not judged.
	AWS                  bool
	CreatedAt, UpdatedAt time.Time
	// Attachments is how many users, groups and roles have it, Boundaries how
	// many users and roles it limits.
	Attachments, Boundaries int
	// Analysis and Document are the default version's; nil and empty where the
	// document is not to be had.
	Analysis *policy.Analysis
	Document string
	// Versions are the other versions that IAM keeps, at most four.
	Versions []PolicyVersion
}

// PolicyVersion is a version of a managed policy that is not in force.
type PolicyVersion struct {
	ID       string // "v3"
	Analysis *policy.Analysis
	Document string
}

// Access is IAM's last-accessed report for one entity.
type Access struct {
	ID string // the entity's
	// OK says that there is a whole report. Without it nothing is called unused.
	OK bool
	// Actions says that the report goes down to actions.
	Actions  bool
	Services []ServiceAccess
}

// ServiceAccess is one service that the entity's policies allow. A zero LastAt
// says that no attempt was seen in IAM's tracking period.
type ServiceAccess struct {
	Service string // the prefix
	LastAt  time.Time
	Actions []ActionAccess
}

// ActionAccess is one action that IAM tracks, by its name without the prefix.
type ActionAccess struct {
	Action string
	LastAt time.Time
}

// Credential is one row of the credential report. Zero times mean that IAM says
// N/A, no_information or not_supported.
type Credential struct {
	// ID is the user's unique id, or RootID.
	ID, Name, ARN      string
	CreatedAt          time.Time
	PasswordEnabled    bool
	PasswordLastUsedAt time.Time
	PasswordChangedAt  time.Time
	MFA                bool
	Keys               []AccessKey
}

// RootID is the Credential.ID of an account's root user.
const RootID = "root"

// AccessKey is one of a user's two possible access keys. It exists where it is
// active or was rotated once.
type AccessKey struct {
	Slot                  int // 1 or 2
	Active                bool
	RotatedAt, LastUsedAt time.Time
}

// Surface is where an account can be entered from others, as the judging of
// those others needs it: the roles that trust principals of other accounts and
// lead to administrator. It is small, and the same for the same account.
type Surface struct {
	Account string  `json:"account"`
	Entries []Entry `json:"entries,omitempty"`
}

// Entry is a role through which an account can be entered.
type Entry struct {
	Role string `json:"role"` // the ARN
	// Principals are those of other accounts that the role trusts: ARNs, account
	// ids and "*", sorted.
	Principals []string `json:"principals"`
	// Conditional says that taking the role needs conditions to be met.
	Conditional bool `json:"conditional,omitempty"`
	// Steps lead from the role to an administrator, possibly of yet another
	// account; there are none where the role is one.
	Steps []EntryStep `json:"steps,omitempty"`
}

// EntryStep is a Step without what only its own account needs to know.
type EntryStep struct {
	From   string `json:"from"`
	To     string `json:"to"`
	Method string `json:"method"`

	Conditional bool `json:"conditional,omitempty"`
}
