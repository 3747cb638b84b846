package risk

import (
	"fmt"
	"time"
)

// exists reports whether there is a key at all.
func (k *AccessKey) exists() bool { return k.Active || !k.RotatedAt.IsZero() }

func (k *AccessKey) name() string { return fmt.Sprintf("key-%d", k.Slot) }

// judgeCredentials finds what the credential report says of a user.
func (a *Account) judgeCredentials(j *Judgement, row *Credential) {
	a.judgePassword(j, row)
	active := 0
	for i := range row.Keys {
		key := &row.Keys[i]
		if !key.Active {
			continue
		}
		active++
		if a.ages.existed(key.RotatedAt) && a.ages.unused(key.LastUsedAt) {
			a.report(j, CheckUnusedAccessKey, key.name(), note("key %d %s", key.Slot, ago(key.LastUsedAt)))
		}
		if !key.RotatedAt.IsZero() && key.RotatedAt.Before(a.ages.at.AddDate(0, 0, -a.engine.options.KeyDays)) {
			a.report(j, CheckOldAccessKey, key.name(), note("key %d was made on %s", key.Slot, key.RotatedAt.UTC().Format(time.DateOnly)))
		}
	}
	if active > 1 {
		a.report(j, CheckSeveralAccessKeys, "", activeKeys(int64(active)))
	}
	if active > 0 && !row.PasswordEnabled && !row.MFA {
		a.report(j, CheckKeysWithoutMFA, "", activeKeys(int64(active)))
	}
}

func activeKeys(n int64) Evidence {
	if n == 1 {
		return note("1 active key")
	}
	return note("%d active keys", n)
}

func (a *Account) judgePassword(j *Judgement, row *Credential) {
	if !row.PasswordEnabled {
		return
	}
	since := row.PasswordChangedAt
	if since.IsZero() {
		since = row.CreatedAt
	}
	if a.ages.existed(since) && a.ages.unused(row.PasswordLastUsedAt) {
		a.report(j, CheckUnusedPassword, "", note("password %s", ago(row.PasswordLastUsedAt)))
	}
	if !row.MFA {
		a.report(j, CheckUserWithoutMFA, "", note("no MFA device"))
	}
}

// judgeRoot finds what is wrong with the root user, from its row of the credential
// report or, where there is none, from the account's summary. Root users without
// any credentials need no second factor: those of the members of organizations
// that manage root access centrally.
func (a *Account) judgeRoot(j *Judgement) {
	row, hasRow := a.credentials[RootID]
	keys, counted := a.info.Summary["AccountAccessKeysPresent"]
	if hasRow {
		counted, keys = true, 0
		for i := range row.Keys {
			if row.Keys[i].Active {
				keys++
			}
		}
	}
	if counted && keys > 0 {
		a.report(j, CheckRootAccessKey, "", activeKeys(keys))
	}
	mfa, hasMFA := a.info.Summary["AccountMFAEnabled"]
	if hasRow {
		hasMFA, mfa = true, 0
		if row.MFA {
			mfa = 1
		}
	}
	password, hasPassword := a.info.Summary["AccountPasswordPresent"]
	if hasMFA && mfa == 0 && (!hasPassword || password > 0 || keys > 0) {
		a.report(j, CheckRootWithoutMFA, "", note("no MFA device"))
	}
	if hasRow {
		a.judgeRootUse(j, row)
	}
}

// judgeRootUse finds that the root user was used since what counts as unused.
func (a *Account) judgeRootUse(j *Judgement, row *Credential) {
	last := row.PasswordLastUsedAt
	for _, key := range row.Keys {
		if key.LastUsedAt.After(last) {
			last = key.LastUsedAt
		}
	}
	if !a.ages.at.IsZero() && !last.IsZero() && !last.Before(a.ages.cutoff) {
		a.report(j, CheckRootUsed, "", note("%s", ago(last)))
	}
}
