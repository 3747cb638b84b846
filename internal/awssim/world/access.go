package world

import "time"

// trackingPeriod is how many days back the access advisor and a role's last use
// reach (IAM User Guide, "Tracking period": at least 400 days).
const trackingPeriod = 400

// lastUsed returns the last day on which the user or role r was used, if it
// was in the tracking period.
func (r resident) lastUsed() (int, bool) {
	interval, stop := 1, never
	d := r.gen.of(forHabit)
	switch r.kind.habit {
	case habitDaily:
	case habitRare:
		interval = d.between(40, 200)
	case habitDormant:
		return 0, false
	default:
		switch n := d.below(100); {
		case n < 50:
		case n < 70:
			interval = d.of(forPeriod).between(2, 12)
		case n < 80:
			interval = d.of(forPeriod).between(15, 90)
		case n < 92:
			stop = r.life.born + r.gen.of(forStop).below(500) // abandoned since
		default:
			return 0, false
		}
	}
	return r.lastOf(min(r.day.number, stop), interval, d)
}

// lastOf returns the last of the days, interval apart, that is not after until.
// It is nothing when it lies before r was made or before the tracking period.
func (r resident) lastOf(until, interval int, d draw) (int, bool) {
	last := until - floorMod(until+d.of(forPhase).below(interval), interval)
	return last, last > r.life.born && last > r.day.number-trackingPeriod
}

// usedService returns the last day on which r used the service.
func (r resident) usedService(i int) (int, bool) {
	last, used := r.lastUsed()
	d := r.gen.of(forService, i)
	if !used || !d.chance(r.day.account.world.tables.services.services[i].popularity) {
		return 0, false
	}
	if since := r.life.born + d.of(forStop).below(150)*d.below(2); r.day.number < since {
		return 0, false // not yet
	}
	return r.lastOf(last, pick(d.of(forPeriod), []int{1, 1, 2, 7, 20, 60}), d)
}

// usedAction returns the last day on which r used the tracked action of a
// service that it used last on the given day.
func (r resident) usedAction(i, service int) (int, bool) {
	d := r.gen.of(forAction, i)
	if !d.chance(60) {
		return 0, false
	}
	return r.lastOf(service, pick(d.of(forPeriod), []int{1, 1, 5, 30}), d)
}

// usedAt returns the time of day of a use. A principal's own last use comes
// after those of its services.
func (r resident) usedAt(day int, p purpose, i int) time.Time {
	second := r.gen.of(forSecond, int(p), i, day).between(3600, secondsPerDay)
	if p == forHabit {
		second %= 3599
	}
	return r.day.account.world.at(day, 1+second)
}

// usedIn returns the region of a use: mostly the account's own.
func (r resident) usedIn(day int) string {
	a := r.day.account
	if d := r.gen.of(forRegion, day); d.chance(12) {
		return pick(d.of(forRegion), a.world.tables.vocabulary.regions)
	}
	return a.Region()
}

// Access returns what the access advisor reports for the user, group, role or
// policy with the ARN, in the order of the services' namespaces. It is false
// when there is no such entity on the day.
func (d Day) Access(arn string) ([]ServiceAccess, bool) {
	ref, found := d.Find(arn)
	if !found {
		return nil, false
	}
	return d.AccessOf(ref)
}

// AccessOf is Access by the place of the entity.
func (d Day) AccessOf(ref Ref) ([]ServiceAccess, bool) {
	r, alive := d.resident(ref)
	if !alive {
		return nil, false
	}
	by := d.principals(r)
	g := r.grants()
	var all []ServiceAccess
	for i, svc := range d.account.world.tables.services.services {
		if g.hasService(i) {
			all = append(all, d.serviceAccess(i, svc, g, by))
		}
	}
	return all, true
}

// principals returns whose use counts as the use of r.
func (d Day) principals(r resident) []resident {
	var refs []Ref
	switch r.ref.Kind {
	case KindUser, KindRole:
		return []resident{r}
	case KindGroup:
		refs = d.index().use().members[r.ref.Slot]
	case KindPolicy:
		refs = d.index().use().principals[policyRef(r.ref.Slot)]
	case KindAWSPolicy:
		refs = d.index().use().principals[awsPolicy(r.ref.Slot)]
	}
	var all []resident
	for _, ref := range refs {
		if p, alive := d.resident(ref); alive {
			all = append(all, p)
		}
	}
	return all
}

// serviceAccess finds out who of the principals used the service last.
func (d Day) serviceAccess(i int, svc service, g grants, by []resident) ServiceAccess {
	access := ServiceAccess{Namespace: svc.namespace, Name: svc.name}
	var latest resident
	lastDay := 0
	for _, p := range by {
		day, used := p.usedService(i)
		if !used {
			continue
		}
		access.Entities++
		if at := p.usedAt(day, forService, i); at.After(access.Last) {
			access.Last, access.Region = at, p.usedIn(day)
			latest, lastDay = p, day
		}
	}
	if access.Entities > 0 {
		access.Entity = d.arnOf(latest.ref)
	}
	for _, a := range svc.actions {
		if g.hasAction(a) {
			access.Actions = append(access.Actions, d.actionAccess(a, lastDay, access, latest))
		}
	}
	return access
}

func (d Day) actionAccess(i, day int, service ServiceAccess, p resident) ActionAccess {
	access := ActionAccess{Name: d.account.world.tables.services.actions[i].name}
	if service.Entities == 0 {
		return access
	}
	last, used := p.usedAction(i, day)
	if !used {
		return access
	}
	access.Last, access.Entity, access.Region = p.usedAt(last, forAction, i), service.Entity, p.usedIn(last)
	if access.Last.After(service.Last) {
		access.Last = service.Last
	}
	return access
}
