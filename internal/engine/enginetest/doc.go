// Package enginetest gives other packages' tests a real ClickHouse and a real
// NATS. A test binary that uses ClickHouse starts one, when the first test asks
// for it, and gives every test a database of its own; NATS is cheap enough to
// be started for each test.
//
// A package's TestMain hands over to [Main]:
//
//	func TestMain(m *testing.M) { enginetest.Main(m) }
//
// The users of the embedded ClickHouse live in a file, so that a test cannot
// grant them anything. The server of a test binary therefore runs with
// engine.ClickHouseConfig.GrantPrefix: what a user may do on the database
// leastwise, it may do on every database whose name starts with leastwise, and
// the tests' databases do.
package enginetest
