// Package table has a catalog's facts as rows of the four tables that
// policy_sentry's users query: actions, ARNs, condition keys and services. The
// fields have its names in JSON. The policy service and the command line answer
// with them.
//
// It does not search: [catalog.Catalog.FindActions] and its siblings do. Texts
// of AWS's documentation, which policy_sentry repeats, are not among the facts.
package table
