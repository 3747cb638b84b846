package risk

import (
	"fmt"
	"slices"
	"time"

	"github.com/leastwise/leastwise/catalog/policy"
)

// report adds a finding of each rule that names a check, and returns those, unless
// the entity is excluded.
func (a *Account) report(j *Judgement, check, discriminator string, evidence ...Evidence) []*Finding {
	first := len(j.Findings)
	for _, rule := range a.engine.rules.Checking(check) {
		if _, excluded := a.engine.options.Exclusions.Match(j.Entity, rule); excluded {
			j.Excluded++
			continue
		}
		f := a.engine.finding(rule, j.Entity)
		f.Discriminator, f.Evidence = discriminator, limit(evidence, a.engine.options.MaxEvidence)
		j.Findings = append(j.Findings, f)
	}
	var added []*Finding
	for i := first; i < len(j.Findings); i++ {
		added = append(added, &j.Findings[i])
	}
	return added
}

// note is evidence that is no statement.
func note(format string, args ...any) Evidence { return Evidence{Note: fmt.Sprintf(format, args...)} }

// judgeRole finds what a role would be better off without. It reports whether the
// role is unused.
func (a *Account) judgeRole(j *Judgement, p *Principal) (unused bool) {
	last := p.LastUsedAt
	if u := a.usage[p.Entity.ID]; u.ok && u.last().After(last) {
		last = u.last()
	}
	unused = a.ages.existed(p.CreatedAt) && a.ages.unused(last)
	if unused {
		a.report(j, CheckUnusedRole, "", note("%s", ago(last)))
	}
	return unused
}

// judgeUser finds what a user would be better off without. It reports whether the
// user is unused.
func (a *Account) judgeUser(j *Judgement, p *Principal) (unused bool) {
	row, hasRow := a.credentials[p.Entity.ID]
	if hasRow {
		a.judgeCredentials(j, row)
	}
	last, known := a.lastUse(p.Entity.ID, row)
	unused = known && a.ages.existed(p.CreatedAt) && a.ages.unused(last)
	if unused {
		a.report(j, CheckUnusedUser, "", note("%s", ago(last)))
	}
	return unused
}

// lastUse returns when a user was last seen, and whether that is known. The
// credential report knows of passwords and access keys; a user that has neither
// may have credentials of a service, which only the last-accessed report sees.
func (a *Account) lastUse(id string, row *Credential) (last time.Time, known bool) {
	if u := a.usage[id]; u.ok {
		last, known = u.last(), true
	}
	if row == nil {
		return last, known
	}
	seen := []time.Time{row.PasswordLastUsedAt}
	for _, key := range row.Keys {
		seen = append(seen, key.LastUsedAt)
		known = known || key.exists()
	}
	known = known || row.PasswordEnabled
	for _, t := range seen {
		if t.After(last) {
			last = t
		}
	}
	return last, known
}

// judgeInline finds inline policies among attachments of an entity's own.
func (a *Account) judgeInline(j *Judgement, attachments []policy.Attachment) {
	var evidence []Evidence
	for i := range attachments {
		if at := &attachments[i]; at.Source == sourceInline && at.Group == "" {
			evidence = append(evidence, Evidence{Document: at.Document, Policy: at.Name, Source: at.Source, Note: "inline policy " + at.Name})
		}
	}
	if len(evidence) > 0 {
		slices.SortFunc(evidence, compareEvidence)
		a.report(j, CheckInlinePolicy, "", evidence...)
	}
}

// The sources of attachments.
const (
	sourceInline  = "inline"
	sourceManaged = "managed"
)

// judgeMembers finds a group that nobody uses.
func (e *escalations) judgeMembers(j *Judgement, g *Group) {
	if !e.ages.existed(g.CreatedAt) {
		return
	}
	u := e.usage[g.Entity.ID]
	switch {
	case e.members[g.Entity.Name] == 0:
		e.report(j, CheckUnusedGroup, "", note("no members"))
	case u.ok && len(u.services) > 0 && e.ages.unused(u.last()):
		e.report(j, CheckUnusedGroup, "", note("what it grants was %s", ago(u.last())))
	}
}

// judgeAttachments finds a policy of the account's own that nobody uses.
func (a *Account) judgeAttachments(j *Judgement, p *ManagedPolicy) {
	changed := p.CreatedAt
	if p.UpdatedAt.After(changed) {
		changed = p.UpdatedAt
	}
	if !a.ages.existed(changed) {
		return
	}
	u := a.usage[p.Entity.ID]
	switch {
	case p.Attachments == 0 && p.Boundaries == 0:
		a.report(j, CheckUnattachedPolicy, "", note("attached to nobody"))
	case p.Boundaries == 0 && u.ok && len(u.services) > 0 && a.ages.unused(u.last()):
		a.report(j, CheckUnusedPolicy, "", note("what it grants was %s", ago(u.last())))
	}
}
