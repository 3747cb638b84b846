package engine

import "errors"

// ErrLocked is returned by [LockDataDir] for a data directory that another
// process uses.
var ErrLocked = errors.New("in use by another process")

// ErrNoEngine is returned by [StartClickHouse] when there is no ClickHouse here
// and none can be fetched. The error around it says what is missing.
var ErrNoEngine = errors.New("no ClickHouse here, and none can be fetched")

// errPortTaken is what an attempt to start ends with when another program
// listens on a port by the time the engine wants it.
var errPortTaken = errors.New("address already in use")
