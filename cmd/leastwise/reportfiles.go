package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/leastwise/leastwise/internal/report"
)

// reportFiles are the files of a report, one in each format.
type reportFiles struct {
	output   string // a directory; empty for standard output
	name     string // of the files, without extension
	markdown bool   // policy_sentry's flag for the one in Markdown, which is always there
}

func (f *reportFiles) addFlags(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVarP(&f.output, "output", "o", "", "`DIRECTORY` for reports in every format")
	fs.BoolVar(&f.markdown, "include-markdown-report", false, "with --output there is one in any case")
	hide(cmd, "include-markdown-report")
}

// validate refuses what has no meaning with --output, or without.
func (f *reportFiles) validate(cmd *cobra.Command) error {
	switch {
	case f.output != "" && cmd.Flags().Changed("fmt"):
		return usage(errors.New("--output writes every format, so --fmt cannot go with it"))
	case f.output == "" && f.markdown:
		return usage(errors.New("--include-markdown-report is for --output; use --fmt markdown without it"))
	default:
		return nil
	}
}

// write writes a report in every format; those of the last time are replaced.
func (f *reportFiles) write(ctx context.Context, r *report.Report, notes io.Writer) error {
	if err := os.MkdirAll(f.output, 0o750); err != nil {
		return fmt.Errorf("create output directory: %w", err)
	}
	for _, file := range []struct {
		suffix string
		write  func(io.Writer) error
	}{
		{".json", r.JSON}, {".csv", r.PoliciesCSV}, {"-findings.csv", r.FindingsCSV}, {".md", r.Markdown}, {".html", r.HTML},
	} {
		path := filepath.Join(f.output, f.name+file.suffix)
		// Only its owner may read it: it says how to break in.
		if err := replaceFile(ctx, path, 0o600, file.write); err != nil {
			return fmt.Errorf("write %s: %w", path, err)
		}
		fmt.Fprintf(notes, "leastwise: wrote %s\n", visible(path))
	}
	return nil
}
