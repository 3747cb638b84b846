package event

import "time"

// Enrichment is what processors add to a user, a role, a group or a policy.
type Enrichment struct {
	// Version names the entity's content without its usage: 16 hex digits.
	// It covers the documents of everything that the entity carries, so an
	// edit of an attached policy is a new version of each carrier.
	Version string `json:"version"`
	// Catalog is the catalog's version, and CatalogDate its date: a newer
	// catalog's judgement replaces an older one's.
	Catalog     string    `json:"catalog"`
	CatalogDate time.Time `json:"catalog_date"`
	// AccessLevel is the highest level of any granted action, in the order
	// List, Read, Tagging, Write, Permissions management; empty when none.
	AccessLevel string  `json:"access_level,omitempty"`
	Grants      []Grant `json:"grants,omitempty"`
	// RiskTags are those of the grants and those of the trust policy.
	RiskTags []string `json:"risk_tags,omitempty"`
	// UnknownActions are action patterns that the catalog does not know.
	UnknownActions []string `json:"unknown_actions,omitempty"`
	// MissingDocuments are ARNs or names of policies that the entity carries
	// and whose documents the source did not include.
	MissingDocuments []string `json:"missing_documents,omitempty"`
}

// Grant is what an entity may do in one service: numbers of actions per access
// level, in the order List, Read, Tagging, Write, Permissions management.
type Grant struct {
	// Service is the service prefix ("s3").
	Service string `json:"service"`
	// Bound counts actions that are allowed on named resources only.
	Bound [5]uint16 `json:"bound"`
	// Unbound counts actions that are allowed on every resource.
	Unbound  [5]uint16 `json:"unbound"`
	RiskTags []string  `json:"risk_tags,omitempty"`
}

// Trust is one principal that one statement of a role's trust policy names.
type Trust struct {
	// Statement is the index of the statement, from 0.
	Statement int    `json:"statement"`
	Effect    string `json:"effect"`
	// Kind is AWS, Service, Federated, CanonicalUser, or "*".
	Kind      string `json:"kind"`
	Principal string `json:"principal"`
	// Account is the account that the principal names; empty when none.
	Account string   `json:"account,omitempty"`
	Actions []string `json:"actions,omitempty"`
	// Conditions are the condition keys of the statement, sorted.
	Conditions   []string `json:"conditions,omitempty"`
	ExternalID   bool     `json:"external_id"`
	Public       bool     `json:"public"`
	CrossAccount bool     `json:"cross_account"`
	// Excluded says that the statement is for everyone but this principal
	// (NotPrincipal).
	Excluded bool `json:"excluded"`
	// Deleted says that the principal is the unique id that IAM leaves in the
	// place of a deleted user or role.
	Deleted bool `json:"deleted"`
	// Grade says what the conditions of the statement look at: none, weak, mfa,
	// external-id, federation, principal and so on.
	Grade string `json:"grade,omitempty"`
	// Subject and Audience say, of an identity provider, whether conditions demand
	// to know whom it vouches for, and whom its token is for.
	Subject  bool `json:"subject,omitempty"`
	Audience bool `json:"audience,omitempty"`
}

func (e Enrichment) validate(f *faults) {
	f.version("version", e.Version)
	f.require("catalog", e.Catalog)
	f.time("catalog_date", e.CatalogDate)
	switch e.AccessLevel {
	case "", "List", "Read", "Tagging", "Write", "Permissions management":
	default:
		f.add("access_level", "is %q", e.AccessLevel)
	}
	validateGrants(f, e.Grants)
}

// versionDigits is the length of Enrichment.Version: 64 bits.
const versionDigits = 16

func validateGrants(f *faults, grants []Grant) {
	for _, g := range grants {
		f.require("grants.service", g.Service)
	}
}

// EnrichedUser is a user with its effective grants.
type EnrichedUser struct {
	User
	Enrichment
}

// Validate returns every fault of the event, joined.
func (u EnrichedUser) Validate() error {
	return check("enriched user event", u.User, u.Enrichment)
}

// EnrichedRole is a role with its effective grants and its trusts.
type EnrichedRole struct {
	Role
	Enrichment
	Trusts []Trust `json:"trusts,omitempty"`
}

// Validate returns every fault of the event, joined.
func (r EnrichedRole) Validate() error {
	return check("enriched role event", r.Role, r.Enrichment, trusts(r.Trusts))
}

type trusts []Trust

func (ts trusts) validate(f *faults) {
	for _, t := range ts {
		f.count("trusts.statement", int64(t.Statement))
	}
}

// EnrichedGroup is a group with what it grants its members.
type EnrichedGroup struct {
	Group
	Enrichment
}

// Validate returns every fault of the event, joined.
func (g EnrichedGroup) Validate() error {
	return check("enriched group event", g.Group, g.Enrichment)
}

// EnrichedPolicy is a managed policy with what its default version grants.
type EnrichedPolicy struct {
	Policy
	Enrichment
}

// Validate returns every fault of the event, joined.
func (p EnrichedPolicy) Validate() error {
	return check("enriched policy event", p.Policy, p.Enrichment)
}

// Document is a policy document and what is in it. It belongs to no run: a
// document is the same in every account.
type Document struct {
	// Hash names the content: its SHA-256 in lower-case hex.
	Hash    string `json:"hash"`
	Content string `json:"content"`
	// Catalog and CatalogDate say which catalog judged it.
	Catalog     string    `json:"catalog"`
	CatalogDate time.Time `json:"catalog_date"`
	Statements  int       `json:"statements"`
	Grants      []Grant   `json:"grants,omitempty"`
	RiskTags    []string  `json:"risk_tags,omitempty"`
	// ConditionKeys are the keys that its conditions use, sorted.
	ConditionKeys  []string `json:"condition_keys,omitempty"`
	UnknownActions []string `json:"unknown_actions,omitempty"`
	// Problems say what is wrong with the document, one sentence each.
	Problems []string `json:"problems,omitempty"`
}

// Validate returns every fault of the event, joined.
func (d Document) Validate() error { return check("document event", d) }

func (d Document) validate(f *faults) {
	f.hash("hash", d.Hash)
	if HashDocument([]byte(d.Content)) != d.Hash {
		f.add("content", "does not have the hash %s", d.Hash)
	}
	f.require("catalog", d.Catalog)
	f.time("catalog_date", d.CatalogDate)
	f.count("statements", int64(d.Statements))
	validateGrants(f, d.Grants)
}
