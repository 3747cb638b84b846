package main

import "runtime/debug"

// memoryTarget is what the garbage collector aims to stay under while a whole
// pipeline runs in one process, in bytes. It is a target, not a limit: what is
// in use stays in use.
const memoryTarget = 120 << 20

// limitMemory sets the target and returns what sets the old one back.
func limitMemory() (restore func()) {
	before := debug.SetMemoryLimit(memoryTarget)
	return func() { debug.SetMemoryLimit(before) }
}
