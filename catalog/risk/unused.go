package risk

import (
	"fmt"
	"strings"
	"time"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
)

// unused returns the services, and actions of services, that are granted and were
// not used. It knows nothing where there is no report, or where the entity has
// not been there long enough, or nobody knows since when.
func (a *Account) unused(id string, created time.Time, f *policy.Effective) (list []UnusedService, known bool) {
	u := a.usage[id]
	if !u.ok || !a.ages.existed(created) || a.ages.blind {
		return nil, false
	}
	a.grants = f.Grants(a.grants[:0])
	for i := range a.grants {
		g := &a.grants[i]
		last, tracked := u.of(g.Service)
		switch {
		case !tracked:
		case a.ages.unused(last):
			list = append(list, UnusedService{
				Service: a.engine.catalog.Service(g.Service).Prefix, Bound: g.Bound, Unbound: g.Unbound, LastAt: last,
				Tags: a.matcher.ServiceTags(g.Service).Strings(),
			})
		default:
			list = a.appendPartly(list, &u, g.Service, last, f)
		}
	}
	return list, true
}

// appendPartly appends the actions of a used service that IAM tracks and that
// were not used, if there are any.
func (a *Account) appendPartly(list []UnusedService, u *usage, service catalog.ServiceID, last time.Time, f *policy.Effective) []UnusedService {
	s := UnusedService{Service: a.engine.catalog.Service(service).Prefix, LastAt: last, Partly: true}
	found := false
	for _, action := range u.actions {
		id := catalog.ActionID(action.id)
		if a.engine.catalog.ServiceOf(id) != service || !a.ages.unused(action.at.time()) {
			continue
		}
		switch level := a.engine.catalog.LevelOf(id); {
		case f.Unbound().Has(id):
			s.Unbound[level]++
			found = true
		case f.Bound().Has(id):
			s.Bound[level]++
			found = true
		}
	}
	if !found {
		return list
	}
	return append(list, s)
}

// judgeUnused adds what a principal does not use, and its score. Where it is
// unused as a whole, that is what is said.
func (a *Account) judgeUnused(j *Judgement, created time.Time, f *policy.Effective, whole bool) {
	var known bool
	j.Unused, known = a.unused(j.Entity.ID, created, f)
	if !known {
		return
	}
	score := Score(j.Unused)
	j.Score = &score
	if len(j.Unused) == 0 || whole {
		return
	}
	var names []string
	actions := 0
	for i := range j.Unused {
		s := &j.Unused[i]
		for level := range catalog.LevelCount {
			actions += int(s.Bound[level]) + int(s.Unbound[level])
		}
		if s.Partly {
			names = append(names, s.Service+" (partly)")
		} else {
			names = append(names, s.Service)
		}
	}
	for _, f := range a.report(j, CheckUnusedServices, "", Evidence{Note: fmt.Sprintf("unused: %s", strings.Join(names, ", "))}) {
		f.ActionCount = actions
	}
}
