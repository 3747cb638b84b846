// Package clickhouse holds the warehouse: its tables and views as numbered SQL
// files, one statement each, embedded and read in their order. It knows no
// ClickHouse client; sinks/clickhouse applies the files.
//
// The rules for files:
//
//   - NNNN_name.sql makes one table or one view, and is named after it.
//   - A released file never changes: it is recorded with its hash, and another
//     hash under its number is refused. A table changes by a new file with ALTER
//     TABLE; a view by a new file with CREATE OR REPLACE VIEW, a materialized
//     view by one with ALTER TABLE … MODIFY QUERY.
//   - A statement may be applied twice (IF NOT EXISTS, OR REPLACE), because
//     ClickHouse has no transaction around it and its record, and because
//     several programs may migrate at once.
//   - Every column of a table has a COMMENT, and so has every table and view.
//
// The rules for tables: the key holds all that tells rows apart, so that what is
// delivered twice is one row, and everything beside the key follows from it. Where
// a newer catalog may judge the same content anew, its date is the version that
// wins. Whoever reads a table directly says FINAL; the views do.
//
// What a run saw is true as a whole or not at all: *_current and *_daily views
// look only at runs that run_status calls complete.
//
// What views cost, measured with ClickHouse 26.7 on two shared cores, as
// milliseconds for an organization of 300 accounts and for one of its accounts:
//
//	                       10 million observations   110 million
//	run_status                 70 / 70                 370 / 230
//	entities_current          150 / 55                 600 / 200
//	last_accessed_current    1200 / 50 (8 million values)
//	account_daily              75 / 55                 250 / 130
//	organization_daily         75                      280
//
// Without the seals of tallies, run_status and what builds on it count all
// observations: 1.3 s of 10 million, 20 s of 110 million. A materialized table of
// the ids that each run received (uniqExactState of a 64-bit hash) is as exact and
// answers in 170 ms and 1.9 s, with 0.27 and 2.9 GB of memory, and it would count
// nothing but ids; so runs are sealed instead.
package clickhouse
