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

// reportFile is a file of a report, in one format.
type reportFile struct {
	suffix string
	write  func(io.Writer) error
}

func reportFilesOf(r *report.Report) []reportFile {
	return []reportFile{
		{".json", r.JSON}, {".csv", r.PoliciesCSV}, {"-findings.csv", r.FindingsCSV}, {".md", r.Markdown}, {".html", r.HTML},
	}
}

func (f *reportFiles) path(suffix string) string { return filepath.Join(f.output, f.name+suffix) }

// spare refuses to write over a file that the report is of, or standard input.
func (f *reportFiles) spare(file string) error {
	if f.output == "" {
		return nil
	}
	of, err := os.Stat(file)
	if file == stdio {
		of, err = os.Stdin.Stat()
	}
	if err != nil { // whoever reads it says why
		return nil
	}
	for _, target := range reportFilesOf(&report.Report{}) {
		path := f.path(target.suffix)
		if there, err := os.Stat(path); err == nil && os.SameFile(of, there) {
			return usage(fmt.Errorf("--output would write %s over the policy; choose another directory", path))
		}
	}
	return nil
}

// write writes a report in every format; those of the last time are replaced.
func (f *reportFiles) write(ctx context.Context, r *report.Report, notes io.Writer) error {
	if err := os.MkdirAll(f.output, 0o750); err != nil {
		return fmt.Errorf("create output directory: %w", err)
	}
	for _, file := range reportFilesOf(r) {
		path := f.path(file.suffix)
		// Only its owner may read it: it says how to break in.
		if err := replaceFile(ctx, path, 0o600, file.write); err != nil {
			return fmt.Errorf("write %s: %w", path, err)
		}
		fmt.Fprintf(notes, "leastwise: wrote %s\n", visible(path))
	}
	return nil
}
