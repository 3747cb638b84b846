package risk

import (
	"slices"
	"time"

	"github.com/leastwise/leastwise/catalog"
)

// usage is a last-accessed report in a form that takes eight bytes per service.
// Services and actions that the catalog does not have are left out: no grant can
// be about them.
type usage struct {
	ok       bool
	services []used // by service
	actions  []used
}

// used says when a service or an action was used.
type used struct {
	id uint16 // a catalog.ServiceID or a catalog.ActionID
	at moment
}

// moment is a time in seconds since 1970; 0 is never.
type moment uint32

func momentOf(t time.Time) moment {
	if t.IsZero() {
		return 0
	}
	return moment(max(t.Unix(), 1))
}

func (m moment) time() time.Time {
	if m == 0 {
		return time.Time{}
	}
	return time.Unix(int64(m), 0).UTC()
}

func newUsage(c *catalog.Catalog, report *Access) usage {
	u := usage{ok: report.OK, services: make([]used, 0, len(report.Services))}
	for _, s := range report.Services {
		service, known := c.LookupService(s.Service)
		if !known {
			continue
		}
		u.services = append(u.services, used{uint16(service.ID), momentOf(s.LastAt)})
		for _, action := range s.Actions {
			if id, known := c.LookupAction(s.Service + ":" + action.Action); known && report.Actions {
				u.actions = append(u.actions, used{uint16(id), momentOf(action.LastAt)})
			}
		}
	}
	slices.SortFunc(u.services, func(a, b used) int { return int(a.id) - int(b.id) })
	slices.SortFunc(u.actions, func(a, b used) int { return int(a.id) - int(b.id) })
	return u
}

// last returns the last time that any service was used.
func (u *usage) last() time.Time {
	var last moment
	for _, s := range u.services {
		last = max(last, s.at)
	}
	return last.time()
}

// of returns when a service was used, and whether IAM tracks it.
func (u *usage) of(service catalog.ServiceID) (time.Time, bool) {
	i, found := slices.BinarySearchFunc(u.services, uint16(service), func(s used, id uint16) int { return int(s.id) - int(id) })
	if !found {
		return time.Time{}, false
	}
	return u.services[i].at.time(), true
}

// ages says what is old, as of one moment. Of the zero time nothing is.
type ages struct {
	at     time.Time
	cutoff time.Time // what was not used since is unused
	blind  bool      // IAM does not look back that far
}

// trackedDays is how far IAM's last-accessed information looks back: IAM User
// Guide, "Refine permissions in AWS using last accessed information".
const trackedDays = 400

func newAges(o Options) ages {
	return ages{at: o.At, cutoff: o.At.AddDate(0, 0, -o.UnusedDays), blind: o.UnusedDays > trackedDays}
}

// existed reports whether something has been there long enough to be called unused.
func (a *ages) existed(since time.Time) bool {
	return !a.at.IsZero() && !since.IsZero() && !since.After(a.cutoff)
}

// unused reports whether something that was last used at a time is unused. The
// zero time is nothing that IAM saw.
func (a *ages) unused(last time.Time) bool {
	if last.IsZero() {
		return !a.blind
	}
	return last.Before(a.cutoff)
}

// ago says when something was last used, in one clause.
func ago(last time.Time) string {
	if last.IsZero() {
		return "not used in the time that IAM tracks"
	}
	return "last used on " + last.UTC().Format(time.DateOnly)
}
