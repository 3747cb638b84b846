package report

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/leastwise/leastwise/catalog/risk"
)

// PolicyRow is one policy document with the actions that its findings name, by
// category.
type PolicyRow struct {
	Account, Name, File string
	Findings, Excluded  int
	Actions             map[risk.Category][]string // sorted
}

// Policies returns a row for each document that was judged, in the order of the
// entities; nil for a report of other things than files.
func (r *Report) Policies() []PolicyRow {
	if !r.Files {
		return nil
	}
	var rows []PolicyRow
	at := map[risk.Entity]int{}
	for i := range r.Entities {
		e := &r.Entities[i]
		at[e.Entity] = len(rows)
		rows = append(rows, PolicyRow{Account: e.Account, Name: e.Name, File: e.ID, Excluded: e.Excluded, Actions: map[risk.Category][]string{}})
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		n, ok := at[f.Entity]
		if !ok {
			continue
		}
		rows[n].Findings++
		rows[n].Actions[f.Category] = append(rows[n].Actions[f.Category], f.Actions...)
	}
	for _, row := range rows {
		for category, actions := range row.Actions {
			slices.Sort(actions)
			row.Actions[category] = slices.Compact(actions)
		}
	}
	return rows
}

// documentCategories are the categories that a document alone can have, those of
// policy_sentry's reports first and in its order.
func documentCategories() []risk.Category {
	return []risk.Category{
		risk.CategoryResourceExposure, risk.CategoryPrivilegeEscalation, risk.CategoryNetworkExposure, risk.CategoryCredentialsExposure,
		risk.CategoryFullAdministrator, risk.CategoryDataExfiltration, risk.CategoryDataAccess,
		risk.CategoryInfrastructureModification, risk.CategoryServiceWildcard, risk.CategoryTrust,
	}
}

// MarshalJSON writes the row as policy_sentry's reports have it: each category is
// a list of actions under its name with underscores.
func (p PolicyRow) MarshalJSON() ([]byte, error) {
	row := map[string]any{"policy_name": p.Name, "file": p.File, "findings": p.Findings}
	if p.Account != "" {
		row["account_id"] = p.Account
	}
	if p.Excluded > 0 {
		row["excluded"] = p.Excluded
	}
	for _, category := range slices.Sorted(maps.Keys(p.Actions)) {
		row[strings.ReplaceAll(string(category), "-", "_")] = p.Actions[category]
	}
	return json.Marshal(row)
}
