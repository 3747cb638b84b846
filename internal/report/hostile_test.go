package report_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/leastwise/leastwise/catalog/risk"
	"github.com/leastwise/leastwise/internal/report"
)

// payloads are texts that an attacker can put into names, Sids, documents and
// files, each of which some place of some format would take for more than text.
func payloads() []string {
	return []string{
		`<script>alert(1)</script>`, `</script><script>alert(1)</script>`, `<img src=x onerror=alert(1)>`, `"><svg/onload=alert(1)>`,
		`' onmouseover='alert(1)`, "` onmouseover=`alert(1)", `javascript:alert(1)`, `</style><script>alert(1)</script>`, `</title><script>alert(1)</script>`,
		`<!-- <script> `, `--><script>alert(1)</script>`, `{{.CSS}}`, `&lt;script&gt;`, "line\nbreak\r\nand\ttab", "\x1b[31mred\x1b]0;title\x07", "right\u202Eto left",
		`=cmd|' /C calc'!A0`, `+1+1`, `-1+1`, `@SUM(1)`, "\t=1+1", `[click](javascript:alert(1))`, `![x](http://evil.example/p.png)`, `| a | b |`,
		"```", `# heading`, `1. one`, `https://evil.example/`, `www.evil.example`, "\xff\xfe not UTF-8", strings.Repeat("long", 2000), "",
	}
}

// hostile is a report in which everything that data can reach is a payload.
func hostile() *report.Report {
	r := &report.Report{Title: payloads()[0], Account: account, Files: true, Catalog: payloads()[1], Tool: payloads()[2], Documents: map[string][]byte{}, Titles: map[string]string{}}
	for i, x := range payloads() {
		hash := fmt.Sprintf("%064x", i)
		statement, _ := json.Marshal(map[string]any{"Sid": x, "Effect": "Allow", "Action": x, "Resource": []string{x}, "Condition": map[string]any{x: map[string]any{x: x}}})
		r.Documents[hash] = fmt.Appendf(nil, `{"Statement":[%s,{"Broken":%q`, statement, x)
		if i%2 == 0 {
			r.Documents[hash] = fmt.Appendf(nil, `{"Statement":[%s]}`, statement)
		}
		e := risk.Entity{Account: x, Kind: x, ID: x, Name: x, Path: x, ARN: x}
		r.Titles[x] = x
		r.Add(risk.Judgement{
			Entity: e, ServiceLinked: i%2 == 0, Excluded: i,
			Findings: []risk.Finding{{
				Rule: x, Category: risk.Category(x), Severity: risk.Severity(i % risk.SeverityCount), Title: x, Entity: e, Actions: []string{x}, ActionCount: 2, Scope: x,
				Evidence: []risk.Evidence{{Document: hash, Policy: x, Source: x, Group: x, SID: x, Effect: x, Actions: []string{x}, Scope: x, Resources: []string{x},
					NotResources: []string{x}, Conditions: []risk.Condition{{Operator: x, Key: x, Values: []string{x}}}, Grade: x, Note: x}},
				Target: &risk.Target{Needs: x, Resolved: true, Candidates: []string{x}, Count: 1}, Includes: []string{x}, KnownTo: []string{x},
				Reason: x, Remedy: x, Discriminator: x,
			}},
			Unused: []risk.UnusedService{{Service: x, Tags: []string{x}}},
			Paths: []risk.Path{{From: x, To: x, Steps: []risk.Step{
				{From: x, To: "arn:aws:iam::1:role/" + x, Method: x, Actions: []string{x}, Note: x, Conditional: true}, {From: x, To: x, Method: x},
			}}},
			Crossings: []risk.Crossing{{Principal: x, Patterns: []string{x}}},
		})
		r.Gaps = append(r.Gaps, report.Gap{What: x, Why: x, Count: 2})
	}
	r.Sort()
	return r
}

