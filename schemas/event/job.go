package event

import (
	"fmt"
	"strings"
	"time"
)

// Job asks a collector to read one account once.
type Job struct {
	// ID names the job: the same account and time give the same id.
	ID string `json:"id"`
	// Account is the 12-digit account id.
	Account string `json:"account"`
	// Name is the account's name in its organization; empty when unknown.
	Name string `json:"name,omitempty"`
	// Partition is the AWS partition ("aws", "aws-cn", "aws-us-gov").
	Partition string `json:"partition"`
	// AssumeRole says whether the collector has to assume its role in the
	// account, or reads the account of its own credentials.
	AssumeRole bool `json:"assume_role"`
	// At is the time that the job was scheduled for. It becomes the
	// observation time of everything that the run sees.
	At time.Time `json:"at"`
	// JoinedAt is when the account joined the organization; zero when unknown.
	JoinedAt time.Time `json:"joined_at,omitzero"`
	// Organization is the account's; nil when the account is read by itself.
	Organization *Organization `json:"organization,omitempty"`
	Controls
}

// NewJob returns the job for an account at a time, with its id set.
func NewJob(account string, at time.Time) Job {
	at = at.UTC().Truncate(time.Second)
	return Job{ID: fmt.Sprintf("%s-%s", at.Format(runTimeLayout), account), Account: account, At: at}
}

// runTimeLayout is ISO 8601's basic format, which holds no character that a
// NATS subject token or a file name may not.
const runTimeLayout = "20060102T150405Z"

// RunID names attempt n (from 1) of a job. Every attempt is a run of its own:
// what an attempt that died has published never counts for the next one. Nonce
// tells apart collections of the same account for the same time (a repeated
// demo, an import of a corrected file); it is empty or token-safe.
func (j Job) RunID(attempt uint64, nonce string) string {
	id := fmt.Sprintf("%s-%d", j.ID, attempt)
	if nonce != "" {
		id += "-" + nonce
	}
	return id
}

// HasRun reports whether a run is one of the job's attempts.
func (j Job) HasRun(run string) bool { return strings.HasPrefix(run, j.ID+"-") }

// Validate returns every fault of the job, joined.
func (j Job) Validate() error { return check("job", j) }

func (j Job) validate(f *faults) {
	f.token("id", j.ID)
	f.account("account", j.Account)
	f.require("partition", j.Partition)
	f.time("at", j.At)
	j.Organization.validate(f)
	j.Controls.validate(f)
}
