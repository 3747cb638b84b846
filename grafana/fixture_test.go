package grafana_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"go.uber.org/zap"

	"github.com/leastwise/leastwise/internal/engine"
	"github.com/leastwise/leastwise/internal/engine/enginetest"
	"github.com/leastwise/leastwise/sinks/clickhouse"
)

// The accounts of the fixture: one that is well, one whose last run is short of
// a role, one that nobody could read.
const (
	alpha   = "111111111111"
	beta    = "222222222222"
	locked  = "333333333333"
	daysRun = 10
)

// lastDay is the last day of the fixture.
func lastDay() time.Time { return time.Date(2026, 3, 31, 6, 0, 0, 0, time.UTC) }

// seen is an entity that an account's runs see from a day on, counted from the
// fixture's first.
type seen struct {
	kind, id, level, tags, owner string
	from                         int
}

func alphaSees() []seen {
	return []seen{
		{kind: "user", id: "AIDAALPHA1", level: "Permissions management", tags: "'admin','privilege-escalation','credentials','data'"},
		{kind: "user", id: "AIDAALPHA2", level: "Read", tags: "'data'"},
		{kind: "role", id: "AROAALPHA1", level: "Write", tags: "'privilege-escalation'"},
		{kind: "role", id: "AROAALPHA2", level: "None"},
		{kind: "role", id: "AROAALPHA3", level: "List", from: 7},
		{kind: "group", id: "AGPAALPHA1", level: "Read"},
		{kind: "policy", id: "ANPAALPHA1", level: "Read", owner: "customer"},
		{kind: "policy", id: "ANPAALPHA2", level: "Read", owner: "aws"},
	}
}

func betaSees() []seen {
	return []seen{
		{kind: "user", id: "AIDABETA1", level: "Tagging"},
		{kind: "role", id: "AROABETA1", level: "Permissions management", tags: "'admin'"},
		{kind: "role", id: "AROABETA2", level: "Permissions management", tags: "'admin','public-or-cross-account-trust'"},
	}
}

// warehouse returns a migrated database with the fixture in it.
func warehouse(t *testing.T) *enginetest.Database {
	t.Helper()
	db := migrated(t)
	f := fixture{t: t, conn: db.Connect(t, engine.Writer)}
	for day := range daysRun {
		at := lastDay().AddDate(0, 0, day-daysRun+1)
		f.run(alpha, "Alpha", at, day, alphaSees(), nil)
		var lost []string
		if day == daysRun-1 {
			lost = []string{"AROABETA2"}
		}
		f.run(beta, "Beta", at, day, betaSees(), lost)
	}
	f.failedRun(locked, lastDay())
	f.lastAccess()
	f.deadLetters()
	return db
}

// migrated returns a database with the schema and nothing in it.
func migrated(t *testing.T) *enginetest.Database {
	t.Helper()
	db := enginetest.ClickHouse(t)
	if err := clickhouse.Migrate(t.Context(), db.DSN(engine.Admin), zap.NewNop()); err != nil {
		t.Fatal(err)
	}
	return db
}

// fixture writes rows as the sink does: each of them twice.
type fixture struct {
	t    *testing.T
	conn driver.Conn
}

func (f fixture) insert(table, columns string, rows ...string) {
	f.t.Helper()
	sql := fmt.Sprintf("INSERT INTO %s (%s) VALUES %s", table, columns, strings.Join(rows, ","))
	for range 2 {
		if err := f.conn.Exec(f.t.Context(), sql); err != nil {
			f.t.Fatalf("%s: %v", sql, err)
		}
	}
}

// run writes a run of a day that saw what was there by then, but for what got
// lost on the way.
func (f fixture) run(account, name string, at time.Time, day int, entities []seen, lost []string) {
	id := fmt.Sprintf("%s-%s-1", at.Format("20060102T150405Z"), account)
	when, date := at.Format(time.DateTime), at.Format(time.DateOnly)
	expected := map[string]int{"account": 1, "credential": 2}
	observed := []string{
		fmt.Sprintf("('%s','account','%s','%s','%s','%s','','','None',[],NULL,'ok')", account, account, date, id, when),
		fmt.Sprintf("('%s','credential','root','%s','%s','%s','','','None',[],NULL,'ok')", account, date, id, when),
		fmt.Sprintf("('%s','credential','%s','%s','%s','%s','','','None',[],NULL,'ok')", account, entities[0].id, date, id, when),
	}
	for _, e := range entities {
		if e.from > day {
			continue
		}
		expected[e.kind]++
		if slices.Contains(lost, e.id) {
			continue
		}
		observed = append(observed, fmt.Sprintf("('%s','%s','%s','%s','%s','%s','v1','%s','%s',[%s],'%s','')",
			account, e.kind, e.id, date, id, when, e.owner, e.level, e.tags, at.AddDate(0, 0, -100).Format(time.DateTime)))
	}
	f.insert("observations", "account, kind, entity_id, day, run_id, observed_at, version, owner, access_level, risk_tags, last_used_at, state", observed...)
	var counts []string
	for kind, n := range expected {
		counts = append(counts, fmt.Sprintf("'%s',%d", kind, n))
	}
	f.insert("runs", "account, day, run_id, observed_at, closed, collector_status, source, started_at, ended_at, expected",
		fmt.Sprintf("('%s','%s','%s','%s',true,'complete','aws','%s','%s',map(%s))", account, date, id, when, when, when, strings.Join(counts, ",")))
	f.judge(account, id, at, day, entities)
	f.insert("accounts", "account, day, run_id, observed_at, name, partition",
		fmt.Sprintf("('%s','%s','%s','%s','%s','aws')", account, date, id, when, name))
	f.insert("credentials", "account, user_id, day, run_id, observed_at, user, password_enabled, mfa_active, access_keys.slot, access_keys.active, access_keys.rotated_at, access_keys.last_used_at, access_keys.last_used_region, access_keys.last_used_service",
		fmt.Sprintf("('%s','root','%s','%s','%s','<root_account>',false,false,[],[],[],[],[],[])", account, date, id, when),
		fmt.Sprintf("('%s','%s','%s','%s','%s','user',true,false,[1,2],[true,false],[NULL,NULL],[NULL,NULL],['',''],['',''])", account, entities[0].id, date, id, when))
}

