package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/leastwise/leastwise/catalog/risk"
	"github.com/leastwise/leastwise/internal/count"
)

// textEntities is how many entities a finding names in text: a terminal is for
// reading, the other formats have them all.
const textEntities = 10

// TextOptions say what a terminal can show.
type TextOptions struct {
	Color bool
}

// Text writes the report for a terminal.
func (r *Report) Text(w io.Writer, o TextOptions) error {
	t := &text{Writer: bufio.NewWriter(w), color: o.Color, alone: len(r.Entities) == 1}
	t.head(r)
	for _, g := range r.groups() {
		t.group(&g)
	}
	t.paths(r)
	t.gaps(r.Gaps)
	if err := t.Flush(); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// text writes lines; its Writer keeps the first error.
type text struct {
	*bufio.Writer
	color bool
	alone bool // there is one entity, which the head names
}

// line writes a line, without the spaces that a name or a reason may end in.
func (t *text) line(indent int, format string, args ...any) {
	text := strings.Repeat("  ", indent) + fmt.Sprintf(format, args...)
	fmt.Fprintln(t, strings.TrimRight(text, " "))
}

// paint colors a text where the terminal can: 31 red, 33 yellow, 36 cyan, as
// ECMA-48 numbers them, bold from High up.
func (t *text) paint(s risk.Severity, word string) string {
	if !t.color {
		return word
	}
	codes := [risk.SeverityCount]string{"2", "36", "33", "1;31", "1;37;41"}
	return "\x1b[" + codes[s] + "m" + word + "\x1b[0m"
}

func (t *text) bold(word string) string {
	if !t.color {
		return word
	}
	return "\x1b[1m" + word + "\x1b[0m"
}

func (t *text) head(r *Report) {
	s := r.Summary()
	when := ""
	if !r.ObservedAt.IsZero() {
		when = ", as of " + r.ObservedAt.Format("2006-01-02 15:04 UTC")
	}
	t.line(0, "%s%s", t.bold(Printable(r.Title)), when)
	t.line(0, "%s", Printable(looked(&s)))
	var counts []string
	for i := risk.SeverityCount - 1; i >= 0; i-- {
		severity := risk.Severity(i)
		if n := s.Severities[severity.String()]; n > 0 {
			counts = append(counts, t.paint(severity, fmt.Sprintf("%d %s", n, severity)))
		}
	}
	if len(counts) == 0 {
		counts = []string{"nothing was found"}
	}
	t.line(0, "%s", strings.Join(counts, ", "))
}

// looked says what was looked at and what was left out.
func looked(s *Summary) string {
	var parts []string
	for _, kind := range kinds() {
		if n := s.Entities[kind]; n > 0 {
			parts = append(parts, count.Kind(n, kind))
		}
	}
	if len(parts) == 0 {
		parts = []string{"nothing to look at"}
	}
	out := strings.Join(parts, ", ")
	if s.ServiceLinked > 0 {
		out += fmt.Sprintf("; %d service-linked, not judged", s.ServiceLinked)
	}
	if s.asked > 0 {
		out += "; " + count.Of(s.asked, "finding excluded", "findings excluded")
	}
	if s.Score != nil {
		out += fmt.Sprintf("; least-privilege score %.0f of 100", *s.Score)
	}
	return out
}

func (t *text) group(g *group) {
	f := &g.findings[0]
	t.line(0, "")
	t.line(0, "%s  %s  %s", t.paint(f.Severity, strings.ToUpper(f.Severity.String())), t.bold(Printable(title(f))), Printable(f.Rule))
	t.line(1, "%s", Printable(f.Reason))
	t.line(1, "Remedy: %s", Printable(f.Remedy))
	for i := range g.findings {
		if i == textEntities {
			t.line(1, "and %d more", len(g.findings)-i)
			return
		}
		t.finding(&g.findings[i])
	}
}

// finding writes a line for an entity among others, and more where there is only
// one.
func (t *text) finding(f *risk.Finding) {
	if t.alone {
		t.inDetail(f)
		return
	}
	parts := []string{strings.TrimSpace(some(f.Actions, 2, actionCount(f)) + " " + qualities(f))}
	if parts[0] == "" {
		parts = nil
	}
	if len(f.Evidence) > 0 {
		parts = append(parts, some(places(f.Evidence), 3, len(f.Evidence)))
	}
	t.line(1, "%s", Printable(strings.TrimSpace(who(f)+": "+strings.Join(parts, "; "))))
}

func (t *text) inDetail(f *risk.Finding) {
	if d := discriminator(f); d != "" {
		t.line(1, "%s", Printable(d))
	}
	if len(f.Actions) > 0 {
		t.line(1, "%s", Printable(some(f.Actions, 8, actionCount(f))))
	}
	if about := qualities(f); about != "" {
		t.line(1, "%s", Printable(about))
	}
	if len(f.Evidence) > 0 {
		t.line(1, "%s", Printable(some(places(f.Evidence), 3, len(f.Evidence))))
	}
}

func (t *text) paths(r *Report) {
	if len(r.Paths) == 0 {
		return
	}
	t.line(0, "")
	t.line(0, "%s", t.bold("Ways to administrator"))
	for i := range r.Paths {
		if i == 4*textEntities {
			t.line(1, "and %d more", len(r.Paths)-i)
			break
		}
		t.line(1, "%s", Printable(route(&r.Paths[i])))
	}
}

func (t *text) gaps(gaps []Gap) {
	if len(gaps) == 0 {
		return
	}
	t.line(0, "")
	t.line(0, "%s", t.bold("Not judged"))
	for _, g := range gaps {
		t.line(1, "%s", Printable(g.What+": "+g.Why))
	}
}
