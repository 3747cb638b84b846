package clickhouse

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/leastwise/leastwise/schemas/event"
)

// tallyColumns are those of tallyOf.
const tallyColumns = `users, groups, roles, customer_policies, aws_policies, principals, principals_none, principals_list, principals_read,
	principals_tagging, principals_write, principals_permissions_management, admins, principals_privilege_escalation, principals_credentials,
	principals_data, roles_public_or_cross_account_trust, roles_unused_90_days, users_without_mfa`

// compareViews compares every view with the fold of a history.
func (r *rig) compareViews(h *history) {
	r.Helper()
	now := h.current()
	judged := h.judgedRuns(func(*pass) bool { return true })
	middle := on(3, "02:30:00")
	for _, view := range []struct {
		query string
		want  []string
	}{
		{"SELECT concat(toString((account, run_id, status, reason)), ' ', toString(received)) AS v FROM run_status", h.runStatus()},
		{"SELECT toString((account, run_id, observed_at)) AS v FROM latest_runs", latestRuns(now)},
		{"SELECT toString((account, kind, entity_id, version, name, access_level, run_id, observed_at, last_used_at, attachments)) AS v FROM entities_current", entities(now)},
		{"SELECT toString((account, kind, entity_id, version, name, access_level, run_id, observed_at, last_used_at, attachments)) AS v FROM entities_as_of(at = '" + middle.Format("2006-01-02 15:04:05") + "')",
			entities(h.latest(func(p *pass) bool { return !p.opened.ObservedAt.After(middle) }))},
		{"SELECT toString((account, kind, entity_id, version, service, list_bound, run_id)) AS v FROM grants_current", grants(now)},
		{"SELECT toString((account, entity_id, version, principal, is_known_account, run_id)) AS v FROM trusts_current", h.trustsOf(now)},
		{"SELECT toString((account, user_id, user, mfa_active, run_id)) AS v FROM credentials_current", credentialsOf(now)},
		{"SELECT toString((account, name, run_id)) AS v FROM accounts_current", accountsOf(now)},
		{"SELECT toString((account, kind, entity_id, service, action, last_accessed_at, first_seen_at, last_seen_at)) AS v FROM last_accessed_current", h.accessed()},
		{"SELECT toString((account, run_id, is_judged)) AS v FROM run_status", h.runsJudged()},
		{"SELECT toString((account, run_id, observed_at)) AS v FROM latest_judged_runs", latestRuns(judged)},
		{"SELECT toString((account, kind, entity_id, finding_id, version, name, rule, severity, run_id)) AS v FROM findings_current", findingsOf(judged)},
		{"SELECT toString((account, kind, entity_id, finding_id, version, name, rule, severity, run_id)) AS v FROM findings_as_of(at = '" + middle.Format("2006-01-02 15:04:05") + "')",
			findingsOf(h.judgedRuns(func(p *pass) bool { return !p.opened.ObservedAt.After(middle) }))},
		{"SELECT toString((account, kind, entity_id, finding_id, episode, first_day, last_day, days, is_resolved, resolved_day, version)) AS v FROM finding_episodes", h.episodes()},
		{"SELECT toString((account, kind, entity_id, name, score, critical, high, low, unused_services, steps_to_admin, run_id)) AS v FROM scores_current", scoresOf(judged)},
		{"SELECT toString((account, entity_id, service, list_bound, last_accessed_at, first_seen_at, run_id)) AS v FROM unused_permissions_current", h.unusedNow()},
		{"SELECT toString((account, entity_id, source, target, length, run_id)) AS v FROM escalation_paths_current", pathsOf(judged)},
		{"SELECT toString((account, day, run_id, score, critical, high, medium, low, info, excluded, principals, escalating)) AS v FROM account_risk_daily", h.accountRiskDaily()},
		{"SELECT toString((day, accounts, round(score, 3), critical + high + medium + low + info, principals, escalating)) AS v FROM organization_risk_daily", h.organizationRiskDaily()},
		{"SELECT toString((account, day, run_id, " + tallyColumns + ", root_without_mfa, active_access_keys)) AS v FROM account_daily", h.accountDaily()},
		{"SELECT toString((day, accounts, accounts_incomplete, " + tallyColumns + ", roots_without_mfa, active_access_keys)) AS v FROM organization_daily", h.organizationDaily()},
	} {
		var got []string
		for _, line := range r.lines("%s", view.query) {
			var row struct{ V string }
			if err := json.Unmarshal([]byte(line), &row); err != nil {
				r.Fatal(err)
			}
			got = append(got, row.V)
		}
		slices.Sort(got)
		slices.Sort(view.want)
		if diff := cmp.Diff(view.want, got); diff != "" {
			r.Errorf("%s (-want +got):\n%s", view.query, diff)
		}
	}
}

// Whatever order events come in, and however often, the views say what an
// independent fold of them says: before runs are sealed, after, and when the seals
// are thrown away.
func TestViewsAgreeWithAFoldOfTheEvents(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			r, h := newRig(t), newHistory(seed, 4, 6)
			r.exec("SYSTEM STOP VIEW %s.tallies_seal", r.db.Name)
			r.exec("SYSTEM STOP VIEW %s.judgement_seals_seal", r.db.Name)
			r.publish(h.messages(t, seed)...)
			r.drain()
			r.compareViews(h)
			r.seal()
			if got, want := r.value("SELECT count() FROM tallies FINAL"), fmt.Sprint(h.sealable()); got != want {
				t.Errorf("%s runs sealed, want %s", got, want)
			}
			if got, want := r.value("SELECT count() FROM judgement_seals FINAL"), fmt.Sprint(h.sealedJudgements()); got != want {
				t.Errorf("%s judgements of runs sealed, want %s", got, want)
			}
			r.compareViews(h)
			r.exec("TRUNCATE TABLE %s.tallies", r.db.Name)
			r.exec("TRUNCATE TABLE %s.judgement_seals", r.db.Name)
			r.compareViews(h)
		})
	}
}

