package risk

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Entity is a user, role, group or policy of an account, or the account itself.
type Entity struct {
	Account string `json:"account,omitempty"` // 12 digits
	Kind    string `json:"kind,omitempty"`    // "user", "role", "group", "policy", "account" or "document"
	ID      string `json:"id,omitempty"`      // IAM's unique id
	Name    string `json:"name,omitempty"`
	Path    string `json:"path,omitempty"`
	ARN     string `json:"arn,omitempty"`
}

// Finding is a rule that holds for an entity.
type Finding struct {
	Rule     string   `json:"rule"`
	Category Category `json:"category"`
	Severity Severity `json:"severity"`
	Title    string   `json:"title,omitempty"`
	Entity   Entity   `json:"entity"`
	// Actions are those that make the rule hold, by full name, in the order of the
	// catalog, at most Options.MaxActions; ActionCount is how many there are. Of
	// service wildcards they are the services, "s3:*".
	Actions     []string `json:"actions,omitempty"`
	ActionCount int      `json:"action_count,omitempty"`
	// Scope is the width of the resources: where a rule needs all of its actions
	// that of the narrowest, else that of the widest.
	Scope string `json:"scope,omitempty"`
	// Conditional says that the rule holds only under conditions of statements.
	Conditional bool `json:"conditional,omitempty"`
	// PartlyDenied says that what the rule needs is denied on some resources or
	// under conditions.
	PartlyDenied bool       `json:"partly_denied,omitempty"`
	Evidence     []Evidence `json:"evidence,omitempty"`
	Target       *Target    `json:"target,omitempty"`
	// Includes are the ids of the rules that hold too and say no more than this
	// one: those whose actions contain the actions of this one.
	Includes []string `json:"includes,omitempty"`
	// KnownTo are the names of this rule and of Includes in public tools.
	KnownTo []string `json:"known_to,omitempty"`
	Reason  string   `json:"reason"`
	Remedy  string   `json:"remedy"`
	// Discriminator tells apart findings of one rule on one entity: the trusted
	// principal for example. It is stable.
	Discriminator string `json:"discriminator,omitempty"`

	// Lowered are the When constants for which Severity is lower than the rule's.
	Lowered []string `json:"lowered,omitempty"`
}

// keyLength is the number of hex digits of a key: 64 bits, which tell findings
// of one organization apart beyond doubt.
const keyLength = 16

// Key returns the id of the finding, 16 hex digits, made of the rule, the
// entity and the discriminator: the same on every day on which it is found.
func (f *Finding) Key() string {
	sum := sha256.Sum256([]byte(strings.Join([]string{f.Rule, f.Entity.Account, f.Entity.Kind, f.Entity.ID, f.Entity.ARN, f.Discriminator}, "\x00")))
	return hex.EncodeToString(sum[:])[:keyLength]
}

// Evidence is one statement that a finding rests on, or that lessens it.
type Evidence struct {
	// Document is the SHA-256 of the policy document in hex.
	Document string `json:"document,omitempty"`
	// Policy is the ARN of a managed policy or the name of an inline one.
	Policy string `json:"policy,omitempty"`
	// Source is "managed", "inline", "boundary", "control" or "trust".
	Source string `json:"source,omitempty"`
	// Group is the group that a user has the policy from.
	Group string `json:"group,omitempty"`
	// Statement is the index of the statement in the document, from 0.
	Statement    int         `json:"statement"`
	SID          string      `json:"sid,omitempty"`
	Effect       string      `json:"effect,omitempty"`
	Actions      []string    `json:"actions,omitempty"` // of the finding's
	Scope        string      `json:"scope,omitempty"`
	Resources    []string    `json:"resources,omitempty"`
	NotResources []string    `json:"not_resources,omitempty"`
	Conditions   []Condition `json:"conditions,omitempty"`
	// Grade says how much the conditions narrow.
	Grade string `json:"grade,omitempty"`
	// Note is what is not a statement: one clause.
	Note string `json:"note,omitempty"`
}

// Condition is an operator over a key, as written.
type Condition struct {
	Operator string   `json:"operator"`
	Key      string   `json:"key"`
	Values   []string `json:"values,omitempty"`
}

// Target is what a target-dependent finding needs to be there.
type Target struct {
	// Needs is what must be there already: one of the Need constants.
	Needs string `json:"needs"`
	// Resolved says that the account's own entities decided it; Candidates and
	// Count mean nothing otherwise.
	Resolved bool `json:"resolved"`
	// Candidates are the ARNs within reach, the first few; Count says how many
	// there are.
	Candidates []string `json:"candidates,omitempty"`
	Count      int      `json:"count"`
}
