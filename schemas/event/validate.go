package event

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// faults collects what is wrong with an event, so that a dead letter names all
// of it at once.
type faults []error

func (f *faults) add(field, format string, args ...any) {
	*f = append(*f, fmt.Errorf("%s %s", field, fmt.Sprintf(format, args...)))
}

func (f *faults) require(field, value string) {
	if value == "" {
		f.add(field, "is missing")
	}
}

func (f *faults) time(field string, t time.Time) {
	if t.IsZero() {
		f.add(field, "is missing")
	}
}

func (f *faults) account(field, value string) {
	if !IsAccountID(value) {
		f.add(field, "is %q, not a 12-digit account id", value)
	}
}

func (f *faults) token(field, value string) {
	if !IsToken(value) {
		f.add(field, "is %q, not a subject token", value)
	}
}

func (f *faults) hash(field, value string) {
	if !IsHash(value) {
		f.add(field, "is %q, not a SHA-256 in lower-case hex", value)
	}
}

// optionalHash allows a document that the source did not include.
func (f *faults) optionalHash(field, value string) {
	if value != "" {
		f.hash(field, value)
	}
}

// version rejects what does not name a content by 64 bits.
func (f *faults) version(field, value string) {
	if !isHex(value, versionDigits) {
		f.add(field, "is %q, not %d hex digits", value, versionDigits)
	}
}

// count rejects what an unsigned column of the warehouse would turn into a huge
// number.
func (f *faults) count(field string, n int64) {
	if n < 0 {
		f.add(field, "is %d, less than 0", n)
	}
}

// part is a piece of an event that knows its own rules.
type part interface{ validate(*faults) }

// check returns every fault of every part, joined, or nil.
func check(what string, parts ...part) error {
	var f faults
	for _, p := range parts {
		p.validate(&f)
	}
	if len(f) == 0 {
		return nil
	}
	return fmt.Errorf("invalid %s: %w", what, errors.Join(f...))
}

// IsAccountID reports whether s is an AWS account id: 12 digits.
func IsAccountID(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}

// IsToken reports whether s can stand as one token of a NATS subject and holds
// nothing else than letters, digits, '-', '_' and '=' (1 to 128 of them).
func IsToken(s string) bool {
	if s == "" || len(s) > 128 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '=':
		default:
			return false
		}
	}
	return true
}

// IsHash reports whether s is a SHA-256 in lower-case hex.
func IsHash(s string) bool { return isHex(s, 64) }

func isHex(s string, digits int) bool {
	return len(s) == digits && strings.Trim(s, "0123456789abcdef") == ""
}
