package event

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// NormalizeDocument returns the form in which a policy document is stored and
// hashed: its JSON without insignificant white space. Order, spelling and
// duplicate keys stay as they were, so nothing that a judge of the document may
// want is lost. Bytes that are not JSON are kept as they are. Bytes that are not
// UTF-8 become U+FFFD, because an event's payload can hold no others.
func NormalizeDocument(raw []byte) []byte {
	raw = bytes.ToValidUTF8(raw, []byte("\uFFFD"))
	var b bytes.Buffer
	b.Grow(len(raw))
	if err := json.Compact(&b, raw); err != nil {
		return raw
	}
	return b.Bytes()
}

// HashDocument names a normalized document: its SHA-256 in lower-case hex.
func HashDocument(normalized []byte) string {
	sum := sha256.Sum256(normalized)
	return hex.EncodeToString(sum[:])
}
