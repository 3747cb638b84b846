package report_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/leastwise/leastwise/internal/report"
)

func TestReportsReadAsTheyShould(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(*report.Report, io.Writer) error{
		"account.json": (*report.Report).JSON,
		"account.html": (*report.Report).HTML,
		"account.txt":  func(r *report.Report, w io.Writer) error { return r.Text(w, report.TextOptions{}) },
		"account.md":   (*report.Report).Markdown,
		"findings.csv": (*report.Report).FindingsCSV,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got bytes.Buffer
			if err := write(judged(), &got); err != nil {
				t.Fatal(err)
			}
			golden(t, name, got.Bytes())
		})
	}
}
