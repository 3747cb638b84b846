package risk

import (
	"fmt"
	"strings"
)

// Severity is how urgent a finding is, from Info up.
type Severity uint8

// The severities, as the AWS Security Finding Format names them, in ascending order.
const (
	Info Severity = iota
	Low
	Medium
	High
	Critical
)

// SeverityCount is the number of severities.
const SeverityCount = 5

func severityNames() [SeverityCount]string {
	return [...]string{"info", "low", "medium", "high", "critical"}
}

// String returns the severity as it is written in files, events and tables.
func (s Severity) String() string {
	if int(s) < SeverityCount {
		return severityNames()[s]
	}
	return fmt.Sprintf("Severity(%d)", uint8(s))
}

// ParseSeverity reads a severity as String writes it.
func ParseSeverity(name string) (Severity, error) {
	for i, known := range severityNames() {
		if known == name {
			return Severity(i), nil
		}
	}
	names := severityNames()
	return 0, fmt.Errorf("parse severity %q: want one of %s", name, strings.Join(names[:], ", "))
}

// MarshalText writes the severity as String does.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the severity as ParseSeverity does.
func (s *Severity) UnmarshalText(text []byte) error {
	parsed, err := ParseSeverity(string(text))
	if err == nil {
		*s = parsed
	}
	return err
}
