package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/leastwise/leastwise/internal/count"
	"github.com/leastwise/leastwise/schemas/event"
)

// text writes the summary for people.
func (s *summary) text(out io.Writer) error {
	w := new(bytes.Buffer)
	heading := func(format string, args ...any) {
		title := fmt.Sprintf(format, args...)
		fmt.Fprintf(w, "\n%s\n%s\n", title, strings.Repeat("─", len([]rune(title))))
	}
	heading("%s, %s: %s complete, %d partial, %d failed, %d running; %d judged",
		count.Of(s.Accounts, "account", "accounts"), count.Of(s.Days, "day", "days"), count.Of(s.Runs.Complete, "run", "runs"),
		s.Runs.Partial, s.Runs.Failed, s.Runs.Running, s.Judged)
	fmt.Fprintln(w, "events\texpected\tstored\tnow")
	for _, kind := range event.CountedKinds() {
		k := string(kind)
		now := ""
		if n, ok := s.Entities[k]; ok {
			now = fmt.Sprint(n)
		}
		fmt.Fprintf(w, "  %s\t%d\t%d\t%s\n", k, s.Expected[k], s.Stored[k], now)
	}
	fmt.Fprintf(w, "  last-accessed rows\t\t%d\t\n", s.LastAccessed)
	for _, f := range s.failures {
		fmt.Fprintf(w, "  %s %s %s: %s\n", f.day, f.account, f.status, printable(f.reason))
	}
	heading("Principals by highest access level")
	for _, l := range s.levels {
		fmt.Fprintf(w, "  %s\t%d\t%s\n", l.level, l.principals, strings.Repeat("█", bar(l.principals, s.principals())))
	}
	heading("The ten most privileged principals, by actions on every resource")
	fmt.Fprintln(w, "  account\tprincipal\tadmin\tservices\tpermissions mgmt\twrite\tall")
	for _, p := range s.top {
		admin := ""
		if p.admin {
			admin = "admin"
		}
		fmt.Fprintf(w, "  %s\t%s %s\t%s\t%d\t%d\t%d\t%d\n", p.account, p.kind, printable(p.name), admin, p.services, p.permissions, p.writes, p.actions)
	}
	s.riskSummary.text(w, heading)
	heading("A least-privilege policy, asked for on iam.policy.write")
	if err := writeTable(out, w.Bytes()); err != nil {
		return err
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, s.Policy, "  ", "  "); err != nil {
		return fmt.Errorf("indent policy: %w", err)
	}
	_, err := fmt.Fprintf(out, "  %s\n", indented.Bytes())
	return err
}

func (s *summary) principals() (n int64) {
	for _, l := range s.levels {
		n += l.principals
	}
	return n
}

// bar is the length of a bar for n of total, of at most 40 cells.
func bar(n, total int64) int {
	if total == 0 {
		return 0
	}
	return int((n*40 + total - 1) / total)
}

// printable keeps what a name may hold, control characters and marks that turn
// the direction of writing among them, from steering a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
}