// judge writes the judgements of a run: a finding of low severity for each entity,
// and for the account a critical one and a way from its first entity to the second.
func (f fixture) judge(account, run string, at time.Time, day int, entities []seen) {
	head := fmt.Sprintf("'%s','%s','%s','judge'", at.Format(time.DateOnly), run, at.Format(time.DateTime))
	scores := []string{fmt.Sprintf("(%s,'%s','account','%s',1,0)", head, account, account)}
	for _, e := range entities {
		if e.from <= day {
			scores = append(scores, fmt.Sprintf("(%s,'%s','%s','%s',0,1)", head, account, e.kind, e.id))
		}
	}
	f.insert("scores", "day, run_id, observed_at, judge, account, kind, entity_id, critical, low", scores...)
	f.insert("judgements", "day, run_id, observed_at, judge, account, judgements, critical, low, judged_at, catalog_date",
		fmt.Sprintf("(%s,'%s',%d,1,%d,now(),now())", head, account, len(scores), len(scores)-1))
	arn := func(e seen) string { return "arn:aws:iam::" + account + ":" + e.kind + "/" + e.id }
	from, to := arn(entities[0]), arn(entities[1])
	f.insert("escalation_paths", "day, run_id, observed_at, judge, account, kind, entity_id, source, target, length, steps.from, steps.to, steps.method, steps.actions, steps.evidence, steps.is_conditional, steps.note",
		fmt.Sprintf("(%s,'%s','%s','%s','%s','%s',1,['%s'],['%s'],['sts-assume-role'],[[]],[''],[false],[''])", head, account, entities[0].kind, entities[0].id, from, to, from, to),
		fmt.Sprintf("(%s,'%s','%s','%s','%s','%s',0,[],[],[],[],[],[],[])", head, account, entities[1].kind, entities[1].id, to, to))
}

// failedRun writes a run that IAM turned away.
func (f fixture) failedRun(account string, at time.Time) {
	id := fmt.Sprintf("%s-%s-1", at.Format("20060102T150405Z"), account)
	when, date := at.Format(time.DateTime), at.Format(time.DateOnly)
	f.insert("runs", "account, day, run_id, observed_at, closed, collector_status, source, started_at, ended_at, reason, problems.part, problems.state, problems.reason, problems.count",
		fmt.Sprintf("('%s','%s','%s','%s',true,'failed','aws','%s','%s','the role cannot be assumed',['sts:AssumeRole'],['access_denied'],['not authorized'],[3])",
			account, date, id, when, when, when))
}

// openRun writes a run whose end has not come.
func (f fixture) openRun(account string, at, began time.Time) {
	id := fmt.Sprintf("%s-%s-1", at.Format("20060102T150405Z"), account)
	f.insert("runs", "account, day, run_id, observed_at, closed, collector_status, source, started_at",
		fmt.Sprintf("('%s','%s','%s','%s',false,'running','aws','%s')",
			account, at.Format(time.DateOnly), id, at.Format(time.DateTime), began.UTC().Format(time.DateTime)))
}

// lastAccess writes a report on two entities, as of the last day.
func (f fixture) lastAccess() {
	last := lastDay()
	var rows []string
	for _, r := range []struct {
		account, kind, id, service string
		days                       int
	}{
		{alpha, "user", "AIDAALPHA1", "s3", 3}, {alpha, "user", "AIDAALPHA1", "iam", 3}, {alpha, "user", "AIDAALPHA1", "ec2", -1},
		{alpha, "role", "AROAALPHA1", "s3", 45}, {alpha, "role", "AROAALPHA1", "kms", -1},
		{alpha, "policy", "ANPAALPHA1", "s3", 3},
	} {
		at := time.Unix(0, 0).UTC()
		if r.days >= 0 {
			at = last.AddDate(0, 0, -r.days)
		}
		rows = append(rows, fmt.Sprintf("('%s','%s','%s','%s','','%s','%s','%s')",
			r.account, r.kind, r.id, r.service, at.Format(time.DateTime), last.AddDate(0, 0, -1).Format(time.DateTime), last.Format(time.DateTime)))
	}
	f.insert("last_accessed", "account, kind, entity_id, service, action, last_accessed_at, first_seen_at, last_seen_at", rows...)
}

func (f fixture) deadLetters() {
	at := lastDay().Format(time.DateTime)
	f.insert("dead_letters", "stage, stream, sequence, died_at, subject, reason, deliveries",
		fmt.Sprintf("('process','RAW',7,'%s','iam.raw.3.user.%s.AIDAALPHA1','invalid user event',1)", at, alpha),
		fmt.Sprintf("('process','RAW',9,'%s','iam.raw.1.role.%s.AROABETA2','invalid role event',1)", at, beta),
		fmt.Sprintf("('sink','ENRICHED',4,'%s','iam.enriched.1.role.%s.AROABETA2','invalid role event',8)", at, beta))
}
