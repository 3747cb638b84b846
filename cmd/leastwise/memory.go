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
	// headroom is the size of the ballast, in bytes. A heap of twice its size is
	// what most commands on policies end within.
	headroom = 8 << 20
)

// limitMemory sets both and returns what sets the old ones back.
func limitMemory() (restore func()) {
	target, growth := debug.SetMemoryLimit(memoryTarget), debug.SetGCPercent(memoryGrowth)
	return func() {
		debug.SetMemoryLimit(target)
		debug.SetGCPercent(growth)
	}
}

// ballast is memory that is never touched, and so takes no room. The garbage
// collector lets the heap grow in proportion to what is in use, so holding this
// puts the first collection off, by the same amount for every command, however
// much it reads.
func ballast() []byte { return make([]byte, headroom) }
