package details

import (
	"net/url"
	"strings"
)

// DecodeDocument returns the JSON text of a policy document that a source has as
// a string: JSON already, or percent-encoded as RFC 3986 has it and as IAM's
// wire has it. A plus sign stands for itself in both. What is neither is
// returned as it is, so that the next stage can say what is wrong with it.
func DecodeDocument(s string) []byte {
	if !strings.HasPrefix(strings.TrimSpace(s), "%") {
		return []byte(s)
	}
	if decoded, err := url.PathUnescape(s); err == nil {
		return []byte(decoded)
	}
	return []byte(s)
}
