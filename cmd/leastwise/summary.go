package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/leastwise/leastwise/schemas/event"
	"github.com/leastwise/leastwise/sinks/clickhouse"
)

// summary is what a demo has to show: all that the warehouse holds, of every
// demo on its data directory.
type summary struct {
	Accounts int64 `json:"accounts"`
	// Days with at least one run.
	Days int64     `json:"days"`
	Runs runCounts `json:"runs"`
	// Expected and Stored count events by kind, over all runs: what the
	// collectors published, and what the warehouse has.
	Expected map[string]int64 `json:"expected"`
	Stored   map[string]int64 `json:"stored"`
	// Entities are those of the latest complete run of each account, by kind.
	Entities map[string]int64 `json:"entities"`
	// LastAccessed is the number of rows of last-accessed data.
	LastAccessed int64           `json:"last_accessed"`
	Policy       json.RawMessage `json:"policy"`
	riskSummary

	levels []levelCount
	top    []privileged
	// failures are the runs that did not arrive whole.
	failures []failure
	// ours are the runs since the demo began: those of a demo that was stopped
	// halfway stay in the history, and are not this one's fault.
	ours runCounts
	// unjudged are those of ours that have not failed and were not judged.
	unjudged int64
}

type runCounts struct {
	Complete int64 `json:"complete"`
	Partial  int64 `json:"partial"`
	Failed   int64 `json:"failed"`
	// Running are those that are not closed, and began within the last two days.
	Running int64 `json:"running"`
}

// levelCount is the number of principals whose highest access level it is.
type levelCount struct {
	level      string
	principals int64
}

// privileged is a principal and what it may do on every resource.
type privileged struct {
	account, kind, name, level             string
	admin                                  bool
	services, permissions, writes, actions int64
}

type failure struct{ account, day, status, reason string }

// whole reports whether every run of this demo arrived whole and was judged.
func (s *summary) whole() bool {
	return s.unjudged == 0 && s.ours.Partial == 0 && s.ours.Failed == 0 && s.ours.Running == 0 && s.ours.Complete > 0
}

// print writes the summary as text or json.
func (s *summary) print(out io.Writer, format string) error {
	if format == "text" {
		return s.text(out)
	}
	line, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("encode summary: %w", err)
	}
	_, err = fmt.Fprintf(out, "%s\n", line)
	return err
}

// summarize asks the warehouse, as the read-only user, for a demo that began at
// began.
func summarize(ctx context.Context, dsn string, began time.Time) (*summary, error) {
	conn, err := clickhouse.Open(ctx, dsn)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	s := &summary{Expected: map[string]int64{}, Stored: map[string]int64{}, Entities: map[string]int64{}}
	for _, kind := range event.CountedKinds() {
		s.Expected[string(kind)], s.Stored[string(kind)] = 0, 0
	}
	for _, ask := range []func(context.Context, driver.Conn) error{
		s.askRuns, func(ctx context.Context, conn driver.Conn) error { return s.askOurs(ctx, conn, began) }, s.askEvents, s.askFailures, s.askEntities, s.askLevels, s.askTop, s.ask,
	} {
		if err := ask(ctx, conn); err != nil {
			return nil, fmt.Errorf("summarize: %w", err)
		}
	}
	return s, nil
}

func (s *summary) askRuns(ctx context.Context, conn driver.Conn) error {
	row := conn.QueryRow(ctx, `SELECT toInt64(uniqExact(account)), toInt64(uniqExact(day)), toInt64(countIf(status = 'complete')),
		toInt64(countIf(status = 'partial')), toInt64(countIf(status = 'failed')), toInt64(countIf(status = 'running')) FROM run_status`)
	if err := row.Scan(&s.Accounts, &s.Days, &s.Runs.Complete, &s.Runs.Partial, &s.Runs.Failed, &s.Runs.Running); err != nil {
		return err
	}
	return conn.QueryRow(ctx, `SELECT toInt64(count()) FROM last_accessed FINAL`).Scan(&s.LastAccessed)
}

