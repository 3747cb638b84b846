package export

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/leastwise/leastwise/collectors/details"
)

// document is a policy document's JSON, whether the export has it as an object
// or in a string.
type document []byte

// UnmarshalJSON implements json.Unmarshaler.
func (d *document) UnmarshalJSON(raw []byte) error {
	switch raw[0] {
	case 'n':
		return nil
	case '"':
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return err
		}
		*d = details.DecodeDocument(s)
	default:
		*d = append((*d)[:0], raw...)
	}
	return nil
}

// date is a time with a precision of one second, in UTC.
type date struct{ time.Time }

// UnmarshalJSON implements json.Unmarshaler. It takes the spellings in which
// exports are found: RFC 3339 as the command line prints it, with a space as
// Python's str() prints it, with or without fractions and zone (UTC then), and
// seconds since 1970.
func (d *date) UnmarshalJSON(raw []byte) error {
	s := strings.Trim(string(raw), `"`)
	if s == "" || s == "null" {
		return nil
	}
	if raw[0] != '"' {
		var seconds float64
		if err := json.Unmarshal(raw, &seconds); err != nil || seconds < 0 || seconds > maxSeconds {
			return fmt.Errorf("%s is not a date", s)
		}
		d.Time = time.Unix(int64(seconds), 0).UTC()
		return nil
	}
	s = strings.Replace(s, " ", "T", 1)
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05", time.DateOnly} {
		t, err := time.Parse(layout, s)
		if t = t.UTC(); err == nil && t.Year() >= 1 && t.Year() <= 9999 {
			d.Time = t.Truncate(time.Second)
			return nil
		}
	}
	return fmt.Errorf("%q is not a date", s)
}

// maxSeconds is the end of year 9999, the last that RFC 3339 can write.
const maxSeconds = 253402300799
