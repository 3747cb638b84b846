package report

import (
	"bufio"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io"
	"unicode"
	"unicode/utf8"

	"github.com/leastwise/leastwise/catalog/risk"
)

//go:embed html
var assets embed.FS

// page is what the template shows. Everything in it but CSP, CSS and JS may come
// from an attacker.
type page struct {
	CSP string
	CSS template.CSS
	JS  template.JS

	Title, When, Looked, Catalog, Tool string

	Tiles         []counted
	Facts         []fact
	Categories    []categoryView
	Kinds         []counted
	WaysLead      string
	Ways          []wayView
	Crossings     []crossingView
	Rules         []ruleView
	Entities      []entityRow
	EntitiesTitle string
	EntityColumn  string
	HasPaths      bool
	HasScores     bool
	Unused        []unusedView
	Gaps          []Gap
	Statements    []statementView
}

// HTML writes the report as one file that needs no other: style and script are
// in it, and its content security policy allows these two, by their hashes, and
// nothing else. Without scripts it can be read as a whole.
func (r *Report) HTML(w io.Writer) error {
	css, js, t, err := loadAssets()
	if err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	p := newPage(r)
	p.CSS, p.JS = template.CSS(css), template.JS(js) //nolint:gosec // both are of this package, not of the data
	p.CSP = fmt.Sprintf("default-src 'none'; style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'", hashOf(css), hashOf(js))
	out := bufio.NewWriterSize(w, 64<<10)
	if err := errors.Join(t.Execute(printable{out}, p), out.Flush()); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// printable is Printable for all that is written through it, but for line feeds
// and tabs. Every piece has to end with a whole character.
type printable struct{ w *bufio.Writer }

// Write implements io.Writer.
func (p printable) Write(piece []byte) (int, error) {
	start := 0
	for i := 0; i < len(piece); {
		if piece[i] >= ' ' && piece[i] < '\x7f' {
			i++
			continue
		}
		r, size := rune(piece[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(piece[i:])
		}
		if good := r == '\n' || r == '\t' || unicode.IsPrint(r) && (r != utf8.RuneError || size > 1); !good {
			_, _ = p.w.Write(piece[start:i]) // the writer keeps its first error
			_ = p.w.WriteByte('?')
			start = i + size
		}
		i += size
	}
	if _, err := p.w.Write(piece[start:]); err != nil {
		return 0, err
	}
	return len(piece), nil
}

func loadAssets() (css, js string, t *template.Template, err error) {
	var files [3][]byte
	for i, name := range []string{"report.css", "report.js", "report.html.tmpl"} {
		if files[i], err = assets.ReadFile("html/" + name); err != nil {
			return "", "", nil, err
		}
	}
	t, err = template.New("report").Parse(string(files[2]))
	return string(files[0]), string(files[1]), t, err
}

// hashOf names a script or a style in a content security policy.
func hashOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// counted is a name and how often it is there.
type counted struct {
	Name string
	N    int
}

type fact struct{ Value, Label string }

func newPage(r *Report) *page {
	s := r.Summary()
	p := &page{
		Title: r.Title, Looked: looked(&s), Catalog: r.Catalog, Tool: r.Tool, Gaps: r.Gaps,
		Facts: facts(&s), EntitiesTitle: "Principals and policies", EntityColumn: "Entity",
	}
	if !r.ObservedAt.IsZero() {
		p.When = r.ObservedAt.UTC().Format("2006-01-02 15:04 UTC")
	}
	for i := risk.SeverityCount - 1; i >= 0; i-- {
		name := risk.Severity(i).String()
		p.Tiles = append(p.Tiles, counted{name, s.Severities[name]})
	}
	statements := newStatements(r.Documents)
	p.Categories, p.Kinds = categoryViews(r.Findings), kindCounts(r.Findings)
	for _, g := range r.groups() {
		p.Rules = append(p.Rules, newRuleView(r, &g, statements))
	}
	p.Ways, p.WaysLead = wayViews(r), waysLead(&s)
	p.Crossings = crossingViews(r.Crossings, r.Account)
	p.entities(r)
	p.Statements = statements.list
	return p
}

func facts(s *Summary) []fact {
	var out []fact
	if s.Score != nil {
		out = append(out, fact{fmt.Sprintf("%.0f", *s.Score), "of 100 is the account's least-privilege score"})
	}
	if s.Administrators > 0 {
		out = append(out, fact{fmt.Sprint(s.Administrators), words(s.Administrators, "is administrator", "are administrators")})
	}
	if s.CanBecome > 0 {
		out = append(out, fact{fmt.Sprint(s.CanBecome), "can become administrator"})
	}
	return out
}

func words(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func kindCounts(findings []risk.Finding) []counted {
	n := map[string]int{}
	for i := range findings {
		n[findings[i].Entity.Kind]++
	}
	var out []counted
	for _, kind := range kinds() {
		if n[kind] > 0 {
			out = append(out, counted{kind, n[kind]})
		}
	}
	return out
}

// categoryView is a category with a bar of its findings by severity.
type categoryView struct {
	ID, Title string
	N         int
	Bars      []barView
}

// barView is a part of a bar, in thousandths of the longest one.
type barView struct {
	Name string
	X, W int
}

func categoryViews(findings []risk.Finding) []categoryView {
	counts := map[risk.Category]*[risk.SeverityCount]int{}
	longest := 1
	for i := range findings {
		c := counts[findings[i].Category]
		if c == nil {
			c = new([risk.SeverityCount]int)
			counts[findings[i].Category] = c
		}
		c[findings[i].Severity]++
		longest = max(longest, total(c))
	}
	var out []categoryView
	for _, category := range risk.Categories() {
		c := counts[category]
		if c == nil {
			continue
		}
		v := categoryView{ID: string(category), Title: sentenceCase(string(category)), N: total(c)}
		x := 0
		for s := risk.SeverityCount - 1; s >= 0; s-- {
			if c[s] > 0 {
				width := max(4, c[s]*1000/longest)
				v.Bars = append(v.Bars, barView{risk.Severity(s).String(), x, width})
				x += width
			}
		}
		out = append(out, v)
	}
	return out
}

func total(c *[risk.SeverityCount]int) (n int) {
	for _, v := range c {
		n += v
	}
	return n
}
