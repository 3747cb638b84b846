package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/leastwise/leastwise/internal/count"
	"github.com/leastwise/leastwise/schemas/event"
)

// riskSummary is what the risk rules say, of the latest judged run of each account.
type riskSummary struct {
	// Judged is the number of runs that were judged whole.
	Judged int64 `json:"judged"`
	// Findings counts findings by severity.
	Findings map[string]int64 `json:"findings"`
	// Paths are the shortest ways to administrator of users and roles that are not
	// administrators, and of principals outside the account; the shortest first, those
	// without conditions before the others.
	Paths []wayToAdmin `json:"paths"`
}

// wayToAdmin is a way on which a principal becomes administrator.
type wayToAdmin struct {
	Account string `json:"account"`
	// From and To are ARNs; From may be outside the account.
	From        string        `json:"from"`
	To          string        `json:"to"`
	Conditional bool          `json:"conditional"`
	Steps       []stepToAdmin `json:"steps"`
}

// stepToAdmin says how one principal becomes another.
type stepToAdmin struct {
	From   string `json:"from"`
	To     string `json:"to"`
	Method string `json:"method"`
}

// mostPaths bounds the paths of a summary: nobody reads more.
const mostPaths = 10_000

func (s *riskSummary) ask(ctx context.Context, conn driver.Conn) error {
	s.Findings, s.Paths = map[string]int64{}, []wayToAdmin{}
	for _, severity := range event.Severities() {
		s.Findings[severity] = 0
	}
	if err := conn.QueryRow(ctx, `SELECT toInt64(countIf(is_judged)) FROM run_status`).Scan(&s.Judged); err != nil {
		return err
	}
	if err := countsBy(ctx, conn, `SELECT toString(severity), toInt64(count()) FROM findings_current GROUP BY severity`, s.Findings); err != nil {
		return err
	}
	return each(ctx, conn, fmt.Sprintf("SELECT account, source, target, is_conditional, `steps.from`, `steps.to`, `steps.method`"+`
		FROM escalation_paths_current WHERE length > 0
		ORDER BY length, is_conditional, kind = 'account', account, source LIMIT %d`, mostPaths),
		func(row driver.Rows) error {
			var w wayToAdmin
			var from, to, method []string
			if err := row.Scan(&w.Account, &w.From, &w.To, &w.Conditional, &from, &to, &method); err != nil {
				return err
			}
			for i := range from {
				w.Steps = append(w.Steps, stepToAdmin{From: from[i], To: to[i], Method: method[i]})
			}
			s.Paths = append(s.Paths, w)
			return nil
		})
}

// shownPaths is the number of paths in a summary for people.
const shownPaths = 10

// text writes the part for people: a table of severities, and the first paths.
func (s *riskSummary) text(w io.Writer, heading func(format string, args ...any)) {
	var total int64
	for _, n := range s.Findings {
		total += n
	}
	heading("Findings by severity")
	for _, severity := range slices.Backward(event.Severities()) {
		fmt.Fprintf(w, "  %s\t%d\t%s\n", severity, s.Findings[severity], strings.Repeat("█", bar(s.Findings[severity], total)))
	}
	if len(s.Paths) == 0 {
		return
	}
	heading("Ways to administrator: %s, the first %d", count.Of(len(s.Paths), "principal", "principals"), min(shownPaths, len(s.Paths)))
	for _, p := range s.Paths[:min(shownPaths, len(s.Paths))] {
		way := shortARN(p.From)
		var methods []string
		for _, step := range p.Steps {
			if step.To != step.From {
				way += " → " + shortARN(step.To)
			}
			methods = append(methods, step.Method)
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\n", p.Account, printable(way), printable(strings.Join(methods, ", ")))
	}
}

// shortARN is the last part of an ARN, "role/admin"; anything else as it is.
func shortARN(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" {
		return arn
	}
	return parts[5]
}
