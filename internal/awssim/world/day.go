package world

import (
	"iter"
	"time"
)

// Slots returns the number of slots of a kind, vacant ones included. Slots are
// numbered from 0 and keep their numbers on all days.
func (d Day) Slots(k Kind) int {
	if k == KindAWSPolicy {
		return len(d.account.world.tables.aws.list)
	}
	return d.account.populations[k].slots()
}

// Number returns how many days after the world's start d is.
func (d Day) Number() int { return d.number }

// On returns the same account on the n-th day after the world's start.
func (d Day) On(n int) Day { return Day{account: d.account, number: n} }

// Account returns the account that d is a day of.
func (d Day) Account() *Account { return d.account }

// Users yields the account's users.
func (d Day) Users() iter.Seq[User] { return living(d.Slots(KindUser), d.User) }

// Groups yields the account's groups.
func (d Day) Groups() iter.Seq[Group] { return living(d.Slots(KindGroup), d.Group) }

// Roles yields the account's roles.
func (d Day) Roles() iter.Seq[Role] { return living(d.Slots(KindRole), d.Role) }

// Policies yields the account's customer managed policies.
func (d Day) Policies() iter.Seq[Policy] { return living(d.Slots(KindPolicy), d.Policy) }

// AWSPolicies yields the policies managed by AWS that are attached in the
// account or serve as a boundary there. IAM's authorization details list only
// the attached ones.
func (d Day) AWSPolicies() iter.Seq[Policy] {
	return func(yield func(Policy) bool) {
		for p := range living(d.Slots(KindAWSPolicy), d.AWSPolicy) {
			if p.Attachments+p.BoundaryUses > 0 && !yield(p) {
				return
			}
		}
	}
}

// living yields what is found in the slots.
func living[T any](slots int, in func(int) (T, bool)) iter.Seq[T] {
	return func(yield func(T) bool) {
		for slot := range slots {
			if entity, alive := in(slot); alive && !yield(entity) {
				return
			}
		}
	}
}

// Begins returns when the day began.
func (d Day) Begins() time.Time { return d.account.world.at(d.number, 0) }