func (s *summary) askOurs(ctx context.Context, conn driver.Conn, began time.Time) error {
	return conn.QueryRow(ctx, `SELECT toInt64(countIf(status = 'complete')), toInt64(countIf(status = 'partial')),
		toInt64(countIf(status = 'failed')), toInt64(countIf(status = 'running')), toInt64(countIf(status IN ('complete', 'partial') AND NOT is_judged))
		FROM run_status WHERE started_at >= toDateTime(?)`, began.Unix()).
		Scan(&s.ours.Complete, &s.ours.Partial, &s.ours.Failed, &s.ours.Running, &s.unjudged)
}

func (s *summary) askEvents(ctx context.Context, conn driver.Conn) error {
	for column, into := range map[string]map[string]int64{"expected": s.Expected, "received": s.Stored} {
		query := fmt.Sprintf(`SELECT k, toInt64(sum(n)) FROM run_status
			ARRAY JOIN mapKeys(%[1]s) AS k, mapValues(%[1]s) AS n GROUP BY k`, column)
		if err := countsBy(ctx, conn, query, into); err != nil {
			return err
		}
	}
	return nil
}

func (s *summary) askFailures(ctx context.Context, conn driver.Conn) error {
	return each(ctx, conn, `SELECT account, toString(day), status,
			multiIf(status = 'complete', 'it was not judged', status = 'running', 'it was not closed yet', reason) FROM run_status
		WHERE status != 'complete' OR NOT is_judged ORDER BY day, account LIMIT 20`,
		func(row driver.Rows) error {
			var f failure
			err := row.Scan(&f.account, &f.day, &f.status, &f.reason)
			s.failures = append(s.failures, f)
			return err
		})
}

func (s *summary) askEntities(ctx context.Context, conn driver.Conn) error {
	return countsBy(ctx, conn, `SELECT toString(kind), toInt64(count()) FROM entities_current GROUP BY kind`, s.Entities)
}

func (s *summary) askLevels(ctx context.Context, conn driver.Conn) error {
	return each(ctx, conn, `SELECT toString(access_level), toInt64(count()) FROM entities_current
		WHERE kind IN ('user', 'role') GROUP BY access_level ORDER BY access_level DESC`,
		func(row driver.Rows) error {
			var l levelCount
			err := row.Scan(&l.level, &l.principals)
			s.levels = append(s.levels, l)
			return err
		})
}

// askTop ranks principals by what they may do on every resource: administrators
// first, then by permissions management actions, then by writing ones, then by
// all.
func (s *summary) askTop(ctx context.Context, conn driver.Conn) error {
	return each(ctx, conn, `SELECT e.account, toString(e.kind), e.name, toString(e.access_level), has(e.risk_tags, 'admin') AS admin,
			toInt64(uniqExactIf(g.service, g.service != '')) AS services,
			toInt64(sum(g.permissions_management_unbound)) AS permissions,
			toInt64(sum(g.write_unbound) + sum(g.tagging_unbound)) AS writes,
			permissions + writes + toInt64(sum(g.read_unbound) + sum(g.list_unbound)) AS actions
		FROM entities_current AS e
		LEFT JOIN grants_current AS g ON g.account = e.account AND g.kind = e.kind AND g.entity_id = e.entity_id
		WHERE e.kind IN ('user', 'role')
		GROUP BY e.account, e.kind, e.entity_id, e.name, e.access_level, e.risk_tags
		ORDER BY admin DESC, permissions DESC, writes DESC, actions DESC, e.account, e.name LIMIT 10`,
		func(row driver.Rows) error {
			var p privileged
			err := row.Scan(&p.account, &p.kind, &p.name, &p.level, &p.admin, &p.services, &p.permissions, &p.writes, &p.actions)
			s.top = append(s.top, p)
			return err
		})
}

// countsBy fills into from a query of names and numbers.
func countsBy(ctx context.Context, conn driver.Conn, query string, into map[string]int64) error {
	return each(ctx, conn, query, func(row driver.Rows) error {
		var name string
		var n int64
		err := row.Scan(&name, &n)
		into[name] = n
		return err
	})
}

// each calls do for every row of a query.
func each(ctx context.Context, conn driver.Conn, query string, do func(driver.Rows) error) error {
	rows, err := conn.Query(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := do(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
