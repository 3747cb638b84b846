// Package engine runs the two engines that leastwise embeds, ClickHouse and
// NATS, under one data directory, so that one command is a whole installation.
//
// It owns finding or fetching a ClickHouse, the child process that it runs in,
// the files that configure both engines, their users and passwords, the lock
// on the data directory, and endpoints.json, where other programs find out how
// to connect.
//
// It does not own what is kept in the engines: databases' tables belong to
// schemas/clickhouse, streams to schemas/stream. Nothing outside the commands
// knows this package: all other code speaks to a DSN and to a NATS URL.
//
// # How ClickHouse runs
//
// An engine is looked for in this order: a clickhouse executable on PATH,
// libchdb in the cache directory, and libchdb fetched once with npm. libchdb is
// ClickHouse as a library. A copy of this executable loads it ([ChildMain]) so
// that a crash of the engine is not ours, and starts its native and HTTP
// servers with SYSTEM START LISTEN. Some of it is not obvious; all of it was
// measured on version 26.7.3-stable.1, and each point has a test:
//
//   - The statements come from a named pipe, followed by a second pipe that
//     nobody writes to. The engine blocks in reading that one, without a query
//     that runs forever, and shuts down in order as soon as it is closed.
//   - On any stdin but a terminal the engine aborts when a client resets its
//     connection at the wrong moment. So stdin is a pseudo-terminal that nobody
//     types on.
//   - Its session is the passwordless user default, which cannot be renamed. A
//     quota lets that user run two statements in the life of the process, and
//     the two that start the listeners use it up; what quotas do not count, as
//     SELECT 1, is more than its limit of one syntax element.
//   - The function file() reads any file for any user. It does not where there
//     is no working directory, so the engine's is removed before it listens.
//     Settings that name a file or an address cannot be changed by anybody.
//   - CREATE USER has no writable storage; users live in a file, as hashes.
//   - There is no queue for asynchronous inserts: async_insert is ignored.
package engine
