// Package risk judges what principals may do: which risk rules hold for one, on
// the grounds of which statements, and how urgent that is.
//
// It owns the rules (rules.yaml, Load, Read), matching them against what package
// policy says a principal may do, findings with their evidence, exclusions, and
// the risk tags. Everything is a pure function: no I/O, no clock, nothing logged.
//
// It does not own what documents grant (package policy) nor the facts of
// actions (package catalog).
package risk
