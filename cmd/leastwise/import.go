package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/leastwise/leastwise/collectors"
	"github.com/leastwise/leastwise/collectors/export"
	"github.com/leastwise/leastwise/internal/count"
	"github.com/leastwise/leastwise/schemas/event"
)

func (a *app) importCommand() *cobra.Command {
	worker := defaultWorkerConfig()
	var cfg export.Config
	cmd := &cobra.Command{
		Use:   "import FILE…",
		Short: "Import saved 'aws iam get-account-authorization-details' output",
		Long: `Import saved 'aws iam get-account-authorization-details' output.

Each file becomes a run of its account, with the same events as a live
collection; processors and sinks that run store it. A file may be of any size,
and compressed with gzip; - reads standard input. Nothing of a broken file is
imported.`,
		Example: `  aws iam get-account-authorization-details > account.json
  leastwise import account.json
  leastwise import --account 111122223333 --observed-at 2026-01-31 saved/*.json.gz`,
		GroupID: groupWhole,
		Args:    args(arguments(1, 0, "one file of an account, or several")),
		RunE: func(cmd *cobra.Command, files []string) error {
			if err := usage(cfg.Validate()); err != nil {
				return err
			}
			return a.importFiles(cmd.Context(), worker, cfg, files, cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
	worker.bus.AddFlags(cmd.Flags())
	cfg.AddFlags(cmd.Flags())
	return cmd
}

func (a *app) importFiles(ctx context.Context, worker workerConfig, cfg export.Config, files []string, stdin io.Reader, stdout io.Writer) error {
	missing := make([]error, len(files))
	for i, file := range files {
		missing[i] = export.Find(file)
	}
	if err := errors.Join(missing...); err != nil {
		return err
	}
	log, err := a.logger()
	if err != nil {
		return err
	}
	ctx, fatal := context.WithCancelCause(ctx)
	defer fatal(nil)
	r, err := newHost(ctx, worker.bus, fatal, log)
	if err != nil {
		return err
	}
	defer r.nc.Close()
	if err := r.waitMigrated(ctx, worker.migrateWait); err != nil {
		return stopped(ctx, err)
	}
	importer := export.NewImporter(cfg, export.Dependencies{Emitter: r.emitter(), Stdin: stdin})
	var errs []error
	for _, file := range files {
		s, err := importer.Import(ctx, file)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		reportImport(stdout, file, s)
		if s.Status != event.RunComplete {
			errs = append(errs, fmt.Errorf("import %s: the run is %s; what is missing stands above", file, s.Status))
		}
	}
	return errors.Join(errs...)
}

// reportImport says in one line what a file held.
func reportImport(out io.Writer, file string, s collectors.Summary) {
	fmt.Fprintf(out, "%s: account %s, run %s %s:", visible(file), s.Account, s.Run, s.Status)
	for _, kind := range event.CountedKinds() {
		if n := s.Events[kind]; n > 0 {
			fmt.Fprintf(out, " %s", count.Kind(n, string(kind)))
		}
	}
	fmt.Fprintf(out, "; %s\n", count.Of(s.Documents, "document", "documents"))
	for _, p := range s.Problems {
		fmt.Fprintf(out, "  %s: %s (%d): %s\n", p.Part, p.State, p.Count, printable(p.Reason))
	}
}
