package main

import "errors"

var (
	// errIncomplete says that a run of a demo did not arrive whole.
	errIncomplete = errors.New("not every run arrived whole; the summary says which")
	// errDone ends the pipeline of a demo that has shown its summary.
	errDone = errors.New("the demo is done")
)
