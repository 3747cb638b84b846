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
	header := []string{"Account ID", "Policy Name"}
	for _, c := range documentCategories() {
		header = append(header, headline(string(c)))
	}
	rows := [][]string{append(header, "Findings", "Excluded", "File")}
	for _, p := range r.Policies() {
		row := []string{p.Account, p.Name}
		for _, c := range documentCategories() {
			row = append(row, strconv.Itoa(len(p.Actions[c])))
		}
		rows = append(rows, append(row, strconv.Itoa(p.Findings), strconv.Itoa(p.Excluded), p.File))
	}
	return writeCSV(w, rows)
}

// FindingsCSV writes a row for each finding. Lists have semicolons in them.
func (r *Report) FindingsCSV(w io.Writer) error {
	rows := [][]string{{
		"severity", "category", "rule", "title", "account", "kind", "name", "arn", "file", "actions", "action_count", "scope",
		"conditional", "partly_denied", "statements", "reason", "remedy", "key",
	}}
	for i := range r.Findings {
		f := &r.Findings[i]
		file := ""
		if r.Files {
			file = f.Entity.ID
		}
		rows = append(rows, []string{
			f.Severity.String(), string(f.Category), f.Rule, title(f), f.Entity.Account, f.Entity.Kind, f.Entity.Name, f.Entity.ARN, file,
			strings.Join(f.Actions, ";"), strconv.Itoa(actionCount(f)), f.Scope,
			strconv.FormatBool(f.Conditional), strconv.FormatBool(f.PartlyDenied), strings.Join(places(f.Evidence), ";"), f.Reason, f.Remedy, f.Key(),
		})
	}
	return writeCSV(w, rows)
}

func writeCSV(w io.Writer, rows [][]string) error {
	out := csv.NewWriter(w)
	for _, row := range rows {
		for i := range row {
			row[i] = harmless(row[i])
		}
		if err := out.Write(row); err != nil {
			return fmt.Errorf("write CSV: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
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
