package main

import "errors"

// errIncomplete says that a run of a demo did not arrive whole.
var errIncomplete = errors.New("not every run arrived whole; the summary says which")
