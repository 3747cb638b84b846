package world

import "iter"

// Credentials yields the lines of the account's credential report: the root
// user first, then the users.
func (d Day) Credentials() iter.Seq[Credential] {
	return func(yield func(Credential) bool) {
		if !yield(d.rootCredential()) {
			return
		}
		for slot := range d.Slots(KindUser) {
			if r, alive := d.resident(Ref{KindUser, slot}); alive && !yield(r.credential()) {
				return
			}
		}
	}
}

// rootCredential is the line of the account's root user, who signs in rarely
// and, in a few accounts and in every sandbox, has an access key or no MFA.
func (d Day) rootCredential() Credential {
	a := d.account
	root := a.draw.of(forRoot)
	c := Credential{User: "<root_account>", ARN: a.arn("root"), Created: a.Joined(), Root: true}
	neglected := !a.Management() && a.env() == sortSandbox
	c.MFA = !neglected && root.of(forMFA, root.epoch(d.number, 200, 900).n).chance(90)
	if e := root.of(forPassword).epoch(d.number, 30, 400); root.of(forPassword, e.n).chance(70) {
		c.Password.LastUsed = a.world.at(e.since, 1+root.of(forSecond, e.n).below(secondsPerDay-1))
	}
	if neglected || root.of(forKey).chance(6) {
		c.Keys[0] = AccessKey{Exists: true, Active: true, Rotated: c.Created}
	}
	return c
}

// credential is the line of the user r.
func (r resident) credential() Credential {
	s := r.scribe()
	name := r.name(s)
	c := Credential{User: name, ARN: r.arn(r.path(s), name), Created: r.created(), Password: r.password(), MFA: r.mfa()}
	for i := range c.Keys {
		c.Keys[i] = r.accessKey(i)
	}
	return c
}

// mfa tells whether the user has an MFA device; devices come and go.
func (r resident) mfa() bool {
	d := r.gen.of(forMFA)
	return d.of(forEpoch, d.epoch(r.day.number, 60, 500).n).chance(r.kind.mfa)
}

// maxPasswordAge is the days after which passwords expire, in the accounts that say so.
const maxPasswordAge = 90

func (r resident) password() Password {
	d := r.gen.of(forPassword)
	if !d.chance(r.kind.password) {
		return Password{}
	}
	w := r.day.account.world
	since := d.epoch(r.day.number, 30, maxPasswordAge).since
	p := Password{Enabled: true, Changed: r.created()}
	if since > r.life.born {
		p.Changed = w.at(since, 1+d.of(forSecond, since).below(secondsPerDay-1))
	}
	if last, used := r.lastUsed(); used {
		p.LastUsed = r.usedAt(last, forPassword, 0)
	}
	if r.day.account.draw.of(forPassword).chance(50) {
		p.NextRotation = p.Changed.AddDate(0, 0, maxPasswordAge)
	}
	return p
}

// accessKey returns the i-th access key, which is rotated every now and then,
// and now and then left inactive.
func (r resident) accessKey(i int) AccessKey {
	d := r.gen.of(forKey, i)
	if !d.chance(r.kind.keys[i]) {
		return AccessKey{}
	}
	w := r.day.account.world
	e := d.epoch(r.day.number, 40, 500)
	k := AccessKey{Exists: true, Active: d.of(forEpoch, e.n).chance(88), Rotated: r.created()}
	if r.fixed() {
		k.Active = true
	}
	born := r.life.born
	if e.since > born {
		born = e.since
		k.Rotated = w.at(e.since, 1+d.of(forSecond, e.n).below(secondsPerDay-1))
	}
	last, used := r.lastUsed()
	if !k.Active {
		last = min(last, born+d.of(forStop, e.n).below(30)) // until it was made inactive
	}
	if !used || last <= born || !d.of(forHabit, e.n).chance(85) {
		return k
	}
	k.LastUsed = r.usedAt(last, forKey, i)
	k.Region = r.usedIn(last)
	k.Service = pick(d.of(forService, last), []string{"s3", "sts", "iam", "sqs", "dynamodb", "monitoring"})
	return k
}

// fixed is true for the entities that are there for good.
func (r resident) fixed() bool { return r.ref.Slot < r.day.account.populations[r.ref.Kind].permanent }