// written is a report in a format.
func written(t *testing.T, r *report.Report, write func(*report.Report, io.Writer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(r, &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// elements lists what a page has of elements, and of attributes by element.
func elements(t *testing.T, page string) (names map[string]int, attributes map[string]int, nodes []*html.Node) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	names, attributes = map[string]int{}, map[string]int{}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		nodes = append(nodes, n)
		names[n.Data]++
		for _, a := range n.Attr {
			attributes[n.Data+" "+a.Key]++
		}
	}
	return names, attributes, nodes
}

// attribute is a node's attribute.
func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func TestNothingOfTheDataIsMarkup(t *testing.T) {
	t.Parallel()
	names, attributes, nodes := elements(t, written(t, hostile(), (*report.Report).HTML))
	known := strings.Fields(`html head meta title style body header div p button span h1 nav a main section b svg rect h2 details summary
		ul li code form label input select option output figure figcaption pre table thead tbody tr th td dl dt dd bdi footer script time`)
	for name := range names {
		if !slices.Contains(known, name) {
			t.Errorf("there is a <%s>", name)
		}
	}
	if names["script"] != 1 || names["style"] != 1 || names["title"] != 1 {
		t.Errorf("%d scripts, %d styles, %d titles", names["script"], names["style"], names["title"])
	}
	plain := strings.Fields(`charset http-equiv content name lang class id type title data-severity data-category data-kind data-total data-statement data-v
		aria-pressed aria-label aria-live aria-hidden focusable viewbox viewBox preserveAspectRatio x y width height href hidden open scope role placeholder
		autocomplete spellcheck value tabindex`)
	for which := range attributes {
		if _, key, _ := strings.Cut(which, " "); !slices.Contains(plain, key) {
			t.Errorf("there is an attribute %s", which)
		}
	}
	for _, n := range nodes {
		if href := attribute(n, "href"); href != "" && !strings.HasPrefix(href, "#") {
			t.Errorf("a link leads to %q", href)
		}
	}
}

func TestWhatIsHostileIsShownAsItIs(t *testing.T) {
	t.Parallel()
	root, err := html.Parse(strings.NewReader(written(t, hostile(), (*report.Report).HTML)))
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for n := range root.Descendants() {
		if n.Type == html.TextNode {
			text.WriteString(n.Data)
		}
	}
	for _, x := range payloads() {
		lines := strings.FieldsFunc(x, func(r rune) bool { return r == '\n' || r == '\t' })
		for _, line := range lines {
			if shown := strings.ReplaceAll(report.Printable(line), "\uFFFD", "?"); !strings.Contains(text.String(), shown) {
				t.Errorf("%q is not to be read", line)
			}
		}
	}
	if strings.ContainsAny(text.String(), "\u202E\x1b\x07") {
		t.Error("the page holds marks that steer")
	}
}

func TestThePolicyOfThePageAllowsItsOwnScriptAndStyleOnly(t *testing.T) {
	t.Parallel()
	_, _, nodes := elements(t, written(t, judged(), (*report.Report).HTML))
	policy := ""
	hashes := map[string]string{}
	for _, n := range nodes {
		switch n.Data {
		case "meta":
			if attribute(n, "http-equiv") == "Content-Security-Policy" {
				policy = attribute(n, "content")
			}
		case "style", "script":
			sum := sha256.Sum256([]byte(n.FirstChild.Data))
			hashes[n.Data] = "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
		}
	}
	want := fmt.Sprintf("default-src 'none'; style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'", hashes["style"], hashes["script"])
	if policy != want || len(hashes) != 2 {
		t.Errorf("the policy is %q, want %q", policy, want)
	}
}

func TestNoCellIsAFormula(t *testing.T) {
	t.Parallel()
	for _, write := range []func(*report.Report, io.Writer) error{(*report.Report).FindingsCSV, (*report.Report).PoliciesCSV} {
		rows, err := csv.NewReader(strings.NewReader(written(t, hostile(), write))).ReadAll()
		if err != nil || len(rows) < 8 {
			t.Fatalf("%d rows: %v", len(rows), err)
		}
		for _, row := range rows {
			for _, cell := range row {
				if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
					t.Errorf("a cell begins a formula: %q", cell)
				}
			}
		}
	}
}

func TestTextDoesNotSteerATerminal(t *testing.T) {
	t.Parallel()
	text := written(t, hostile(), func(r *report.Report, w io.Writer) error { return r.Text(w, report.TextOptions{}) })
	if strings.ContainsAny(text, "\x1b\x07\r\t\u202E") {
		t.Errorf("a control character is in %q", text)
	}
	if strings.Contains(text, " \n") {
		t.Errorf("a line ends in a space in %q", text)
	}
	colored := written(t, judged(), func(r *report.Report, w io.Writer) error { return r.Text(w, report.TextOptions{Color: true}) })
	if !strings.Contains(colored, "\x1b[1;37;41mCRITICAL\x1b[0m") {
		t.Errorf("no color: %q", colored)
	}
}

func TestMarkdownHoldsNoHTMLAndNoLink(t *testing.T) {
	t.Parallel()
	text := written(t, hostile(), (*report.Report).Markdown)
	for _, bad := range []string{"<script", "<img", "<svg", "\nbreak", "://evil", "www.evil", "\n# heading", "\n1. one", "\n```"} {
		if strings.Contains(text, bad) {
			t.Errorf("%q is in it", bad)
		}
	}
	if n := strings.Count(text, "](") - strings.Count(text, `\](`); n != 0 {
		t.Errorf("%d links are in it", n)
	}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "| ") && strings.Count(line, "|")-strings.Count(line, `\|`) > 14 {
			t.Errorf("a cell has a border of its own: %s", line)
		}
	}
}

func TestJSONKeepsWhatIsHostile(t *testing.T) {
	t.Parallel()
	var v struct {
		Findings []struct {
			Rule     string
			Actions  []string
			Evidence []struct{ SID string }
		}
	}
	if err := json.Unmarshal([]byte(written(t, hostile(), (*report.Report).JSON)), &v); err != nil {
		t.Fatal(err)
	}
	for _, x := range payloads() {
		x = strings.ToValidUTF8(x, "\uFFFD\uFFFD")
		found := false
		for _, f := range v.Findings {
			found = found || f.Rule == x && f.Actions[0] == x
		}
		if !found {
			t.Errorf("%q is not there", x)
		}
	}
}
