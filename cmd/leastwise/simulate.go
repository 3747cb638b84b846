package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/spf13/cobra"

	"github.com/leastwise/leastwise/internal/awssim"
)

// simulateCommand serves the simulated organization alone, to try the other
// commands on.
func (a *app) simulateCommand() *cobra.Command {
	cfg := awssim.DefaultConfig()
	listen := "127.0.0.1:0"
	cmd := &cobra.Command{
		Use:   "simulate-aws",
		Short: "Serve a simulated AWS organization, to try the other commands on",
		Long: `Serve a simulated AWS organization until stopped.

It prints the environment in which the AWS SDK, and so leastwise, talks to it,
and the flags that its accounts ask for. Its clock is the real one.`,
		Example: `  leastwise simulate-aws > sim.env &
  set -a; . ./sim.env; set +a
  leastwise up --organization`,
		GroupID: groupWhole,
		Args:    args(noArguments),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg.Start = today().Add(-day * pastDays)
			if err := usage(cfg.Validate()); err != nil {
				return err
			}
			return simulate(cmd.Context(), cfg, listen, cmd.OutOrStdout())
		},
	}
	fs := cmd.Flags()
	fs.IntVar(&cfg.Accounts, "accounts", cfg.Accounts, "`number` of accounts")
	fs.Uint64Var(&cfg.Seed, "seed", cfg.Seed, "`number` that the organization grows from")
	fs.IntVar(&cfg.Roles, "roles", cfg.Roles, "mean `number` of roles in an account")
	fs.StringVar(&listen, "listen", listen, "loopback `address` to serve on")
	return cmd
}

func simulate(ctx context.Context, cfg awssim.Config, listen string, stdout io.Writer) error {
	org, err := awssim.New(cfg)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", listen)
	if err != nil {
		return fmt.Errorf("listen on --listen %s: %w", listen, err)
	}
	if err := org.Serve(listener); err != nil {
		return err
	}
	for _, line := range append(org.Environ(), "LEASTWISE_ROLE_NAME="+cfg.RoleName, "LEASTWISE_EXTERNAL_ID="+cfg.ExternalID) {
		fmt.Fprintln(stdout, line)
	}
	for tick := time.NewTicker(time.Second); ctx.Err() == nil; {
		org.SetNow(time.Now().UTC())
		select {
		case <-tick.C:
		case <-ctx.Done():
			tick.Stop()
		}
	}
	return org.Close()
}
