package grafanatest

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestCheckHoldsPanelsAgainstTheirQueries(t *testing.T) {
	t.Parallel()
	configured := func(config string) Panel {
		var p Panel
		if err := json.Unmarshal([]byte(config), &p); err != nil {
			t.Fatal(err)
		}
		return p
	}
	override := `{"fieldConfig": {"overrides": [{"matcher": {"id": "byName", "options": "Users"}}]}}`
	for name, tt := range map[string]struct {
		panel  string
		target Target
		table  Table
		fault  string
	}{
		"an override that fits":       {override, Target{Format: FormatTable}, Table{Columns: []string{"Users"}, Types: []string{"UInt64"}}, ""},
		"an override of no column":    {override, Target{Format: FormatTable}, Table{Columns: []string{"users"}, Types: []string{"UInt64"}}, `"Users"`},
		"an override by another rule": {`{"fieldConfig": {"overrides": [{"matcher": {"id": "byType", "options": "number"}}]}}`, Target{}, Table{Columns: []string{"time"}, Types: []string{"Date"}}, ""},
		"sorted by no column":         {`{"options": {"sortBy": [{"displayName": "Share"}]}}`, Target{Format: FormatTable}, Table{Columns: []string{"a"}, Types: []string{"String"}}, `"Share"`},
		"bars along no column":        {`{"options": {"xField": "Age"}}`, Target{Format: FormatTable}, Table{Columns: []string{"a"}, Types: []string{"String"}}, `"Age"`},
		"a series without a time":     {`{}`, Target{Format: FormatTimeSeries}, Table{Columns: []string{"time"}, Types: []string{"String"}}, "not a time"},
		"a series without its column": {`{}`, Target{Format: FormatTimeSeries}, Table{Columns: []string{"day"}, Types: []string{"Date"}}, "not a time"},
		"a list in a cell":            {`{}`, Target{Format: FormatTable}, Table{Columns: []string{"tags"}, Types: []string{"Array(String)"}}, "shows as text"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := check(configured(tt.panel), tt.target, tt.table)
			if (err == nil) != (tt.fault == "") || err != nil && !strings.Contains(err.Error(), tt.fault) {
				t.Errorf("check: %v, want %q", err, tt.fault)
			}
		})
	}
}

func TestVariablesNeedAValueAndALabel(t *testing.T) {
	t.Parallel()
	if checkVariable(Table{Columns: []string{"account", "label"}}) != nil || checkVariable(Table{Columns: []string{"account"}}) == nil {
		t.Error("checkVariable does not count columns")
	}
}
