package awssim

import (
	"sync"

	"github.com/leastwise/leastwise/internal/awssim/world"
)

// job is an access-advisor job. Its id holds all of it, sealed for the
// credentials that made it: the same role within a session, or the same user
// (API reference of GenerateServiceLastAccessedDetails).
type job struct {
	ref     world.Ref
	day     int
	actions bool // ACTION_LEVEL
	failed  bool
}

// jobs counts how often unfinished jobs have yet to be asked for.
type jobs struct {
	mu      sync.Mutex
	waiting map[string]int // by job id; finished jobs are not in it
}

// jobContext binds job ids to the caller's credentials.
func (c *call) jobContext() string { return "job/" + c.credential.accessKey }

// The bits of a job id's first byte that are above the entity's kind.
const (
	jobActions = 1 << 6
	jobFailed  = 1 << 7
)

// beginJob returns the id of a new job. An entity has one job a day and
// session; to generate it again returns the same id.
func (c *call) beginJob(j job) string {
	flags := byte(j.ref.Kind)
	if j.actions {
		flags |= jobActions
	}
	if j.failed {
		flags |= jobFailed
	}
	id := c.org.seal.uuid(c.jobContext(), [8]byte{
		flags, byte(j.day >> 16), byte(j.day >> 8), byte(j.day),
		byte(j.ref.Slot >> 24), byte(j.ref.Slot >> 16), byte(j.ref.Slot >> 8), byte(j.ref.Slot),
	})
	c.org.jobs.begin(id, c.org.cfg.JobPolls)
	return id
}

// findJob returns the caller's job with the id.
func (c *call) findJob(id string) (job, bool) {
	b, ok := c.org.seal.openUUID(c.jobContext(), id)
	if !ok {
		return job{}, false
	}
	day := int(int8(b[1]))<<16 | int(b[2])<<8 | int(b[3])
	slot := int(b[4])<<24 | int(b[5])<<16 | int(b[6])<<8 | int(b[7])
	kind := world.Kind(b[0] &^ (jobActions | jobFailed))
	return job{ref: world.Ref{Kind: kind, Slot: slot}, day: day, actions: b[0]&jobActions != 0, failed: b[0]&jobFailed != 0}, true
}

func (j *jobs) begin(id string, polls int) {
	if polls == 0 {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.waiting[id] = polls
}

// poll tells whether the job is finished, and brings it closer to its end.
func (j *jobs) poll(id string) (finished bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	left := j.waiting[id]
	switch left {
	case 0:
		return true
	case 1:
		delete(j.waiting, id)
	default:
		j.waiting[id] = left - 1
	}
	return false
}
