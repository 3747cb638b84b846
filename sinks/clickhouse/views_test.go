package clickhouse

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tallyColumns are those of tallyOf.
const tallyColumns = `users, groups, roles, customer_policies, aws_policies, principals, principals_none, principals_list, principals_read,
	principals_tagging, principals_write, principals_permissions_management, admins, principals_privilege_escalation, principals_credentials,
	principals_data, roles_public_or_cross_account_trust, roles_unused_90_days, users_without_mfa`

// compareViews compares every view with the fold of a history.
func (r *rig) compareViews(h *history) {
	r.Helper()
	now := h.current()
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
		{"SELECT toString((account, entity_id, version, principal, run_id)) AS v FROM trusts_current", trustsOf(now)},
		{"SELECT toString((account, user_id, user, mfa_active, run_id)) AS v FROM credentials_current", credentialsOf(now)},
		{"SELECT toString((account, name, run_id)) AS v FROM accounts_current", accountsOf(now)},
		{"SELECT toString((account, kind, entity_id, service, action, last_accessed_at, first_seen_at, last_seen_at)) AS v FROM last_accessed_current", h.accessed()},
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
			r.publish(h.messages(t, seed)...)
			r.drain()
			r.compareViews(h)
			r.seal()
			r.compareViews(h)
			r.exec("TRUNCATE TABLE %s.tallies", r.db.Name)
			r.compareViews(h)
		})
	}
}

// seal has the runs sealed now.
func (r *rig) seal() {
	r.Helper()
	r.exec("SYSTEM START VIEW %s.tallies_seal", r.db.Name)
	r.exec("SYSTEM REFRESH VIEW %s.tallies_seal", r.db.Name)
	r.exec("SYSTEM WAIT VIEW %s.tallies_seal", r.db.Name)
}
