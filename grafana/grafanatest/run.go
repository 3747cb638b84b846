package grafanatest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Table is what the query of one panel or variable returns.
type Table struct {
	// Dashboard and Panel are titles; for a variable, Panel is "$" and its name.
	Dashboard, Panel string
	Columns          []string
	// Types are ClickHouse's, one for each column.
	Types []string
	Rows  [][]any
}

// Run asks every query of every dashboard over a view, variables first, in the
// order in which the dashboards show them. It returns what all of them returned,
// and an error for each that ClickHouse refuses, or that lacks a column which
// its panel's configuration names.
func Run(ctx context.Context, conn driver.Conn, view View) ([]Table, error) {
	dashboards, err := Dashboards()
	if err != nil {
		return nil, err
	}
	var tables []Table
	var errs []error
	run := func(t Table, sql string, check func(Table) error) {
		t, err := query(ctx, conn, view, t, sql)
		if err == nil {
			tables = append(tables, t)
			err = check(t)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("query %s of dashboard %s: %w", t.Panel, t.Dashboard, err))
		}
	}
	for _, d := range dashboards {
		for _, v := range d.Templating.List {
			run(Table{Dashboard: d.Title, Panel: "$" + v.Name}, v.Query, checkVariable)
		}
		for _, p := range d.Panels {
			for _, target := range p.Targets {
				run(Table{Dashboard: d.Title, Panel: p.Title}, target.RawSQL, func(t Table) error { return check(p, target, t) })
			}
		}
	}
	return tables, errors.Join(errs...)
}

// query fills t.
func query(ctx context.Context, conn driver.Conn, view View, t Table, sql string) (Table, error) {
	sql, err := view.expand(sql)
	if err != nil {
		return t, err
	}
	rows, err := conn.Query(ctx, sql)
	if err != nil {
		return t, err
	}
	defer rows.Close()
	t.Columns = rows.Columns()
	for _, c := range rows.ColumnTypes() {
		t.Types = append(t.Types, c.DatabaseTypeName())
	}
	for rows.Next() {
		row := make([]any, len(t.Columns))
		for i, c := range rows.ColumnTypes() {
			row[i] = reflect.New(c.ScanType()).Interface()
		}
		if err := rows.Scan(row...); err != nil {
			return t, err
		}
		for i := range row {
			row[i] = reflect.ValueOf(row[i]).Elem().Interface()
		}
		t.Rows = append(t.Rows, row)
	}
	return t, rows.Err()
}

// checkVariable wants a value and a label for each choice.
func checkVariable(t Table) error {
	if len(t.Columns) != 2 {
		return fmt.Errorf("it returns %d columns, not a value and a label", len(t.Columns))
	}
	return nil
}

// check holds a panel's configuration against what its query returns.
func check(p Panel, target Target, t Table) error {
	for _, name := range p.columns() {
		if !slices.Contains(t.Columns, name) {
			return fmt.Errorf("the panel configures the column %q, and the query returns %q", name, t.Columns)
		}
	}
	if target.Format == FormatTimeSeries && (t.Columns[0] != "time" || !strings.HasPrefix(t.Types[0], "Date")) {
		return fmt.Errorf("the first column of a time series is %s %s, not a time", t.Columns[0], t.Types[0])
	}
	for i, typ := range t.Types {
		if strings.HasPrefix(typ, "Array") || strings.HasPrefix(typ, "Map") || strings.HasPrefix(typ, "Tuple") {
			return fmt.Errorf("the column %s is %s, which Grafana shows as text", t.Columns[i], typ)
		}
	}
	return nil
}
