package world

import (
	"fmt"
	"math"
	"time"
)

// Account is one account of the organization.
type Account struct {
	world       *World
	index       int
	draw        draw
	id          string
	values      values
	planting    *planted
	populations [KindPolicy + 1]population
}

func (w *World) newAccount(i int) *Account {
	a := &Account{world: w, index: i, draw: w.root.of(forAccount, i), id: w.accountID(i), values: w.common}
	a.values[varAccount] = a.id
	a.values[varRegion] = pick(a.draw.of(forRegion), w.tables.vocabulary.regions)
	a.values[varNeighbour], a.values[varFollower] = w.accountID(max(i-1, 0)), w.accountID(i+1)
	t := w.tables
	users := t.hubUsers
	if i > 0 {
		users = nil
	}
	a.planting = a.plants()
	plants := a.planting
	a.populate(KindUser, w.cfg.Users, users, plants.users)
	a.populate(KindGroup, w.cfg.Groups, t.fixedGroups, plants.groups)
	a.populate(KindRole, w.cfg.Roles, t.fixedRole, plants.roles)
	a.populate(KindPolicy, w.cfg.Policies, nil, nil)
	p := &a.populations[KindPolicy]
	p.common = min(len(t.boundaries), w.cfg.Policies)
	p.permanent = p.common + len(plants.policies)
	p.base += len(plants.policies)
	return a
}

// World returns the world that the account is in.
func (a *Account) World() *World { return a.world }

// ID returns the account's twelve digits.
func (a *Account) ID() string { return a.id }

// Management is true for the management account.
func (a *Account) Management() bool { return a.index == 0 }

// Suspended is true for accounts that are closed: they are listed and cannot be entered.
func (a *Account) Suspended() bool { return a.index >= a.world.cfg.Accounts }

// ARN returns the account's ARN within the organization.
func (a *Account) ARN() string {
	return a.world.organizationARN("account/" + a.world.OrganizationID() + "/" + a.id)
}

// Name returns the account's name.
func (a *Account) Name() string {
	if a.Management() {
		return "management"
	}
	v := &a.world.tables.vocabulary
	size := len(v.apps) * len(v.envs)
	at := a.index * scatter % size
	return v.apps[at/len(v.envs)] + "-" + v.envs[at%len(v.envs)] + serial(a.index/size)
}

// Email returns the address of the account's root user.
func (a *Account) Email() string { return "aws+" + a.Name() + "@example.com" }

// Alias returns the account's alias, or nothing for the accounts without one.
func (a *Account) Alias() string {
	if a.draw.of(forAlias).chance(15) {
		return ""
	}
	return fmt.Sprintf("example-%s-%s", a.Name(), a.id[8:])
}

// Joined returns when the account joined the organization.
func (a *Account) Joined() time.Time {
	days := 3000
	if !a.Management() {
		days = a.draw.of(forAge).between(1600, days)
	}
	return a.world.at(-days, a.draw.of(forSecond).below(secondsPerDay))
}

// Region returns the account's home region.
func (a *Account) Region() string { return a.values[varRegion] }

// Day returns the account as it is at t.
func (a *Account) Day(t time.Time) Day {
	seconds := int(math.Floor(t.Sub(a.world.cfg.Start).Seconds()))
	return Day{account: a, number: floorDiv(seconds, secondsPerDay)}
}

// arn returns the ARN of one of the account's IAM resources.
func (a *Account) arn(resource string) string { return a.world.ARN("iam", a.id, resource) }
