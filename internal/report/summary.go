package report

import (
	"github.com/leastwise/leastwise/catalog/risk"
)

// Summary counts a report.
type Summary struct {
	Findings int `json:"findings"`
	// Severities count the findings by severity; every severity is there.
	Severities map[string]int `json:"severities"`
	// Categories count the findings by category; those without are not there.
	Categories map[string]int `json:"categories"`
	// Entities count what was looked at, by kind.
	Entities map[string]int `json:"entities"`
	// ServiceLinked is the number of roles that are shown and not judged.
	ServiceLinked int `json:"service_linked"`
	// Excluded is the number of findings that exclusions left out, those of
	// service-linked roles among them.
	Excluded int `json:"excluded"`
	// Administrators are principals that are administrators, and CanBecome those
	// that are not and can become one, principals outside the account included.
	Administrators int `json:"administrators"`
	CanBecome      int `json:"can_become_administrator"`
	// Score is the account's least-privilege score, 0 to 100; null where it is
	// not known what was used.
	Score *float64 `json:"score"`
	// NotJudged is what could not be judged.
	NotJudged []Gap `json:"not_judged"`

	asked int // the part of Excluded that somebody asked for
}

// Summary counts the report.
func (r *Report) Summary() Summary {
	s := Summary{
		Findings: len(r.Findings), Severities: map[string]int{}, Categories: map[string]int{}, Entities: map[string]int{},
		NotJudged: append([]Gap{}, r.Gaps...),
	}
	for i := range risk.SeverityCount {
		s.Severities[risk.Severity(i).String()] = 0
	}
	for i := range r.Findings {
		s.Severities[r.Findings[i].Severity.String()]++
		s.Categories[string(r.Findings[i].Category)]++
	}
	for i := range r.Entities {
		e := &r.Entities[i]
		s.Excluded += e.Excluded
		if e.Kind == KindAccount {
			s.Score = e.Score
			continue
		}
		s.Entities[e.Kind]++
		if e.ServiceLinked {
			s.ServiceLinked++
		} else {
			s.asked += e.Excluded
		}
	}
	for i := range r.Paths {
		if r.Paths[i].Length() == 0 {
			s.Administrators++
		} else {
			s.CanBecome++
		}
	}
	return s
}

// AtLeast counts the findings of a severity or worse.
func (r *Report) AtLeast(s risk.Severity) (n int) {
	for i := range r.Findings {
		if r.Findings[i].Severity >= s {
			n++
		}
	}
	return n
}
