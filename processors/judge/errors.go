package judge

import "errors"

var (
	// ErrNoDocument says that an event names a document that is not in the bucket.
	// Collectors write documents first, so only damage explains it.
	ErrNoDocument = errors.New("document is not in the bucket")
	// errGone says that RAW no longer has all of a run's events.
	errGone = errors.New("its raw events are gone")
)
