//go:build !race

package natstest

// Race says that the race detector watches, which makes everything many times
// slower and larger; tests of size then take less.
const Race = false
