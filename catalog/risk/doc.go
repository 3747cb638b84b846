// Package risk says which actions of a catalog are risky and in what way.
//
// It owns the risk tags, the embedded list of the actions that carry each
// (actions.json) and the bit sets made of it. The list was derived from action
// names that public tools agree on: the one-action escalations known to
// cloudsplaining, pathfinding.cloud and Prowler (privilege-escalation), and the
// credentials exposure, data access and data exfiltration lists of
// cloudsplaining and iam-dataset (credentials, data). Names that the catalog does
// not have were left out.
//
// It does not own the judgement: package policy decides what a principal may do
// and asks this package how that is to be called.
package risk
