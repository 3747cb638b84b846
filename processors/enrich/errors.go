package enrich

import "errors"

// ErrNoDocument says that an event names a document that the bucket does not
// hold. Collectors write documents first, so only damage explains it.
var ErrNoDocument = errors.New("document is not in the bucket")
