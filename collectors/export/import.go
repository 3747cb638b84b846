// Package export imports saved accounts: files that hold what `aws iam
// get-account-authorization-details` printed. They become the very events that
// a live collection makes, in a run of their own.
//
// A file may be of any size: it is read as a stream, three times over, because
// its lists come in any order and events need policies before groups and groups
// before principals. The first time checks everything, so that a broken file
// changes nothing. Files may be compressed with gzip; standard input and pipes
// are spooled to a temporary file.
//
// Tools that save and edit such files differ, so documents may be objects,
// strings of JSON or percent-encoded strings; dates may be spelled in several
// ways; optional fields may be missing or null, ids may be missing or made up.
// What a saved file cannot know (last-accessed reports, the credential report)
// is not part of the run.
package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/pflag"

	"github.com/leastwise/leastwise/collectors"
	"github.com/leastwise/leastwise/collectors/details"
	"github.com/leastwise/leastwise/schemas/event"
)

// Config says what a file is an export of.
type Config struct {
	// Account is the 12-digit account id; empty to take it from the file's ARNs.
	Account string
	// ObservedAt is when the export was made; zero for now.
	ObservedAt time.Time
}

// AddFlags adds the flags that set c.
func (c *Config) AddFlags(fs *pflag.FlagSet) {
	fs.StringVar(&c.Account, "account", c.Account, "the file's `account`; by default its ARNs say")
	fs.TimeVar(&c.ObservedAt, "observed-at", c.ObservedAt, []string{time.RFC3339, time.DateOnly}, "`time` that the export was made (RFC 3339 or a date); default now")
}

// Validate returns every fault of c, joined.
func (c Config) Validate() error {
	var errs []error
	if c.Account != "" && !event.IsAccountID(c.Account) {
		errs = append(errs, fmt.Errorf("--account is %q: must be 12 digits", c.Account))
	}
	if c.ObservedAt.After(time.Now()) {
		errs = append(errs, fmt.Errorf("--observed-at is %s: must not be in the future", c.ObservedAt.Format(time.RFC3339)))
	}
	if !c.ObservedAt.IsZero() && c.ObservedAt.Unix() < 0 {
		errs = append(errs, fmt.Errorf("--observed-at is %s: must not be before 1970, which no table can hold", c.ObservedAt.Format(time.RFC3339)))
	}
	return errors.Join(errs...)
}

// Dependencies are what an Importer works with.
type Dependencies struct {
	Emitter *collectors.Emitter
	// Stdin is what the path "-" reads.
	Stdin io.Reader
}

// Importer imports files.
type Importer struct {
	cfg     Config
	emitter *collectors.Emitter
	stdin   io.Reader
}

// NewImporter returns an importer.
func NewImporter(cfg Config, d Dependencies) *Importer {
	return &Importer{cfg: cfg, emitter: d.Emitter, stdin: d.Stdin}
}

// Import reads the file at path, "-" for standard input, into one run. An error
// names the file and, for one that lies in it, the line, the column and the
// entity. No run is opened for a file that cannot be read to its end or whose
// account is not clear.
func (i *Importer) Import(ctx context.Context, path string) (collectors.Summary, error) {
	in, err := openInput(ctx, path, i.stdin)
	if err != nil {
		return collectors.Summary{}, err
	}
	defer in.close()
	found, err := scan(ctx, in, i.cfg.Account)
	if err != nil {
		return collectors.Summary{}, err
	}
	run, err := i.emitter.Open(ctx, collectors.Pass{Job: i.job(found), Attempt: 1, Source: event.SourceImport})
	if err != nil {
		return collectors.Summary{}, err
	}
	cause := write(ctx, in, found, run)
	summary, err := run.Close(ctx, cause)
	if err == nil {
		err = cause
	}
	return summary, err
}

func (i *Importer) job(found *findings) event.Job {
	at := i.cfg.ObservedAt
	if at.IsZero() {
		at = time.Now()
	}
	job := event.NewJob(found.account, at)
	job.Partition = found.partition
	job.Controls = unknownControls()
	return job
}

func unknownControls() event.Controls {
	return event.Controls{State: event.StateNotCollected, Reason: "a saved account does not hold the service control policies of its organization"}
}

// write emits the file's entities: policies and groups in one pass, principals
// in another. Groups wait for the policies; IAM allows 500 of them.
func write(ctx context.Context, in *input, found *findings, run *collectors.Run) error {
	w := details.NewWriter(run, nil, nil)
	var groups []details.Group
	err := in.walk(ctx, lists{
		policyList: decoded(func(p policy) error { return w.Policy(ctx, p.details(found)) }),
		groupList: decoded(func(g group) error {
			groups = append(groups, g.details(found))
			return nil
		}),
	})
	if err != nil {
		return err
	}
	for _, g := range groups {
		if err := w.Group(ctx, g); err != nil {
			return err
		}
	}
	err = in.walk(ctx, lists{
		userList: decoded(func(u user) error { return w.User(ctx, u.details(found)) }),
		roleList: decoded(func(r role) error { return w.Role(ctx, r.details(found)) }),
	})
	if err != nil {
		return err
	}
	return finish(ctx, found, run)
}

// finish says whether pages are missing, and emits the account itself.
func finish(ctx context.Context, found *findings, run details.Recorder) error {
	if found.truncated {
		run.Problem("IsTruncated", event.StateTruncated, "the file holds not all pages of the account: export it again without --no-paginate and --max-items")
	}
	_, err := run.Emit(ctx, event.Account{Common: run.Common(found.account), Partition: found.partition, Controls: run.Controls()})
	return err
}
