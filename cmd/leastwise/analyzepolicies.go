package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"go.uber.org/zap/zapcore"

	"github.com/leastwise/leastwise/catalog/risk"
	"github.com/leastwise/leastwise/internal/report"
	"github.com/leastwise/leastwise/schemas/event"
)

// analyzingPolicies judges a directory of policies.
type analyzingPolicies struct {
	judging
	reportFiles
}

func (a *app) analyzePoliciesCommand() *cobra.Command {
	p := analyzingPolicies{judging: judging{catalog: &a.catalog, messages: &a.messages}}
	cmd := &cobra.Command{
		Use:   "downloaded-policies DIR",
		Short: "Say what is risky about the policies in a directory",
		Long: `Say what is risky about the policies in a directory.

The policies are the files that end in .json, in DIR and below it, as
'leastwise download-policies' writes them; a folder whose name is an account id
says whose they are. With --output the reports are files of a directory: JSON,
CSV (a row a policy, and a row a finding), Markdown and HTML. A broken policy
does not keep the others from being judged.`,
		Example: `  leastwise analyze downloaded-policies policies --output reports
  leastwise analyze downloaded-policies policies --exclusions exclusions.yml --fmt markdown`,
		Args: args(arguments(1, 1, "one argument, the directory of policies")),
		RunE: func(cmd *cobra.Command, dirs []string) error {
			if err := p.validate(cmd); err != nil {
				return err
			}
			if p.name == "" || p.name != filepath.Base(p.name) {
				return usage(fmt.Errorf("--report-name is %q: must be a file's name", p.name))
			}
			return p.run(cmd.Context(), dirs[0], cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	p.reportFiles.addFlags(cmd)
	cmd.Flags().StringVar(&p.name, "report-name", "overall", "`name` of the reports, without extension")
	p.judging.addFlags(cmd, formatText, formatJSON, formatCSV, formatMarkdown, formatHTML)
	return cmd
}

func (p *analyzingPolicies) run(ctx context.Context, dir string, stdout, stderr io.Writer) error {
	if err := p.checkOutput(dir); err != nil {
		return err
	}
	files, err := listPolicies(dir)
	if err != nil {
		return err
	}
	o := risk.DefaultOptions()
	o.MaxActions, o.MaxEvidence = 0, 0
	e, err := p.engine(ctx, o)
	if err != nil {
		return err
	}
	r := newReport("Policies of "+filepath.Base(absolute(dir)), e)
	r.Files, r.Account = true, accountOf(files[0])
	var errs []error
	for _, file := range files {
		if err := p.spare(file); err != nil {
			return err
		}
	}
	for _, file := range files {
		if accountOf(file) != r.Account {
			r.Account = "" // there are several
		}
		if err := addFile(ctx, r, e, dir, file); err != nil {
			errs = append(errs, fmt.Errorf("read policy %s: %w", file, err))
			r.Gaps = append(r.Gaps, report.Gap{What: file, Why: oneLine(err.Error())})
		}
	}
	r.Sort()
	if p.output == "" {
		errs = append(errs, p.judging.write(r, stdout))
	} else {
		errs = append(errs, p.reportFiles.write(ctx, r, p.messages.told(zapcore.InfoLevel, stderr)))
	}
	return errors.Join(asLines(errs), p.verdict(r))
}

// checkOutput refuses to write reports among the policies, which the next call
// would take for policies.
func (p *analyzingPolicies) checkOutput(dir string) error {
	if p.output == "" {
		return nil
	}
	inside, err := filepath.Rel(withoutLinks(dir), withoutLinks(p.output))
	if err == nil && inside != ".." && !strings.HasPrefix(inside, ".."+string(filepath.Separator)) {
		return usage(fmt.Errorf("--output %s is among the policies of %s; choose another directory", p.output, dir))
	}
	return nil
}

// withoutLinks is an absolute path without symbolic links. What is not there yet is in a
// directory that is, or is as it was given.
func withoutLinks(path string) string {
	path = absolute(path)
	if target, err := filepath.EvalSymlinks(path); err == nil {
		return target
	}
	if parent := filepath.Dir(path); parent != path {
		return filepath.Join(withoutLinks(parent), filepath.Base(path))
	}
	return path
}

// absolute is a path from the root; one that cannot be had is itself.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// listPolicies returns the files of policies, in the order of their paths.
func listPolicies(dir string) ([]string, error) {
	var files []string
	root := filepath.Clean(dir) + string(filepath.Separator) // also of a symbolic link
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.EqualFold(filepath.Ext(path), ".json") {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list policies: %w", err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("list policies: %s has no file that ends in .json", dir)
	}
	return files, nil
}

func addFile(ctx context.Context, r *report.Report, e *risk.Engine, dir, file string) error {
	if err := regularFile(file); err != nil {
		return err
	}
	raw, err := readInput(ctx, "policy", file, nil)
	if err != nil {
		return err
	}
	rel, err := filepath.Rel(dir, file)
	if err != nil {
		rel = file
	}
	return addDocument(r, e, raw, risk.Entity{
		Account: accountOf(file), Kind: "policy", Name: stem(file), ID: filepath.ToSlash(rel),
	})
}

// accountOf is the account id among the folders of a path, the nearest one.
func accountOf(path string) string {
	folders := strings.Split(filepath.ToSlash(filepath.Dir(absolute(path))), "/")
	for i := len(folders) - 1; i >= 0; i-- {
		if event.IsAccountID(folders[i]) {
			return folders[i]
		}
	}
	return ""
}
