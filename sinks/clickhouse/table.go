package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// table is one table's rows of a flush.
type table interface {
	name() string
	count() int
	// insert sends the rows as one block and returns once ClickHouse has stored
	// them. Rows that a column cannot take make a refusedError.
	insert(ctx context.Context, conn driver.Conn) error
}

// column says how one column's values are read from rows of type R: a pointer, or a
// few of them.
type column[R any] struct {
	name string
	// values returns a slice with a value for each row.
	values func(rows []R) any
}

// col makes a column of values of type V.
func col[R, V any](name string, value func(r R) V) column[R] {
	return column[R]{name: name, values: func(rows []R) any {
		out := make([]V, len(rows))
		for i, r := range rows {
			out[i] = value(r)
		}
		return out
	}}
}

// tableOf is a table of rows of type R.
type tableOf[R any] struct {
	table   string
	columns func() []column[R]
	rows    []R
}

func (t tableOf[R]) name() string { return t.table }
func (t tableOf[R]) count() int   { return len(t.rows) }

func (t tableOf[R]) insert(ctx context.Context, conn driver.Conn) error {
	columns := t.columns()
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = identifier(c.name)
	}
	query := fmt.Sprintf("INSERT INTO %s (%s)", t.table, strings.Join(names, ", "))
	batch, err := conn.PrepareBatch(insertContext(ctx), query)
	if err != nil {
		return err
	}
	for i, c := range columns {
		if err := batch.Column(i).Append(c.values(t.rows)); err != nil {
			return errors.Join(&refusedError{table: t.table, cause: fmt.Errorf("column %s: %w", c.name, err)}, batch.Close())
		}
	}
	return batch.Send()
}

// insertContext sets what inserts rely on: an insert that returns is stored (not
// only queued), and one that spans many months is taken.
func insertContext(ctx context.Context) context.Context {
	return clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{
		"async_insert":                    0,
		"max_partitions_per_insert_block": 0,
	}))
}
