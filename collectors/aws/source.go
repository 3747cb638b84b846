package aws

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/leastwise/leastwise/collectors"
	"github.com/leastwise/leastwise/collectors/details"
	"github.com/leastwise/leastwise/schemas/event"
)

// Source reads accounts through AWS's APIs. It is safe for concurrent use.
type Source struct {
	clients clients
}

// NewSource returns a source that starts from the given AWS configuration, which
// LoadConfig makes.
func NewSource(cfg Config, base aws.Config) *Source { return &Source{clients: clients{cfg, base}} }

// Collect implements collectors.Source.
func (s *Source) Collect(ctx context.Context, run *collectors.Run) error {
	r, err := s.open(ctx, run)
	if err != nil {
		return err
	}
	// IAM makes the credential report while the account is being read.
	requested := r.requestReport(ctx)
	for _, part := range []func(context.Context) error{r.details, r.account} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	if requested {
		if err := r.credentials(ctx); err != nil {
			return err
		}
	}
	return r.lastAccessed(ctx)
}

// reader reads one account in one run.
type reader struct {
	cfg Config
	run *collectors.Run
	iam *iam.Client
	// users are the users' unique ids by ARN, which the credential report lacks.
	users map[string]string
	// targets are whose last-accessed reports to get: some hundred bytes each.
	targets []target
}

// open makes the account's clients. It returns a permanent error when the
// account may not be entered.
func (s *Source) open(ctx context.Context, run *collectors.Run) (*reader, error) {
	cfg, job := s.clients.cfg, run.Job()
	p := &pacer{meter: run, advisor: newLimiter(cfg.AdvisorRate), other: newLimiter(cfg.Rate)}
	account := s.clients.config(job.Partition, p)
	if job.AssumeRole {
		role := cfg.roleARN(job.Partition, job.Account)
		assumed, err := s.clients.assume(ctx, account, role, job.ID)
		if err != nil {
			return nil, stopped(ctx, refused(role, err))
		}
		account = assumed
	} else if err := checkAccount(ctx, account, job.Account); err != nil {
		return nil, stopped(ctx, err)
	}
	return &reader{cfg: cfg, run: run, iam: iam.NewFromConfig(account), users: map[string]string{}}, nil
}

// checkAccount makes sure that what is read is filed under its own account:
// this process may have other credentials than the scheduler's.
func checkAccount(ctx context.Context, cfg aws.Config, want string) error {
	accounts, err := own(ctx, cfg)
	if err != nil {
		return err
	}
	if got := accounts[0].ID; got != want {
		return collectors.Permanent(fmt.Errorf("read account %s: the collector's credentials are of account %s; give it the credentials that the scheduler has, or use --organization", want, got))
	}
	return nil
}

// stopped replaces err by ctx's own when ctx has ended: what a call says then is
// no fault of the account.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// problem records a part that could not be had. It returns an error only when
// ctx has ended, and the run with it.
func (r *reader) problem(ctx context.Context, action string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	f := classify(err)
	r.run.Problem(action, f.state, f.reason)
	return nil
}

// account emits the account itself, with what could be had of it.
func (r *reader) account(ctx context.Context) error {
	job := r.run.Job()
	e := event.Account{Common: r.run.Common(job.Account), Name: job.Name, Partition: job.Partition, JoinedAt: job.JoinedAt, Organization: job.Organization, Controls: job.Controls}
	pages := iam.NewListAccountAliasesPaginator(r.iam, &iam.ListAccountAliasesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			if err := r.problem(ctx, actionAliases, err); err != nil {
				return err
			}
			break
		}
		e.Aliases = append(e.Aliases, page.AccountAliases...)
	}
	summary, err := r.iam.GetAccountSummary(ctx, &iam.GetAccountSummaryInput{})
	if err != nil {
		if err := r.problem(ctx, actionSummary, err); err != nil {
			return err
		}
	} else {
		e.Summary = make(map[string]int64, len(summary.SummaryMap))
		for name, n := range summary.SummaryMap {
			e.Summary[name] = int64(n)
		}
	}
	_, err = r.run.Emit(ctx, e)
	return err
}

// written keeps what later parts need of an entity.
func (r *reader) written(kind event.Kind, e details.Identity) {
	if kind == event.KindUser {
		r.users[e.ARN] = e.ID
	}
	if kind == event.KindPolicy && details.Owner(e.ARN) == event.OwnerAWS {
		return // of use to the account only through its carriers, which are reported on
	}
	r.targets = append(r.targets, target{kind: kind, id: e.ID, arn: e.ARN})
}
