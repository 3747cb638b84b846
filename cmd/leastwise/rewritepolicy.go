package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"
	"go.uber.org/zap/zapcore"

	"github.com/leastwise/leastwise/catalog/policy"
)

// rewriting is how one policy document becomes another that means the same.
type rewriting struct {
	catalog  *catalogFlags
	messages *messageFlags
	input    string
	format   *choice
}

func (r *rewriting) addFlags(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&r.input, "input-file", "i", stdio, "policy `FILE`, or - for standard input")
	r.catalog.addFlags(cmd.Flags())
	r.format = addFormat(cmd, formatJSON, formatYAML, formatTerraform)
}

func (a *app) expandPolicyCommand() *cobra.Command {
	r := rewriting{catalog: &a.catalog, messages: &a.messages}
	cmd := &cobra.Command{
		Use:   "expand-policy",
		Short: "Spell out the wildcards in a policy's actions",
		Long: `Spell out the wildcards in a policy's actions.

Every wildcard in Action and NotAction becomes the actions that it names today;
all else stays. What the catalog does not know stays as it is, and is said on
standard error.`,
		Example: "  leastwise expand-policy -i policy.json\n  aws iam get-role-policy ... --query PolicyDocument | leastwise expand-policy",
		GroupID: groupPolicy,
		Args:    args(noArguments),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return r.rewrite(cmd, expand)
		},
	}
	r.addFlags(cmd)
	return cmd
}

func (a *app) minimizePolicyCommand() *cobra.Command {
	r := rewriting{catalog: &a.catalog, messages: &a.messages}
	var minimize optionalNumber
	cmd := &cobra.Command{
		Use:   "minimize-policy",
		Short: "Shorten a policy without changing what it grants",
		Long: `Shorten a policy without changing what it grants.

Actions become the shortest wildcards that name the same actions and no other
of the catalog, and statements that differ only in their actions become one.`,
		Example: "  leastwise minimize-policy -i policy.json\n  leastwise minimize-policy --minimize 6 < policy.json",
		GroupID: groupPolicy,
		Args:    args(noArguments),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return r.rewrite(cmd, func(w *policy.Writer, d *policy.Document) (policy.Rewritten, error) {
				return w.MinimizeDocument(d, minimize.n), nil
			})
		},
	}
	r.addFlags(cmd)
	minimize.addTo(cmd.Flags(), "minimize", "m", 0, "`N` characters that a prefix keeps at least")
	return cmd
}

// maxExpanded bounds the memory that a policy of many "*" takes: fifty times all
// actions.
const maxExpanded = 1_000_000

func expand(w *policy.Writer, d *policy.Document) (policy.Rewritten, error) {
	expanded, _ := w.ExpandWithin(d, maxExpanded)
	if expanded.Document == nil {
		return expanded, fmt.Errorf("the expanded policy would name more than %d actions; expand fewer statements at once", maxExpanded)
	}
	return expanded, nil
}

func (r *rewriting) rewrite(cmd *cobra.Command, rewrite func(*policy.Writer, *policy.Document) (policy.Rewritten, error)) error {
	doc, err := readPolicy(cmd.Context(), r.input, cmd.InOrStdin())
	if err != nil {
		return err
	}
	c, err := r.catalog.open(cmd.Context())
	if err != nil {
		return err
	}
	rewritten, err := rewrite(policy.NewWriter(c), doc)
	if err != nil {
		return err
	}
	stays := make(map[string]bool)
	for i := range rewritten.Statements {
		for _, action := range slices.Concat(rewritten.Statements[i].Actions, rewritten.Statements[i].NotActions) {
			stays[action] = true
		}
	}
	notes := r.messages.told(zapcore.WarnLevel, cmd.ErrOrStderr())
	for _, unknown := range rewritten.Unknown {
		remark := ""
		if stays[unknown] { // a wildcard for everything has taken its place otherwise
			remark = "; it stays as it is"
		}
		fmt.Fprintf(notes, "leastwise: note: the catalog has no action %q%s\n", unknown, remark)
	}
	text, err := encodePolicy(r.format.value, rewritten.JSON)
	if err != nil {
		return err
	}
	_, err = cmd.OutOrStdout().Write(text)
	return err
}

// readPolicy reads a policy document in JSON or YAML. One that IAM would refuse
// is an error: what is wrong with it would be lost.
func readPolicy(ctx context.Context, input string, stdin io.Reader) (*policy.Document, error) {
	raw, err := readInput(ctx, "policy", input, stdin)
	if err != nil {
		return nil, err
	}
	doc, _, err := parsePolicy(raw)
	if err != nil {
		return nil, fmt.Errorf("read policy %s: %w", inputName(input), err)
	}
	problems := make([]error, len(doc.Problems))
	for i, text := range problemTexts(raw, doc.Problems) {
		problems[i] = errors.New(text)
	}
	if err := errors.Join(problems...); err != nil {
		return nil, fmt.Errorf("read policy %s: %w", inputName(input), err)
	}
	return doc, nil
}
