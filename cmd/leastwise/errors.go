package main

import "errors"

// What a demo may end with besides a failure.
var (
	// errIncomplete says that a run of the demo did not arrive whole, or was not judged.
	errIncomplete = errors.New("not every run arrived whole and was judged; the summary says which")
	// errStopped says that somebody stopped the demo halfway.
	errStopped = errors.New("stopped before the demo was over; what it collected is kept in --data-dir")
)

// errDifferent makes 'catalog diff --exit-code' exit with exitDifferent. Nothing
// is printed of it.
var errDifferent = errors.New("the catalogs differ")
