package enrich

import "errors"

// ErrNoDocument says that an event names a document that the bucket does not
// hold. Collectors write documents first, so only damage explains it.
var ErrNoDocument = errors.New("document is not in the bucket")

// errAway says that the bucket does not answer, which says nothing of a document.
var errAway = errors.New("the bucket does not answer")
