package awssim

import (
	"slices"

	"github.com/leastwise/leastwise/internal/awssim/world"
)

// listManagedPolicies lists managed policies, of which IAM has all of AWS's in every
// account, attached or not. PathPrefix and PolicyUsageFilter are not served.
func (c *call) listManagedPolicies() (func(*xmlWriter), *apiError) {
	at, limit, failure := c.paging()
	if failure != nil {
		return nil, failure
	}
	scope := c.params.Get("Scope")
	if scope != "" && !slices.Contains([]string{"All", "AWS", "Local"}, scope) {
		return nil, errInvalid(c.request, "Value '"+scope+"' at 'scope' failed to satisfy constraint: Member must satisfy enum value set: [All, AWS, Local]")
	}
	attachedOnly := c.params.Get("OnlyAttached") == "true"
	return func(x *xmlWriter) {
		x.open("Policies")
		next, more := writePolicies(x, c.day.On(at.day), scope, attachedOnly, at, limit)
		x.close("Policies")
		c.finishPage(x, more, next)
	}, nil
}

// writePolicies writes at most limit policies from the marker on, and returns
// where the next page begins when there may be more.
func writePolicies(x *xmlWriter, day world.Day, scope string, attachedOnly bool, at marker, limit int) (next marker, more bool) {
	for _, list := range []struct {
		kind   world.Kind
		scope  string
		policy func(int) (world.Policy, bool)
	}{{world.KindPolicy, "Local", day.Policy}, {world.KindAWSPolicy, "AWS", day.AWSPolicy}} {
		if list.kind < at.kind || scope != "" && scope != "All" && scope != list.scope {
			continue
		}
		first := 0
		if list.kind == at.kind {
			first = at.slot
		}
		for slot := first; slot < day.Slots(list.kind); slot++ {
			if limit == 0 {
				return at.next(list.kind, slot), true
			}
			p, found := list.policy(slot)
			if !found || attachedOnly && p.Attachments == 0 {
				continue
			}
			x.element("member", func() { x.policy(p) })
			limit--
		}
	}
	return marker{}, false
}
