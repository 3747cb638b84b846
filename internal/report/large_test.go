package report_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/leastwise/leastwise/catalog/risk"
	"github.com/leastwise/leastwise/internal/report"
)

// large is a report with n findings of 50 rules, for a hundred principals a rule
// at most, each on the grounds of one of the two documents.
func large(n int) *report.Report {
	r := &report.Report{Title: "Account " + account, Account: account, Documents: documents(), Titles: map[string]string{}}
	for i := range n {
		e := entity([]string{"role", "user"}[i%2], fmt.Sprintf("p%05d", i))
		f := adminFinding(e)
		if i%3 > 0 {
			f = passFinding(e)
		}
		f.Rule = fmt.Sprintf("%s-%02d", f.Rule, i%50)
		f.Severity = risk.Severity(i % risk.SeverityCount)
		step := risk.Step{From: e.ARN, To: "arn:aws:iam::111122223333:role/admin", Method: f.Rule, Actions: f.Actions[:1]}
		r.Add(risk.Judgement{Entity: e, Findings: []risk.Finding{f}, Paths: []risk.Path{{From: e.ARN, To: step.To, Steps: []risk.Step{step}}}})
	}
	r.Sort()
	return r
}

func TestTenThousandFindingsAreAllThere(t *testing.T) {
	t.Parallel()
	const n = 10_000
	r := large(n)
	page := written(t, r, (*report.Report).HTML)
	if got := strings.Count(page, `<details class="f"`); got != n {
		t.Errorf("the page has %d findings", got)
	}
	if got := strings.Count(page, `<figure class="statement"`); got != 3 {
		t.Errorf("the page has %d statements: each is there once", got)
	}
	if perFinding := len(page) / n; perFinding > 4096 {
		t.Errorf("the page has %d bytes a finding", perFinding)
	}
	rows := written(t, r, (*report.Report).FindingsCSV)
	if got := strings.Count(rows, "\n"); got != n+1 {
		t.Errorf("the CSV has %d lines", got)
	}
	text := written(t, r, func(r *report.Report, w io.Writer) error { return r.Text(w, report.TextOptions{}) })
	if got := strings.Count(text, "\n"); got > 2500 || !strings.Contains(text, " more\n") {
		t.Errorf("the text has %d lines, which nobody reads", got)
	}
}

func BenchmarkReport(b *testing.B) {
	for name, write := range map[string]func(*report.Report, io.Writer) error{
		"json": (*report.Report).JSON, "html": (*report.Report).HTML, "markdown": (*report.Report).Markdown,
	} {
		for _, n := range []int{100, 10_000} {
			b.Run(fmt.Sprintf("%s of %d findings", name, n), func(b *testing.B) {
				r := large(n)
				for b.Loop() {
					if err := write(r, io.Discard); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
