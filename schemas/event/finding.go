package event

import "slices"

// Finding is a risk rule that holds for an entity, with what it rests on.
type Finding struct {
	// ID names the finding over time: 16 hex digits over rule, entity and what
	// tells apart two findings of one rule on one entity.
	ID string `json:"id"`
	// Version names the finding's content: 16 hex digits over all the rest.
	Version  string `json:"version"`
	Rule     string `json:"rule"`
	Category string `json:"category"`
	// Severity is one of Severities.
	Severity string `json:"severity"`
	Title    string `json:"title,omitempty"`
	// Actions are those that make the rule hold, the first few; ActionCount is how
	// many there are.
	Actions     []string `json:"actions,omitempty"`
	ActionCount int      `json:"action_count,omitempty"`
	// Scope is the width of the resources.
	Scope string `json:"scope,omitempty"`
	// Conditional says that the rule holds only under conditions of statements.
	Conditional bool `json:"conditional,omitempty"`
	// PartlyDenied says that what the rule needs is denied on some resources or
	// under conditions.
	PartlyDenied bool       `json:"partly_denied,omitempty"`
	Evidence     []Evidence `json:"evidence,omitempty"`
	// Target is what a rule needs that depends on what else is there.
	Target *Target `json:"target,omitempty"`
	// Includes are the rules that hold too and say no more than this one.
	Includes []string `json:"includes,omitempty"`
	// KnownTo are the names that public tools have for it, "tool:name".
	KnownTo []string `json:"known_to,omitempty"`
	// Reason says in one sentence what somebody can do with it, and Remedy what to
	// do about it.
	Reason string `json:"reason"`
	Remedy string `json:"remedy"`
	// Discriminator tells apart findings of one rule on one entity: the trusted
	// principal, for example.
	Discriminator string `json:"discriminator,omitempty"`
}

// Severities lists the severities, in ascending order.
func Severities() []string { return []string{"info", "low", "medium", "high", "critical"} }

// Evidence is one statement that a finding rests on, or that lessens it.
type Evidence struct {
	// Document is the hash of the statement's document; empty for what is not a
	// statement.
	Document string `json:"document,omitempty"`
	// Policy is the ARN of a managed policy, or the name of an inline one.
	Policy string `json:"policy,omitempty"`
	// Source is managed, inline, boundary, control or trust.
	Source string `json:"source,omitempty"`
	// Group is the group that a user has the policy from.
	Group string `json:"group,omitempty"`
	// Statement is the index of the statement, from 0.
	Statement int    `json:"statement"`
	SID       string `json:"sid,omitempty"`
	Effect    string `json:"effect,omitempty"`
	// Actions are those of the finding that the statement speaks of.
	Actions      []string    `json:"actions,omitempty"`
	Scope        string      `json:"scope,omitempty"`
	Resources    []string    `json:"resources,omitempty"`
	NotResources []string    `json:"not_resources,omitempty"`
	Conditions   []Condition `json:"conditions,omitempty"`
	// Grade says how much the conditions narrow.
	Grade string `json:"grade,omitempty"`
	// Note is what no statement says: one clause.
	Note string `json:"note,omitempty"`
}

// Condition is an operator over a key, as the policy writes it.
type Condition struct {
	Operator string   `json:"operator"`
	Key      string   `json:"key"`
	Values   []string `json:"values,omitempty"`
}

// Target is what must be there already for a finding to be of use.
type Target struct {
	// Needs is role, user, group, policy, function or instance.
	Needs string `json:"needs"`
	// Resolved says that the account's own entities decided it; Candidates and
	// Count mean nothing otherwise.
	Resolved bool `json:"resolved"`
	// Candidates are the ARNs within reach, the first few; Count is how many.
	Candidates []string `json:"candidates,omitempty"`
	Count      int      `json:"count"`
}

func (v *Finding) validate(f *faults) {
	f.version("findings.id", v.ID)
	f.version("findings.version", v.Version)
	f.require("findings.rule", v.Rule)
	f.require("findings.category", v.Category)
	if !slices.Contains(Severities(), v.Severity) {
		f.add("findings.severity", "is %q, which there is not", v.Severity)
	}
	f.count("findings.action_count", int64(v.ActionCount))
	for i := range v.Evidence {
		v.Evidence[i].validate(f)
	}
	if v.Target != nil {
		f.require("findings.target.needs", v.Target.Needs)
		f.count("findings.target.count", int64(v.Target.Count))
	}
	f.require("findings.reason", v.Reason)
	f.require("findings.remedy", v.Remedy)
}

func (e *Evidence) validate(f *faults) {
	f.optionalHash("findings.evidence.document", e.Document)
	f.count("findings.evidence.statement", int64(e.Statement))
	for _, c := range e.Conditions {
		f.require("findings.evidence.conditions.operator", c.Operator)
		f.require("findings.evidence.conditions.key", c.Key)
	}
}
