// Package event holds the contract between the stages: the events that
// collectors publish (raw), that processors publish (enriched), and the job
// that a scheduler hands to a collector.
//
// A stage never imports another stage; it reads and writes these types. Every
// payload is one JSON object, described by a JSON Schema 2020-12 file beside
// this package (<stage>.<kind>.schema.json); a test holds the Go types and the
// schemas together.
//
// Names and identities:
//
//   - Events are keyed by IAM's unique ids (AROA…, AIDA…, AGPA…, ANPA…), never
//     by ARN, because IAM lets a new entity reuse an old ARN.
//   - An event's id is <run>.<kind>.<entity id>: collecting again makes new
//     ids, publishing again does not, so JetStream can drop duplicates.
//   - Policy documents travel beside the events, in the key-value bucket
//     "documents", under the SHA-256 of their bytes. A document is written
//     before any event that names it.
//   - Times are UTC with a precision of one second.
//
// The package reads and checks; it knows no NATS, no ClickHouse and no AWS.
package event
