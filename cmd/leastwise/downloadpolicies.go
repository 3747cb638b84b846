package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"
	"go.uber.org/zap/zapcore"
	"golang.org/x/sync/errgroup"

	"github.com/leastwise/leastwise/collectors"
	"github.com/leastwise/leastwise/collectors/aws"
	"github.com/leastwise/leastwise/internal/count"
)

// downloading is what is downloaded from where, and to where.
type downloading struct {
	recursive bool
	parallel  int
	aws       aws.Config
	filter    aws.PolicyFilter
	output    string
	profile   string // of the shared AWS files; empty for the usual one
	force     bool
	// base replaces the default AWS configuration, where it is set.
	base *awssdk.Config
}

func (a *app) downloadPoliciesCommand() *cobra.Command {
	d := downloading{parallel: 4, aws: aws.DefaultConfig(), output: "policies"}
	cmd := &cobra.Command{
		Use:   "download-policies",
		Short: "Download the managed policies of an AWS account, or of all in the organization",
		Long: `Download the managed policies of an AWS account, or of all in the organization.

Each policy becomes a file with its document as it is in force:

  policies/<account>/customer-managed/<name>.json
  policies/<account>/aws-managed/<name>.json

These are the customer managed policies that are in use. It takes the default
AWS credentials; with --recursive every ACTIVE account of the organization is
read, through --role-name in each. An account that cannot be read does not keep
the others from being downloaded; the exit code is 1 then.

A file that is there with another content is left as it is, unless --force is
given. Files of policies that are no more stay.

What the credentials, or the role, must be allowed is
iam:GetAccountAuthorizationDetails, and iam:ListPolicies and
iam:GetPolicyVersion for --aws-managed with --include-unattached.`,
		Example: `  leastwise download-policies
  leastwise download-policies --profile audit --include-unattached --output audit
  leastwise download-policies --recursive --role-name leastwise-collector --external-id ...
  leastwise analyze downloaded-policies policies`,
		GroupID: groupPolicy,
		Args:    args(noArguments),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := d.validate(); err != nil {
				return err
			}
			stderr := a.messages.told(zapcore.InfoLevel, cmd.ErrOrStderr())
			return d.download(cmd.Context(), newProgress(stderr, isTerminal(stderr)), newNotes(stderr))
		},
	}
	f := cmd.Flags()
	f.BoolVar(&d.recursive, "recursive", d.recursive, "download from all ACTIVE accounts of the organization, not just that of the credentials")
	f.BoolVar(&d.filter.AWSManaged, "aws-managed", false, "download the policies that AWS manages too")
	f.BoolVar(&d.filter.Unattached, "include-unattached", false, "download the policies too that nobody has attached")
	f.StringVarP(&d.output, "output", "o", d.output, "`DIRECTORY` for the policies, which is made if it is not there")
	addName(f, &d.profile, "profile", "", "`name` of a profile in the shared AWS files, in place of AWS_PROFILE")
	_ = cmd.MarkFlagDirname("output") // fails only without the flag
	f.BoolVar(&d.force, "force", d.force, "overwrite files that have another content")
	f.IntVar(&d.parallel, "parallel", d.parallel, "`number` of accounts to read at once")
	d.aws.AddAccountFlags(f)
	a.messages.addFormerTo(cmd)
	return cmd
}

func (d *downloading) validate() error {
	cfg := d.aws
	cfg.Organization = true // what needs it needs --recursive here
	errs := []error{cfg.Validate()}
	if d.aws.OrganizationRoleARN != "" && !d.recursive {
		errs = append(errs, errors.New("--organization-role-arn: needs --recursive"))
	}
	if d.parallel < 1 || d.parallel > 100 {
		errs = append(errs, fmt.Errorf("--parallel is %d: must be between 1 and 100", d.parallel))
	}
	if d.output == "" {
		errs = append(errs, errors.New("--output is empty; name a directory"))
	}
	return usage(errors.Join(errs...))
}

func (d *downloading) awsConfig(ctx context.Context) (awssdk.Config, error) {
	if d.base != nil {
		return *d.base, nil
	}
	return aws.LoadConfig(ctx, d.profile)
}

// download reads every account and returns all that went wrong in any.
func (d *downloading) download(ctx context.Context, p *progress, n *notes) error {
	defer p.close()
	cfg := d.aws
	cfg.Organization, cfg.Controls = d.recursive, false
	base, err := d.awsConfig(ctx)
	if err != nil {
		return err
	}
	metrics := collectors.NewMetrics(prometheus.NewRegistry())
	// An AWS that does not answer is asked again for minutes.
	slow := time.AfterFunc(5*time.Second, func() { n.say("AWS has not said yet which accounts there are; waiting for it") })
	accounts, err := aws.NewAccounts(cfg, base, metrics).List(ctx)
	slow.Stop()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(d.output, 0o750); err != nil {
		return fmt.Errorf("make output directory: %w", err)
	}
	t := &download{downloading: d, policies: aws.NewPolicies(cfg, base, metrics), task: p.task("accounts", int64(len(accounts))), total: len(accounts)}
	errs := t.accounts(ctx, accounts)
	t.task.finish()
	p.close()
	n.say("%s: wrote %s of %s; %s there already", d.output,
		count.Kind(t.wrote, "policy"), count.Kind(t.read, "account"), count.Of(t.there, "was", "were"))
	return asLines(errs)
}

// download is a download under way.
type download struct {
	*downloading
	policies *aws.Policies
	task     *task
	total    int

	mu           sync.Mutex
	done, read   int // accounts, and those that could be read
	wrote, there int // policies
}

// accounts downloads a few accounts at once. What goes wrong with one is in its
// place in the list.
func (t *download) accounts(ctx context.Context, accounts []collectors.Account) []error {
	errs := make([]error, len(accounts))
	var group errgroup.Group
	group.SetLimit(t.parallel)
	for i, account := range accounts {
		group.Go(func() error {
			errs[i] = t.account(ctx, account)
			return nil
		})
	}
	_ = group.Wait() // errs has them
	if ctx.Err() != nil {
		return []error{fmt.Errorf("download policies: %w; what is written is whole", ctx.Err())}
	}
	return errs
}

// account downloads one account. A policy that cannot be written does not keep
// the others from it.
func (t *download) account(ctx context.Context, account collectors.Account) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	folder := newPolicyFolder(t.output, account.ID, t.force)
	var unwritten []error
	err := t.policies.Read(ctx, account, t.filter, func(p aws.ManagedPolicy) error {
		if err := folder.write(ctx, p); err != nil {
			unwritten = append(unwritten, err)
		}
		return ctx.Err()
	})
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done++
	t.wrote, t.there = t.wrote+folder.wrote, t.there+folder.there
	if err == nil {
		t.read++
	}
	t.task.set(int64(t.done), int64(t.total))
	return errors.Join(append(unwritten, err)...)
}
