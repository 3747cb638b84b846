// Package integration holds the tests of the pipeline as a whole: every stage,
// over a real JetStream, a real ClickHouse and the simulated AWS organization.
//
// The tests fold the organization's true state independently of the stages, and
// compare it with the tables, row for row.
package integration
