// Package clickhouse is the sink: it stores enriched events and dead letters in
// ClickHouse. It also opens connections for whoever reads the warehouse, and
// applies the migrations of schemas/clickhouse.
//
// What it promises:
//
//   - A message is acknowledged strictly after every row that it makes is
//     inserted. Rows are keyed by what they say (schemas/clickhouse), so a message
//     that comes twice changes nothing.
//   - A ClickHouse that is away, overloaded, out of space or not migrated is
//     waited for, for as long as it takes. No message suffers for it.
//   - An event that cannot be read goes to the dead letters with its reason, and so
//     does one whose rows ClickHouse refuses: the sink halves the batch until it
//     has found it. The rest of the batch is stored.
//
// The way of a batch: decode.go reads each event and checks that columns can hold
// it; rows_*.go turn events into rows (pure, without I/O); table.go turns rows into
// columns; writer.go inserts one block per table, observations and runs last, so
// that no run looks complete before all that it saw is there.
//
// It does not judge events (processors do), and it has no say in what becomes of a
// message (internal/bus has).
package clickhouse
