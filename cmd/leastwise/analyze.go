package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/leastwise/leastwise/catalog/risk"
	"github.com/leastwise/leastwise/internal/count"
	"github.com/leastwise/leastwise/internal/report"
)

func (a *app) analyzeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "analyze",
		Short: "Say what is risky about policies or about a saved account",
		Long: `Say what is risky about policies or about a saved account.

All of it is judged by the same rules as in the pipeline. A finding is not an
error: the exit code is 0, unless --fail-on says from which severity on it is 1.

The file of --exclusions says what is all right; what it leaves out is counted:

  exclude:
    - roles: [AWSReservedSSO_*, /teams/ci/, "arn:aws:iam::111122223333:role/x"]
      policies: [Break*]          # users and groups are the others
      rules: [network-exposure]   # ids or categories; all of them without it
      reason: reviewed in May
  service-linked-roles: judged    # they are shown and not judged without it

policy_sentry's report-config.yml works too.`,
		Example: `  leastwise analyze account account.json.gz --fmt html > account.html
  leastwise analyze policy-file policy.json --fail-on high
  leastwise analyze downloaded-policies policies --output reports`,
		GroupID:                    groupPolicy,
		SuggestionsMinimumDistance: 2,
		Args:                       args(knownCommand),
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.analyzeAccountCommand(), a.analyzePolicyCommand(), a.analyzePoliciesCommand())
	return cmd
}

// The formats of reports, beside those of answers.
const (
	formatText     = "text"
	formatMarkdown = "markdown"
	formatHTML     = "html"
)

// judging is what every command that judges takes: what judges, what is left
// out, and how it is told.
type judging struct {
	catalog  *catalogFlags
	messages *messageFlags
	risk     riskFlags
	failOn   choice
	format   choice // empty until formatFor decides
}

// addFlags adds the flags that all share; formats are those of --fmt.
func (j *judging) addFlags(cmd *cobra.Command, formats ...string) {
	f := cmd.Flags()
	j.catalog.addFlags(f)
	j.risk.addFlags(f)
	j.failOn.of = []string{"critical", "high", "medium", "low", "info"}
	f.Var(&j.failOn, "fail-on", "`severity` from which on a finding makes the exit code 1: critical, high, medium, low or info")
	complete(cmd, "fail-on", j.failOn.of)
	j.format.of = formats
	f.Var(&j.format, "fmt", "`format` of the report: "+strings.Join(formats, ", ")+"; by default text on a terminal, json elsewhere")
	complete(cmd, "fmt", formats)
	j.messages.addFormerTo(cmd)
	f.SetNormalizeFunc(formerNames)
}

// formerNames gives policy_sentry's flags their names here.
func formerNames(_ *pflag.FlagSet, name string) pflag.NormalizedName {
	switch name {
	case "report-config":
		name = "exclusions"
	case "account-id":
		name = "account"
	case "report-path":
		name = "output"
	}
	return pflag.NormalizedName(name)
}

// engine reads the catalog, the rules and the exclusions.
func (j *judging) engine(ctx context.Context, o risk.Options) (*risk.Engine, error) {
	c, err := j.catalog.open(ctx)
	if err != nil {
		return nil, err
	}
	book, err := j.risk.open(ctx, c)
	if err != nil {
		return nil, err
	}
	o.Exclusions = book.exclusions
	return risk.NewEngine(book.rules, o), nil
}

// titlesOf are the titles of an engine's rules.
func titlesOf(rules *risk.Rules) map[string]string {
	titles := make(map[string]string, len(rules.All()))
	for _, r := range rules.All() {
		titles[r.ID] = r.Title
	}
	return titles
}

// newReport returns an empty report of an engine.
func newReport(title string, e *risk.Engine) *report.Report {
	info := e.Rules().Catalog().Info()
	r := &report.Report{
		Title: title, Catalog: fmt.Sprintf("%s of %s", info.Package, info.Date.Format("2006-01-02")), Tool: "leastwise " + buildVersion(),
		Titles: titlesOf(e.Rules()), Documents: map[string][]byte{},
	}
	for _, unfit := range e.Rules().Unfit() {
		r.Gaps = append(r.Gaps, report.Gap{What: "risk rule " + unfit.Rule, Why: unfit.String()})
	}
	return r
}

// write writes a report in the format that was asked for.
func (j *judging) write(r *report.Report, out io.Writer) error {
	switch j.formatFor(out) {
	case formatText:
		return r.Text(out, report.TextOptions{Color: isTerminal(out) && os.Getenv("NO_COLOR") == ""})
	case formatCSV:
		return r.PoliciesCSV(out)
	case formatMarkdown:
		return r.Markdown(out)
	case formatHTML:
		return r.HTML(out)
	}
	return r.JSON(out)
}

func (j *judging) formatFor(out io.Writer) string {
	switch {
	case j.format.value != "":
		return j.format.value
	case isTerminal(out):
		return formatText
	}
	return formatJSON
}

// verdict is the error that --fail-on asks for.
func (j *judging) verdict(r *report.Report) error {
	if j.failOn.value == "" {
		return nil
	}
	severity, err := risk.ParseSeverity(j.failOn.value)
	if err != nil {
		return usage(err)
	}
	n := r.AtLeast(severity)
	if n == 0 {
		return nil
	}
	return fmt.Errorf("--fail-on %s: %s", severity, foundWords(n, severity))
}

func foundWords(n int, s risk.Severity) string {
	worse := " or worse"
	if s == risk.Critical {
		worse = ""
	}
	return fmt.Sprintf("%s %s%s", count.Of(n, "finding is", "findings are"), s, worse)
}
