package main

import "runtime/debug"

const (
	// memoryTarget is what the garbage collector aims to stay under while a whole
	// demo runs in one process, in bytes. It is a target, not a limit: what is in
	// use stays in use.
	memoryTarget = 130 << 20
	// memoryGrowth is how much the heap may grow between two collections, in
	// percent; Go's default is 100.
	memoryGrowth = 70
)

// limitMemory sets both and returns what sets the old ones back.
func limitMemory() (restore func()) {
	target, growth := debug.SetMemoryLimit(memoryTarget), debug.SetGCPercent(memoryGrowth)
	return func() {
		debug.SetMemoryLimit(target)
		debug.SetGCPercent(growth)
	}
}