// seal has the runs sealed now.
func (r *rig) seal() {
	r.Helper()
	for _, view := range []string{"tallies_seal", "judgement_seals_seal"} {
		for _, command := range []string{"START", "REFRESH", "WAIT"} {
			r.exec("SYSTEM %s VIEW %s.%s", command, r.db.Name, view)
		}
	}
}

// A run is judged by what has arrived so far, sealed or not: the last event makes
// it complete, and a run that says later that it expected more is partial again.
func TestAVerdictFollowsWhatArrives(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	user := event.EnrichedUser{
		User: event.User{
			Common:   event.Common{Run: "run-1", Account: testAccount, ID: "AIDA1", ObservedAt: on(2, "03:00:00")},
			Identity: event.Identity{Name: "ann", ARN: "arn:aws:iam::123456789012:user/ann"},
		},
		Enrichment: event.Enrichment{Version: "00000000000000a1", Catalog: "0.21", CatalogDate: on(1, "00:00:00")},
	}
	run := event.Run{
		Common: event.Common{Run: "run-1", Account: testAccount, ID: "run-1", ObservedAt: on(2, "03:00:00")},
		Phase:  event.PhaseOpened, Status: event.RunRunning, StartedAt: time.Now(), Source: event.SourceAWS,
	}
	steps := []struct {
		kind event.Kind
		id   string
		v    func() any
		want string
	}{
		{event.KindRun, "run-1", func() any { return run }, "('running','')"},
		{event.KindRun, "run-1", func() any {
			run.Phase, run.Status, run.EndedAt = event.PhaseClosed, event.RunComplete, run.StartedAt.Add(time.Minute)
			run.Expected = map[event.Kind]int64{event.KindUser: 2, event.KindRole: 0}
			return run
		}, "('partial','received counts differ from expected counts')"},
		{event.KindUser, "AIDA1", func() any { return user }, "('partial','received counts differ from expected counts')"},
		{event.KindUser, "AIDA2", func() any { user.ID = "AIDA2"; return user }, "('complete','')"},
		{event.KindUser, "AIDA2", func() any { return user }, "('complete','')"},
		{event.KindRun, "run-1", func() any { run.Expected = map[event.Kind]int64{event.KindUser: 3}; return run }, "('partial','received counts differ from expected counts')"},
		{event.KindUser, "AIDA3", func() any { user.ID = "AIDA3"; return user }, "('complete','')"},
	}
	for i, step := range steps {
		r.publish(message(t, step.kind, testAccount, step.id, step.v()))
		r.drain()
		for _, when := range []string{"before", "after"} {
			if got := r.value("SELECT (status, reason) FROM run_status"); got != step.want {
				t.Errorf("step %d, %s sealing: %s, want %s", i, when, got, step.want)
			}
			r.seal()
		}
	}
}

// The last run of an account that has left its organization has failed two days after
// it began. Its end, when it comes all the same, makes it complete, in whatever order
// and however often the run's events come.
func TestARunThatNobodyClosesFails(t *testing.T) {
	t.Parallel()
	const running, failed, complete = "('running','')", "('failed','the collector never closed this run')", "('complete','')"
	for name, test := range map[string]struct {
		began time.Duration // before now
		open  string        // the verdict before the end comes
	}{
		"began 47 hours ago": {47 * time.Hour, running},
		"began 49 hours ago": {49 * time.Hour, failed},
		"began a year ago":   {365 * 24 * time.Hour, failed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			common := event.Common{Run: "run-1", Account: testAccount, ID: "run-1", ObservedAt: on(2, "03:00:00")}
			opened := event.Run{Common: common, Phase: event.PhaseOpened, Status: event.RunRunning, StartedAt: time.Now().Add(-test.began), Source: event.SourceAWS}
			closed := opened
			closed.Phase, closed.Status, closed.EndedAt = event.PhaseClosed, event.RunComplete, time.Now()
			closed.Expected = map[event.Kind]int64{event.KindAccount: 1}
			account := event.Account{Common: common, Name: "shop", Partition: "aws"}
			account.ID = testAccount
			for i, step := range []struct {
				kind event.Kind
				v    any
				want string
			}{
				{event.KindRun, opened, test.open},
				{event.KindAccount, account, test.open},
				{event.KindRun, closed, complete},
				{event.KindRun, opened, complete},
			} {
				r.publish(message(t, step.kind, testAccount, "run-1", step.v))
				r.drain()
				if got := r.value("SELECT (status, reason) FROM run_status"); got != step.want {
					t.Errorf("step %d: %s, want %s", i, got, step.want)
				}
			}
			if got := r.value("SELECT (account, name) FROM accounts_current"); got != "('"+testAccount+"','shop')" {
				t.Errorf("the account of the run that is complete again: %s", got)
			}
		})
	}
}
