// Package policy reads, judges and writes IAM policy documents.
//
// It owns the grammar (ParseDocument), what one document grants over the
// actions of a catalog (Analyze), what several of them grant to a principal
// (Evaluator), whom a trust policy trusts (Trusts) and least-privilege policies
// from a template in policy_sentry's form (Write). Everything is a pure function
// over a catalog: no I/O, no clock, nothing logged.
//
// It does not own the actions and their facts (package catalog), nor which of
// them are risky (package risk), nor how a template gets from YAML to JSON.
//
// Nothing is dropped silently. What a document says and IAM would refuse is a
// Problem, an action that the catalog does not know is in Analysis.Unknown, and
// what is wrong with a template comes back as Faults, all of them at once.
package policy
