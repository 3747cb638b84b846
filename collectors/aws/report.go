package aws

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/leastwise/leastwise/schemas/event"
)

// rootUser is what a credential report calls the account's root user.
const rootUser = "<root_account>"

// reportError is a fault of a credential report.
type reportError struct{ cause error }

func (e *reportError) Error() string { return "read credential report: " + e.cause.Error() }
func (e *reportError) Unwrap() error { return e.cause }

// readReport reads a credential report, which is CSV, line by line. Columns are
// found by their names (IAM User Guide, "Generate credential reports"), because
// IAM adds new ones. It returns a reportError for a report that is not one, and
// otherwise what visit returns.
func readReport(in io.Reader, visit func(event.Credential) error) error {
	lines := csv.NewReader(in)
	lines.ReuseRecord = true
	header, err := lines.Read()
	if err != nil {
		return &reportError{err}
	}
	columns := slices.Clone(header)
	for _, needed := range []string{"user", "arn"} {
		if !slices.Contains(columns, needed) {
			return &reportError{fmt.Errorf("there is no column %q", needed)}
		}
	}
	for {
		fields, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return &reportError{err}
		}
		if err := visit(credentialOf(line{columns, fields})); err != nil {
			return err
		}
	}
}

// line is one line of a report.
type line struct{ columns, fields []string }

// text is a column's value; empty where IAM says that there is none.
func (l line) text(column string) string {
	i := slices.Index(l.columns, column)
	if i < 0 {
		return ""
	}
	switch v := l.fields[i]; v {
	case "N/A", "no_information", "not_supported":
		return ""
	default:
		return strings.Clone(v)
	}
}

func (l line) is(column string) bool { return l.text(column) == "true" }

// time is zero where there is none, and for what is no time.
func (l line) time(column string) time.Time {
	t, err := time.Parse(time.RFC3339, l.text(column))
	if t = t.UTC(); err != nil || t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}
	}
	return t.Truncate(time.Second)
}

func credentialOf(l line) event.Credential {
	c := event.Credential{
		User:                 l.text("user"),
		ARN:                  l.text("arn"),
		CreatedAt:            l.time("user_creation_time"),
		PasswordEnabled:      l.is("password_enabled"),
		PasswordLastUsedAt:   l.time("password_last_used"),
		PasswordChangedAt:    l.time("password_last_changed"),
		PasswordNextRotation: l.time("password_next_rotation"),
		MFAActive:            l.is("mfa_active"),
	}
	for slot := 1; slot <= 2; slot++ {
		key := fmt.Sprintf("access_key_%d_", slot)
		k := event.AccessKey{
			Slot: slot, Active: l.is(key + "active"), RotatedAt: l.time(key + "last_rotated"), LastUsedAt: l.time(key + "last_used_date"),
			LastUsedRegion: l.text(key + "last_used_region"), LastUsedService: l.text(key + "last_used_service"),
		}
		// A key that was never made is not active and has no date.
		if k.Active || !k.RotatedAt.IsZero() {
			c.AccessKeys = append(c.AccessKeys, k)
		}
		cert := fmt.Sprintf("cert_%d_", slot)
		if s := (event.Certificate{Slot: slot, Active: l.is(cert + "active"), RotatedAt: l.time(cert + "last_rotated")}); s.Active || !s.RotatedAt.IsZero() {
			c.Certificates = append(c.Certificates, s)
		}
	}
	return c
}
