package grafanatest

import (
	"strings"
	"testing"
	"time"
)

func TestExpand(t *testing.T) {
	t.Parallel()
	all := View{From: time.Unix(1_700_000_000, 0), To: time.Unix(1_700_086_400, 0)}
	two := all
	two.Accounts = []string{"111111111111", "it's"}
	for name, tt := range map[string]struct {
		view      View
		sql, want string
	}{
		"time":                   {all, "$__timeFilter(at)", "at >= toDateTime(1700000000) AND at <= toDateTime(1700086400)"},
		"date":                   {all, "$__dateFilter(day)", "day >= toDate('2023-11-14') AND day <= toDate('2023-11-15')"},
		"bounds":                 {all, "toDate($__fromTime) - 6, $__toTime", "toDate(toDateTime(1700000000)) - 6, toDateTime(1700086400)"},
		"all accounts":           {all, "a AND $__conditionalAll(x IN (${account:singlequote}), $account)", "a AND 1=1"},
		"some accounts":          {two, "$__conditionalAll(x IN (${account:singlequote}), $account)", `x IN ('111111111111','it\'s')`},
		"commas in parentheses":  {two, "$__conditionalAll(f(a, g(b, c)), $account) OR d", "f(a, g(b, c)) OR d"},
		"several conditions":     {all, "$__conditionalAll(a, $account) $__conditionalAll(b, $account)", "1=1 1=1"},
		"a macro in a condition": {two, "$__conditionalAll($__dateFilter(d), $account)", "d >= toDate('2023-11-14') AND d <= toDate('2023-11-15')"},
		"nothing to expand":      {all, "SELECT 1", "SELECT 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := tt.view.expand(tt.sql); err != nil || got != tt.want {
				t.Errorf("expand(%q) = %q, %v, want %q", tt.sql, got, err, tt.want)
			}
		})
	}
}

func TestExpandRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	for sql, fault := range map[string]string{
		"$__timeInterval(at)":               "$__timeInterval",
		"$__timeFilter":                     "takes a column",
		"$__fromTime(at)":                   "takes a column",
		"$region":                           `"$region"`,
		"${account:csv}":                    `"${account:csv}"`,
		"$__conditionalAll(a, $region)":     "a condition and $account",
		"$__conditionalAll(a)":              "a condition and $account",
		"$__conditionalAll(a, b, $account)": "a condition and $account",
		"$__conditionalAll(a, $account":     "a condition and $account",
	} {
		if got, err := (View{}).expand(sql); err == nil || !strings.Contains(err.Error(), fault) {
			t.Errorf("expand(%q) = %q, %v, want an error with %q", sql, got, err, fault)
		}
	}
}
