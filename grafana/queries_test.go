package grafana_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/leastwise/leastwise/grafana/grafanatest"
	"github.com/leastwise/leastwise/internal/engine"
	"github.com/leastwise/leastwise/internal/engine/enginetest"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

// month ends a day after the fixture does.
func month(accounts ...string) grafanatest.View {
	return grafanatest.View{From: lastDay().AddDate(0, 0, -29), To: lastDay().AddDate(0, 0, 1), Accounts: accounts}
}

// ask runs the dashboards as the reader, and returns the rows of each panel as
// text.
func ask(t *testing.T, db *enginetest.Database, view grafanatest.View) map[string][]string {
	t.Helper()
	tables, err := grafanatest.Run(t.Context(), db.Connect(t, engine.Reader), view)
	if err != nil {
		t.Fatal(err)
	}
	text := make(map[string][]string)
	for _, table := range tables {
		text[table.Panel] = []string{}
		for _, row := range table.Rows {
			cells := make([]string, len(row))
			for i, value := range row {
				cells[i] = fmt.Sprint(value)
				if at, ok := value.(time.Time); ok {
					cells[i] = at.UTC().Format("01-02T15:04")
				}
			}
			text[table.Panel] = append(text[table.Panel], strings.Join(cells, " | "))
		}
	}
	return text
}

// series are the panels with a row a day, and how the fixture's days begin and
// end in them, over all accounts.
func series() map[string][2]string {
	return map[string][2]string{
		// Accounts, principals, users, roles, policies, admins. On the last day,
		// beta counts with its run of the day before.
		"Totals":                     {"03-22T00:00 | 2 | 7 | 3 | 4 | 1 | 3", "03-31T00:00 | 2 | 8 | 3 | 5 | 1 | 3"},
		"Hygiene":                    {"03-22T00:00 | 4 | 2 | 2 | 2", "03-31T00:00 | 5 | 2 | 2 | 2"},
		"Principals by access level": {"03-22T00:00 | 1 | 0 | 1 | 1 | 1 | 3", "03-31T00:00 | 1 | 1 | 1 | 1 | 1 | 3"},
		"Principals by risk":         {"03-22T00:00 | 3 | 2 | 1 | 2 | 1", "03-31T00:00 | 3 | 2 | 1 | 2 | 1"},
		"Findings by severity":       {"03-22T00:00 | 0 | 10 | 0 | 0 | 2", "03-31T00:00 | 0 | 11 | 0 | 0 | 2"},
		"Runs by status":             {"03-22T00:00 | 2 | 0 | 0 | 0", "03-31T00:00 | 1 | 1 | 1 | 0"},
	}
}

// lists are the other panels, over all accounts.
func lists() map[string][]string {
	return map[string][]string{
		"$account": {
			"333333333333 | 333333333333",
			"111111111111 | Alpha (111111111111)",
			"222222222222 | Beta (222222222222)",
		},
		"Top accounts by privileged principals": {
			"111111111111 | Alpha | 5 | 2 | 0.4 | 1 | 2",
			"222222222222 | Beta | 3 | 2 | 0.6666666666666666 | 2 | 0",
		},
		"Last use of granted services": {"0 to 7 days | 2 | 1", "31 to 90 days | 1 | 1", "never | 2 | 2"},
		"Ways to administrator": {
			"111111111111 | user/AIDAALPHA1 | 1 | sts-assume-role | user/AIDAALPHA2 | ",
			"222222222222 | user/AIDABETA1 | 1 | sts-assume-role | role/AROABETA1 | ",
		},
		"Runs that are not complete": {
			"03-31T06:00 | 222222222222 | partial | received counts differ from expected counts",
			"03-31T06:00 | 333333333333 | failed | the role cannot be assumed",
		},
		"Parts that could not be read": {"sts:AssumeRole | access_denied | not authorized | 3 | 1 | 03-31T06:00"},
		"Dead letters":                 {"03-31T00:00 | process | 2", "03-31T00:00 | sink | 1"},
		"Latest dead letters": {
			"03-31T06:00 | sink | ENRICHED | 4 | iam.enriched.1.role.222222222222.AROABETA2 | 8 | invalid role event",
			"03-31T06:00 | process | RAW | 7 | iam.raw.3.user.111111111111.AIDAALPHA1 | 1 | invalid user event",
			"03-31T06:00 | process | RAW | 9 | iam.raw.1.role.222222222222.AROABETA2 | 1 | invalid role event",
		},
	}
}

