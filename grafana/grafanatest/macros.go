package grafanatest

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// View is what a user looks at.
type View struct {
	// From and To are the time range; both ends belong to it.
	From, To time.Time
	// Accounts are the values chosen for the variable $account; none means All.
	Accounts []string
}

// expand turns a query into what reaches ClickHouse. The macros are those of
// grafana-clickhouse-datasource 4.
func (v View) expand(sql string) (string, error) {
	sql, err := v.conditions(sql)
	if err != nil {
		return "", err
	}
	sql = strings.ReplaceAll(sql, "${account:singlequote}", quoteAll(v.Accounts))
	var errs []error
	sql = regexp.MustCompile(`\$__(\w+)(?:\(([^()]*)\))?`).ReplaceAllStringFunc(sql, func(macro string) string {
		name, argument, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(macro, "$__"), ")"), "(")
		text, err := v.macro(name, strings.TrimSpace(argument))
		errs = append(errs, err)
		return text
	})
	if rest := strings.IndexByte(sql, '$'); rest >= 0 {
		errs = append(errs, fmt.Errorf("expand %.30q: not a macro or variable that is known here", sql[rest:]))
	}
	return sql, errors.Join(errs...)
}

// macro expands what the plugin's backend does.
func (v View) macro(name, column string) (string, error) {
	second := func(t time.Time) string { return fmt.Sprintf("toDateTime(%d)", t.Unix()) }
	day := func(t time.Time) string { return t.UTC().Format("toDate('2006-01-02')") }
	between := func(bound func(time.Time) string) string {
		return fmt.Sprintf("%s >= %s AND %s <= %s", column, bound(v.From), column, bound(v.To))
	}
	takesColumn := name == "timeFilter" || name == "dateFilter"
	if takesColumn != (column != "") {
		return "", fmt.Errorf("expand $__%s: takes a column: %v", name, takesColumn)
	}
	switch name {
	case "fromTime":
		return second(v.From), nil
	case "toTime":
		return second(v.To), nil
	case "timeFilter":
		return between(second), nil
	case "dateFilter":
		return between(day), nil
	}
	return "", fmt.Errorf("expand $__%s: not a macro that is known here", name)
}

// conditions expands $__conditionalAll(condition, $variable), which the plugin's
// frontend does: the condition, or nothing where the variable is All.
func (v View) conditions(sql string) (string, error) {
	const open = "$__conditionalAll("
	for {
		start := strings.LastIndex(sql, open)
		if start < 0 {
			return sql, nil
		}
		args, length := arguments(sql[start+len(open):])
		if len(args) != 2 || strings.TrimSpace(args[1]) != "$account" {
			return "", fmt.Errorf("expand %.40q: takes a condition and $account", sql[start:])
		}
		condition := args[0]
		if len(v.Accounts) == 0 {
			condition = "1=1"
		}
		sql = sql[:start] + condition + sql[start+len(open)+length:]
	}
}

// arguments splits what follows an opening parenthesis at commas that are in no
// further parentheses, and returns its length with the closing one.
func arguments(s string) (args []string, length int) {
	depth, from := 0, 0
	for i, c := range s {
		switch {
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		case c == ')':
			return append(args, s[from:i]), i + 1
		case c == ',' && depth == 0:
			args = append(args, s[from:i])
			from = i + 1
		}
	}
	return nil, 0
}

func quoteAll(values []string) string {
	quoted := make([]string, len(values))
	for i, value := range values {
		quoted[i] = "'" + strings.ReplaceAll(value, "'", `\'`) + "'"
	}
	return strings.Join(quoted, ",")
}
