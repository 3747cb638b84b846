package world

import (
	"strconv"
	"time"
)

// keptVersions is how many versions of a managed policy IAM keeps.
const keptVersions = 5

// edits is the history of a managed policy's document on a day.
type edits struct {
	period       int // days from one version to the next; 0 when never edited
	last         int // number of the newest version, from 1
	standing     int // number of the default version
	firstContent int // revision of the template that version 1 has
}

// edits returns how often r's document has been edited until its day.
func (r resident) edits() edits {
	if p := r.planted(); p != nil {
		return p.history(r.day.number - r.life.born)
	}
	e := edits{last: 1, standing: 1, firstContent: r.identity.of(forEdit, 0).below(len(r.template.revisions))}
	if len(r.template.revisions) == 1 {
		return e
	}
	switch d := r.gen.of(forEdit, 1); {
	case r.ref.Kind == KindAWSPolicy:
		e.period = d.between(90, 400)
	case d.chance(15):
		e.period = d.of(forPeriod).between(4, 15)
	default:
		e.period = d.of(forPeriod).between(25, 250)
	}
	e.last = 1 + (r.day.number-r.life.born)/e.period
	e.standing = e.last
	if e.last > 1 && r.ref.Kind == KindPolicy && r.gen.of(forRollback, e.last).chance(7) {
		e.standing--
	}
	return e
}

// versionCreated returns when version n was made.
func (r resident) versionCreated(e edits, n int) time.Time {
	if n == 1 {
		return r.created()
	}
	return r.day.account.world.at(r.life.born+(n-1)*e.period, 1+r.gen.of(forSecond, n).below(secondsPerDay-1))
}

// content returns the text of version n.
func (r resident) content(e edits, n int) *revision {
	return r.template.revision(e.firstContent + n - 1)
}

// created returns when the entity was made.
func (r resident) created() time.Time {
	return r.day.account.world.at(r.life.born, 1+r.gen.of(forSecond).below(secondsPerDay-1))
}

// Policy returns the customer managed policy in the slot, if one lives there.
func (d Day) Policy(slot int) (Policy, bool) { return d.policy(Ref{KindPolicy, slot}) }

// AWSPolicy returns the slot's policy managed by AWS, whether used in the account or not.
func (d Day) AWSPolicy(slot int) (Policy, bool) { return d.policy(Ref{KindAWSPolicy, slot}) }

func (d Day) policy(ref Ref) (Policy, bool) {
	r, alive := d.resident(ref)
	if !alive {
		return Policy{}, false
	}
	s := r.scribe()
	e := r.edits()
	p := Policy{
		Name: r.policyName(s), Path: r.path(s), ID: r.uniqueID(), Description: r.template.description,
		Created: r.created(), Updated: r.versionCreated(e, e.last), DefaultVersion: versionID(e.standing),
	}
	p.ARN = r.arn(p.Path, p.Name)
	for n := e.last; n > 0 && n > e.last-keptVersions; n-- {
		p.Versions = append(p.Versions, PolicyVersion{
			ID: versionID(n), Document: s.document(r.content(e, n).text), Default: n == e.standing, Created: r.versionCreated(e, n),
		})
	}
	if ref.Kind == KindPolicy {
		p.Tags = r.tags(s)
	}
	p.Attachments, p.BoundaryUses = d.index().policyUse(ref)
	return p, true
}

func versionID(n int) string { return "v" + strconv.Itoa(n) }

// policyGrants returns what a managed policy's default version allows.
func (d Day) policyGrants(p policyRef) grants {
	r, alive := d.resident(p.ref())
	if !alive {
		return grants{}
	}
	e := r.edits()
	return r.content(e, e.standing).grants
}