func TestPanelsShowTheFixture(t *testing.T) {
	t.Parallel()
	db := warehouse(t)
	t.Run("all accounts", func(t *testing.T) {
		t.Parallel()
		got := ask(t, db, month())
		for panel, want := range lists() {
			if diff := cmp.Diff(want, got[panel]); diff != "" {
				t.Errorf("%s (-want +got):\n%s", panel, diff)
			}
		}
		for panel, ends := range series() {
			rows := got[panel]
			if len(rows) != daysRun || rows[0] != ends[0] || rows[len(rows)-1] != ends[1] {
				t.Errorf("%s has %d rows, want %d from %q to %q:\n%s", panel, len(rows), daysRun, ends[0], ends[1], strings.Join(rows, "\n"))
			}
		}
		if len(got) != len(lists())+len(series()) {
			t.Errorf("%d panels and variables were asked, %d are expected", len(got), len(lists())+len(series()))
		}
	})
	t.Run("one account", func(t *testing.T) {
		t.Parallel()
		got := ask(t, db, month(beta))
		want := map[string][]string{
			"Top accounts by privileged principals": {"222222222222 | Beta | 3 | 2 | 0.6666666666666666 | 2 | 0"},
			"Last use of granted services":          {},
			"Parts that could not be read":          {},
			"Ways to administrator":                 lists()["Ways to administrator"][1:],
			"Runs that are not complete":            lists()["Runs that are not complete"][:1],
			"Dead letters":                          {"03-31T00:00 | process | 1", "03-31T00:00 | sink | 1"},
			"$account":                              lists()["$account"],
		}
		for panel, rows := range want {
			if diff := cmp.Diff(rows, got[panel]); diff != "" {
				t.Errorf("%s (-want +got):\n%s", panel, diff)
			}
		}
		if last := got["Totals"][daysRun-1]; last != "03-31T00:00 | 1 | 3 | 1 | 2 | 0 | 2" {
			t.Errorf("Totals ends with %q", last)
		}
	})
	t.Run("a range that ends in between", func(t *testing.T) {
		t.Parallel()
		view := month()
		view.To = lastDay().AddDate(0, 0, -5)
		got := ask(t, db, view)
		if rows := got["Totals"]; len(rows) != daysRun-5 || rows[len(rows)-1] != "03-26T00:00 | 2 | 7 | 3 | 4 | 1 | 3" {
			t.Errorf("Totals shows\n%s", strings.Join(rows, "\n"))
		}
		if rows := got["Runs that are not complete"]; len(rows) != 0 {
			t.Errorf("runs after the range: %v", rows)
		}
	})
}

// An account that is not collected any more counts for a week, and not longer.
func TestAccountsCountForAWeek(t *testing.T) {
	t.Parallel()
	db := migrated(t)
	f := fixture{t: t, conn: db.Connect(t, engine.Writer)}
	first := lastDay().AddDate(0, 0, -9)
	f.run(alpha, "Alpha", first, daysRun, alphaSees(), nil)
	f.run(beta, "Beta", first, daysRun, betaSees(), nil)
	f.run(beta, "Beta", lastDay(), daysRun, betaSees(), nil)
	got := ask(t, db, month())["Totals"]
	var accounts []string
	for _, row := range got {
		cells := strings.Split(row, " | ")
		accounts = append(accounts, cells[0][:5]+": "+cells[1])
	}
	want := []string{"03-22: 2", "03-23: 2", "03-24: 2", "03-25: 2", "03-26: 2", "03-27: 2", "03-28: 2", "03-31: 1"}
	if diff := cmp.Diff(want, accounts); diff != "" {
		t.Errorf("accounts by day (-want +got):\n%s", diff)
	}
}

// Nobody closes the last run of an account that has left the organization while its
// collector died.
func TestARunThatNobodyClosedIsShownAsFailed(t *testing.T) {
	t.Parallel()
	db := migrated(t)
	f := fixture{t: t, conn: db.Connect(t, engine.Writer)}
	f.openRun(alpha, lastDay(), time.Now().Add(-47*time.Hour))
	f.openRun(beta, lastDay(), time.Now().Add(-49*time.Hour))
	got := ask(t, db, month())
	for panel, want := range map[string][]string{
		"Runs by status": {"03-31T00:00 | 0 | 0 | 1 | 1"},
		"Runs that are not complete": {
			"03-31T06:00 | 111111111111 | running | ",
			"03-31T06:00 | 222222222222 | failed | the collector never closed this run",
		},
	} {
		if diff := cmp.Diff(want, got[panel]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", panel, diff)
		}
	}
}

func TestPanelsOfAnEmptyWarehouseAreEmpty(t *testing.T) {
	t.Parallel()
	db := migrated(t)
	for panel, rows := range ask(t, db, month()) {
		if len(rows) > 0 {
			t.Errorf("%s: %v", panel, rows)
		}
	}
}
