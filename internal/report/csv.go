package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// PoliciesCSV writes a row for each document, with the number of actions in each
// category. The first six columns are those of policy_sentry's report.
func (r *Report) PoliciesCSV(w io.Writer) error {
	out := table{csv.NewWriter(w)}
	categories := documentCategories()
	cells := append(make([]string, 0, len(categories)+5), "Account ID", "Policy Name")
	for _, c := range categories {
		cells = append(cells, headline(string(c)))
	}
	out.row(append(cells, "Findings", "Excluded", "File"))
	for _, p := range r.Policies() {
		cells = append(cells[:0], p.Account, p.Name)
		for _, c := range categories {
			cells = append(cells, strconv.Itoa(len(p.Actions[c])))
		}
		out.row(append(cells, strconv.Itoa(p.Findings), strconv.Itoa(p.Excluded), p.File))
	}
	return out.end()
}

// FindingsCSV writes a row for each finding. Lists have semicolons in them.
func (r *Report) FindingsCSV(w io.Writer) error {
	out := table{csv.NewWriter(w)}
	out.row([]string{
		"severity", "category", "rule", "title", "account", "kind", "name", "arn", "file", "actions", "action_count", "scope",
		"conditional", "partly_denied", "statements", "reason", "remedy", "key",
	})
	for i := range r.Findings {
		f := &r.Findings[i]
		file := ""
		if r.Files {
			file = f.Entity.ID
		}
		out.row([]string{
			f.Severity.String(), string(f.Category), f.Rule, title(f), f.Entity.Account, f.Entity.Kind, f.Entity.Name, f.Entity.ARN, file,
			strings.Join(f.Actions, ";"), strconv.Itoa(actionCount(f)), f.Scope,
			strconv.FormatBool(f.Conditional), strconv.FormatBool(f.PartlyDenied), strings.Join(places(f.Evidence), ";"), f.Reason, f.Remedy, f.Key(),
		})
	}
	return out.end()
}

// table writes rows whose cells are no formulas.
type table struct{ *csv.Writer }

func (t table) row(cells []string) {
	for i := range cells {
		cells[i] = harmless(cells[i])
	}
	_ = t.Write(cells) // the writer keeps its first error
}

func (t table) end() error {
	t.Flush()
	if err := t.Error(); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}

// harmless keeps spreadsheets from taking a cell for a formula: a name may begin
// with "=", "+", "-" or "@", as IAM has it. An apostrophe before it makes it text.
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
