package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/leastwise/leastwise/catalog/risk"
)

// Markdown writes the report as GitHub Flavored Markdown, a table for each rule.
func (r *Report) Markdown(w io.Writer) error {
	m := &markdown{bufio.NewWriter(w)}
	m.head(r)
	m.policies(r.Policies())
	for _, g := range r.groups() {
		m.group(&g, r)
	}
	m.paths(r.Paths)
	m.gaps(r.Gaps)
	if err := m.Flush(); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// markdown writes lines; its Writer keeps the first error.
type markdown struct{ *bufio.Writer }

func (m *markdown) line(format string, args ...any) {
	fmt.Fprintf(m, format+"\n", args...)
}

// row writes cells of a table, which have to be escaped already.
func (m *markdown) row(cells ...string) { m.line("| %s |", strings.Join(cells, " | ")) }

func (m *markdown) header(cells ...string) {
	m.line("")
	m.row(cells...)
	m.line("|%s", strings.Repeat(" --- |", len(cells)))
}

func (m *markdown) head(r *Report) {
	s := r.Summary()
	m.line("# IAM risk report: %s", escaped(r.Title))
	m.line("")
	if !r.ObservedAt.IsZero() {
		m.line("As of %s.", r.ObservedAt.UTC().Format("2006-01-02 15:04 UTC"))
	}
	m.line("%s.", escaped(looked(&s)))
	var names, counts []string
	for i := risk.SeverityCount - 1; i >= 0; i-- {
		name := risk.Severity(i).String()
		names, counts = append(names, headline(name)), append(counts, fmt.Sprint(s.Severities[name]))
	}
	m.header(names...)
	m.row(counts...)
}

// policies counts actions by the categories of policy_sentry's report.
func (m *markdown) policies(rows []PolicyRow) {
	if len(rows) == 0 {
		return
	}
	categories := documentCategories()
	header := []string{"Account", "Policy"}
	for _, c := range categories {
		header = append(header, sentenceCase(string(c)))
	}
	m.line("")
	m.line("## Policies")
	m.line("")
	m.line("Numbers of actions by category.")
	m.header(header...)
	for _, p := range rows {
		cells := []string{escaped(p.Account), escaped(p.Name)}
		for _, c := range categories {
			cells = append(cells, fmt.Sprint(len(p.Actions[c])))
		}
		m.row(cells...)
	}
}

func (m *markdown) group(g *group, r *Report) {
	f := &g.findings[0]
	m.line("")
	m.line("## %s: %s", headline(f.Severity.String()), escaped(title(f)))
	m.line("")
	m.line("%s", escaped(f.Reason))
	m.line("")
	m.line("**Remedy:** %s", escaped(f.Remedy))
	m.header("Entity", "Actions", "How", "Evidence")
	for i := range g.findings {
		f := &g.findings[i]
		entity := who(f)
		if f.Entity.Account != r.Account {
			entity += " of " + f.Entity.Account
		}
		evidence := places(f.Evidence)
		for n := range evidence {
			evidence[n] = escaped(evidence[n])
		}
		m.row(escaped(entity), escaped(some(f.Actions, 10, actionCount(f))), escaped(qualities(f)), strings.Join(evidence, "<br>"))
	}
}

func (m *markdown) paths(paths []risk.Path) {
	if len(paths) == 0 {
		return
	}
	m.line("")
	m.line("## Ways to administrator")
	m.line("")
	for i := range paths {
		m.line("- %s", escaped(route(&paths[i])))
	}
}

func (m *markdown) gaps(gaps []Gap) {
	if len(gaps) == 0 {
		return
	}
	m.line("")
	m.line("## Not judged")
	m.line("")
	for _, g := range gaps {
		m.line("- %s: %s", escaped(g.What), escaped(g.Why))
	}
}

// escaped writes a text so that Markdown takes it for one: it is one line, it
// begins nothing, and nothing in it is markup, HTML or a link.
func escaped(s string) string {
	s = Printable(s)
	digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
	var b strings.Builder
	b.Grow(len(s) + 8)
	for i, c := range s {
		switch {
		case c == '<':
			b.WriteString("&lt;")
		case c == '>':
			b.WriteString("&gt;")
		case c == '&':
			b.WriteString("&amp;")
		case c == '@', c == ':' && strings.HasPrefix(s[i:], "://"), c == '.' && endsFold(s[:i], "www"):
			fmt.Fprintf(&b, "&#%d;", c) // else a URL, a host or a mention would become a link
		case strings.ContainsRune("\\`*_{}[]|~$", c), i == 0 && strings.ContainsRune("-+#=", c), i == digits && i > 0 && strings.ContainsRune(".)", c):
			b.WriteByte('\\')
			b.WriteRune(c)
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

func endsFold(s, end string) bool {
	return len(s) >= len(end) && strings.EqualFold(s[len(s)-len(end):], end)
}
