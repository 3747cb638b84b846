package awssim

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
)

// sealer makes the opaque strings that clients hand back, such as markers. The
// state is in the string itself; nothing has to be remembered.
type sealer struct{ key []byte }

func newSealer(seed uint64) sealer {
	return sealer{key: mac(binary.BigEndian.AppendUint64(nil, seed), "seal")}
}

// sealSize is how many bytes a seal has.
const sealSize = 8

// seal returns the payload as an opaque string that only opens in its context.
func (s sealer) seal(context string, payload []byte) string {
	return base64.RawURLEncoding.EncodeToString(append(payload, s.sum(context, payload)...))
}

// open returns the payload of a sealed string.
func (s sealer) open(context, sealed string) ([]byte, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil || len(raw) < sealSize {
		return nil, false
	}
	payload, sum := raw[:len(raw)-sealSize], raw[len(raw)-sealSize:]
	return payload, hmac.Equal(sum, s.sum(context, payload))
}

func (s sealer) sum(context string, payload []byte) []byte {
	return mac(s.key, context+"\x00"+string(payload))[:sealSize]
}

// uuid returns eight bytes of payload and their seal in the form of a UUID.
func (s sealer) uuid(context string, payload [8]byte) string {
	h := hex.EncodeToString(append(payload[:], s.sum(context, payload[:])...))
	return fmt.Sprintf("%s-%s-%s-%s-%s", h[:8], h[8:12], h[12:16], h[16:20], h[20:])
}

// openUUID returns the payload of a UUID that uuid made in the same context.
func (s sealer) openUUID(context, sealed string) (payload [8]byte, ok bool) {
	raw, err := hex.DecodeString(strings.ReplaceAll(sealed, "-", ""))
	if err != nil || len(raw) != len(payload)+sealSize {
		return payload, false
	}
	copy(payload[:], raw)
	return payload, hmac.Equal(raw[len(payload):], s.sum(context, payload[:]))
}

// letters returns n characters of the alphabet of access keys, the same for every label.
func (s sealer) letters(label string, n int) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	out := make([]byte, n)
	for i, b := range s.stream(label, n) {
		out[i] = alphabet[int(b)%len(alphabet)]
	}
	return string(out)
}

// text returns n characters of base64, the same for every label.
func (s sealer) text(label string, n int) string {
	return base64.StdEncoding.EncodeToString(s.stream(label, n))[:n]
}

func (s sealer) stream(label string, n int) []byte {
	var out []byte
	for i := 0; len(out) < n; i++ {
		out = append(out, mac(s.key, fmt.Sprintf("%s/%d", label, i))...)
	}
	return out[:n]
}
