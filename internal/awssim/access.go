package awssim

import (
	"time"

	"github.com/leastwise/leastwise/internal/awssim/world"
)

// The granularities of access-advisor jobs.
const (
	granularityService = "SERVICE_LEVEL"
	granularityAction  = "ACTION_LEVEL"
)

// jobTime is how long an access-advisor job says that it took.
const jobTime = 2 * time.Second

func (c *call) generateServiceLastAccessedDetails() (func(*xmlWriter), *apiError) {
	granularity := c.params.Get("Granularity")
	if granularity != "" && granularity != granularityService && granularity != granularityAction {
		return nil, errInvalid(c.request, "Value '"+granularity+"' at 'granularity' failed to satisfy constraint: Member must satisfy enum value set")
	}
	arn := c.params.Get("Arn")
	ref, found := c.day.Find(arn)
	if !found {
		return nil, errNoSuchEntity("ARN " + arn + " does not exist.")
	}
	id := c.beginJob(job{ref: ref, day: c.day.Number(), actions: granularity == granularityAction, failed: c.jobFails})
	return func(x *xmlWriter) { x.text("JobId", id) }, nil
}

func (c *call) getServiceLastAccessedDetails() (func(*xmlWriter), *apiError) {
	at, limit, failure := c.paging()
	if failure != nil {
		return nil, failure
	}
	id := c.params.Get("JobId")
	j, found := c.findJob(id)
	if !found {
		return nil, errNoSuchEntity("Job " + id + " does not exist for the caller.")
	}
	day := c.day.On(j.day)
	if !c.org.jobs.poll(id) {
		return func(x *xmlWriter) { x.jobHeader("IN_PROGRESS", j, day) }, nil
	}
	if j.failed {
		return func(x *xmlWriter) {
			x.jobHeader("FAILED", j, day)
			x.element("Error", func() {
				x.text("Message", "An error occurred while generating the report.")
				x.text("Code", "INTERNAL_SERVICE_ERROR")
			})
		}, nil
	}
	services, _ := day.AccessOf(j.ref)
	end := min(at.slot+limit, len(services))
	return func(x *xmlWriter) {
		x.jobHeader("COMPLETED", j, day)
		members(x, "ServicesLastAccessed", services[at.slot:end], func(s world.ServiceAccess) { x.serviceAccess(s, j.actions) })
		c.finishPage(x, end < len(services), at.next(0, end))
	}, nil
}

func (x *xmlWriter) jobHeader(status string, j job, day world.Day) {
	x.text("JobStatus", status)
	granularity := granularityService
	if j.actions {
		granularity = granularityAction
	}
	x.text("JobType", granularity)
	x.time("JobCreationDate", day.Begins())
	if status != "IN_PROGRESS" {
		x.time("JobCompletionDate", day.Begins().Add(jobTime))
	}
}

func (x *xmlWriter) serviceAccess(s world.ServiceAccess, actions bool) {
	x.text("ServiceName", s.Name)
	x.text("ServiceNamespace", s.Namespace)
	x.time("LastAuthenticated", s.Last)
	x.optional("LastAuthenticatedEntity", s.Entity)
	x.optional("LastAuthenticatedRegion", s.Region)
	x.int("TotalAuthenticatedEntities", s.Entities)
	if !actions {
		return
	}
	members(x, "TrackedActionsLastAccessed", s.Actions, func(a world.ActionAccess) {
		x.text("ActionName", a.Name)
		x.optional("LastAccessedEntity", a.Entity)
		x.time("LastAccessedTime", a.Last)
		x.optional("LastAccessedRegion", a.Region)
	})
}
