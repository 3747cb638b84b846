package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"go.uber.org/zap/zapcore"

	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/catalog/risk"
	"github.com/leastwise/leastwise/internal/report"
	"github.com/leastwise/leastwise/schemas/event"
)

func (a *app) analyzePolicyCommand() *cobra.Command {
	j := judging{catalog: &a.catalog, messages: &a.messages}
	files := reportFiles{name: "report"}
	var file, account string
	cmd := &cobra.Command{
		Use:   "policy-file [FILE|-]",
		Short: "Say what is risky about one policy document",
		Long: `Say what is risky about one policy document.

The document is JSON or YAML: an identity policy, which is judged by what it
lets do whoever carries it, or a trust policy, which is judged by whom it lets
in. The policy of a resource, such as a bucket, is not judged, and the report says
so. Other policies of a principal can take from what is found or add to it:
'leastwise analyze account' knows them. With --output the reports are files of a
directory, in every format: report.json, report.csv and so on.`,
		Example: `  leastwise analyze policy-file --policy policy.json
  aws iam get-role-policy ... --query PolicyDocument | leastwise analyze policy-file - --fail-on high`,
		Args: args(arguments(0, 1, "one policy")),
		RunE: func(cmd *cobra.Command, named []string) error {
			switch {
			case len(named) == 1 && file != "":
				return usage(errors.New("name one policy, by --policy or without it"))
			case len(named) == 1:
				file = named[0]
			case file == "":
				return needed(cmd, "name a policy, or - for standard input")
			}
			if account != "" && !event.IsAccountID(account) {
				return usage(fmt.Errorf("--account is %q: must be 12 digits", account))
			}
			if err := files.validate(cmd); err != nil {
				return err
			}
			return j.policyFile(cmd, file, account, &files)
		},
	}
	cmd.Flags().StringVar(&file, "policy", "", "policy `FILE`, or - for standard input")
	addName(cmd.Flags(), &account, "account", "", "12-digit `account` that the policy is of, to which other accounts are foreign")
	files.addFlags(cmd)
	j.addFlags(cmd, formatText, formatJSON, formatMarkdown, formatHTML)
	return cmd
}

func (j *judging) policyFile(cmd *cobra.Command, file, account string, files *reportFiles) error {
	if err := files.spare(file); err != nil {
		return err
	}
	raw, err := readInput(cmd.Context(), "policy", file, cmd.InOrStdin())
	if err != nil {
		return err
	}
	o := risk.DefaultOptions()
	o.MaxActions, o.MaxEvidence = 0, 0
	e, err := j.engine(cmd.Context(), o)
	if err != nil {
		return err
	}
	entity := risk.Entity{Account: account, Kind: "policy", Name: stem(file), ID: file}
	title := "Policy " + entity.Name
	if file == stdio {
		entity.Name, title = "-", "Policy from standard input"
	}
	r := newReport(title, e)
	r.Account, r.Files = account, true
	if err := addDocument(r, e, raw, entity); err != nil {
		return fmt.Errorf("read policy %s: %w", inputName(file), err)
	}
	r.Sort()
	if files.output != "" {
		err = files.write(cmd.Context(), r, j.messages.told(zapcore.InfoLevel, cmd.ErrOrStderr()))
	} else {
		err = j.write(r, cmd.OutOrStdout())
	}
	if err != nil {
		return err
	}
	return j.verdict(r)
}

// stem is a file's name without its extension.
func stem(file string) string {
	name := filepath.Base(file)
	return strings.TrimSuffix(name, filepath.Ext(name))
}

// addDocument judges one document, in JSON or YAML, into a report. What IAM would
// refuse in it, and what the catalog does not know, is said there; the error is
// of a text that is no policy.
func addDocument(r *report.Report, e *risk.Engine, raw []byte, entity risk.Entity) error {
	doc, asJSON, err := parsePolicy(raw)
	if err != nil {
		return err
	}
	if len(doc.Statements) == 0 {
		return errors.New("it has no Statement, so it is no policy")
	}
	normalized := event.NormalizeDocument(asJSON)
	hash := event.HashDocument(normalized)
	analysis := policy.Analyze(e.Rules().Catalog(), doc)
	attachment := policy.Attachment{Analysis: analysis, Document: hash, Name: entity.Name}
	findings, excluded := e.Document(doc, attachment, entity)
	r.Add(risk.Judgement{Entity: entity, Findings: findings, Excluded: excluded})
	r.Documents[hash] = normalized
	for _, p := range risk.NotJudged(doc) {
		r.Gaps = append(r.Gaps, report.Gap{What: entity.Name, Why: fmt.Sprintf("statement %d %s", p.Statement, p.Reason)})
	}
	for _, problem := range problemTexts(raw, doc.Problems) {
		r.Gaps = append(r.Gaps, report.Gap{What: entity.Name, Why: problem})
	}
	for _, pattern := range analysis.Unknown {
		r.Gaps = append(r.Gaps, report.Gap{What: entity.Name, Why: fmt.Sprintf("the catalog has no action %q, so it was not judged", pattern)})
	}
	return nil
}
