package main

import (
	"context"
	"io"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/leastwise/leastwise/catalog/risk"
	"github.com/leastwise/leastwise/collectors/export"
	"github.com/leastwise/leastwise/internal/report"
	"github.com/leastwise/leastwise/processors/judge"
)

// analyzingAccount judges one saved account.
type analyzingAccount struct {
	judging
	export export.Config
	judge  judge.Config
}

func (a *app) analyzeAccountCommand() *cobra.Command {
	c := analyzingAccount{judging: judging{catalog: &a.catalog, messages: &a.messages}, judge: judge.DefaultConfig()}
	cmd := &cobra.Command{
		Use:   "account FILE|-",
		Short: "Say what is risky about a saved account",
		Long: `Say what is risky about a saved account.

The file is the output of 'aws iam get-account-authorization-details', plain or
compressed with gzip. Its principals are judged by all of their policies
together, with groups and boundaries, its roles by whom they trust, and all of
them by what they can become. What a saved account does not hold (last-accessed
data, the credential report, service control policies) is said in the report;
'leastwise up' collects it.`,
		Example: `  aws iam get-account-authorization-details > account.json
  leastwise analyze account account.json
  leastwise analyze account account.json --fmt html > account.html
  leastwise analyze account account.json.gz --exclusions exclusions.yml --fail-on critical`,
		Args: args(arguments(1, 1, "one argument, the file of an account")),
		RunE: func(cmd *cobra.Command, files []string) error {
			if err := usage(c.validate()); err != nil {
				return err
			}
			return c.run(cmd.Context(), files[0], cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
	c.export.AddFlags(cmd.Flags())
	c.judge.AddFlags(cmd.Flags())
	c.addFlags(cmd, formatText, formatJSON, formatMarkdown, formatHTML)
	return cmd
}

func (c *analyzingAccount) validate() error {
	if err := c.export.Validate(); err != nil {
		return err
	}
	return c.judge.Validate()
}

func (c *analyzingAccount) run(ctx context.Context, file string, stdin io.Reader, stdout io.Writer) error {
	if c.export.ObservedAt.IsZero() {
		c.export.ObservedAt = time.Now()
	}
	o := risk.DefaultOptions()
	o.At, o.UnusedDays = c.export.ObservedAt, c.judge.UnusedDays
	var saved *export.Saved
	var e *risk.Engine
	// Reading the file takes about as long as reading the catalog and the rules.
	var g errgroup.Group
	g.Go(func() (err error) {
		saved, err = export.Read(ctx, c.export, file, stdin)
		return err
	})
	g.Go(func() (err error) {
		e, err = c.engine(ctx, o)
		return err
	})
	if err := g.Wait(); err != nil {
		return err
	}
	r, err := judgeSaved(ctx, e, saved)
	if err != nil {
		return err
	}
	if err := c.write(r, stdout); err != nil {
		return err
	}
	return c.verdict(r)
}

// judgeSaved judges a saved account.
func judgeSaved(ctx context.Context, e *risk.Engine, saved *export.Saved) (*report.Report, error) {
	account := e.NewAccount(judge.Info(saved.Account.Account, saved.Account))
	docs := newSavedDocuments(e.Rules().Catalog(), saved.Documents)
	if err := feed(ctx, judge.NewFeed(account, docs), saved); err != nil {
		return nil, err
	}
	r := newReport("Account "+saved.Account.Account, e)
	r.Account, r.ObservedAt, r.Documents = saved.Account.Account, saved.Account.ObservedAt, saved.Documents
	for j := range account.Judge() {
		r.Add(j)
	}
	r.Gaps = gapsOf(saved, docs)
	r.Sort()
	return r, nil
}

// feed gives a saved account's events to what judges them.
func feed(ctx context.Context, f *judge.Feed, saved *export.Saved) error {
	f.Account(saved.Account)
	for _, p := range saved.Policies {
		if err := f.Policy(ctx, p); err != nil {
			return err
		}
	}
	for _, g := range saved.Groups {
		if err := f.Group(ctx, g); err != nil {
			return err
		}
	}
	for _, u := range saved.Users {
		if err := f.User(ctx, u); err != nil {
			return err
		}
	}
	for _, r := range saved.Roles {
		if err := f.Role(ctx, r); err != nil {
			return err
		}
	}
	return nil
}
