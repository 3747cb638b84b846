package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"go.uber.org/zap/zapcore"

	"github.com/leastwise/leastwise/catalog/policy"
)

// writing is how policies are written from templates.
type writing struct {
	catalog  *catalogFlags
	messages *messageFlags
	minimize optionalNumber
	maxSize  optionalNumber
	explain  choice
	crud     bool
	format   *choice
}

func newWriting(catalog *catalogFlags, messages *messageFlags) *writing {
	return &writing{catalog: catalog, messages: messages, maxSize: optionalNumber{least: 1}, explain: choice{of: explainFormats()}}
}

func (w *writing) addFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	w.minimize.addTo(f, "minimize", "m", 0, "shorten actions to prefixes of at least `N` characters that name nothing else")
	w.maxSize.addTo(f, "max-size", "", policy.MaxPolicySize, "split into policies of at most `N` characters, without white space")
	f.Var(&w.explain, "explain", "say on standard error why each action is there (`text`), or in the answer (json)")
	f.Lookup("explain").NoOptDefVal = explainText
	complete(cmd, "explain", w.explain.of)
	f.BoolVar(&w.crud, "crud", false, "read a template of mode crud, and nothing else")
	w.catalog.addFlags(f)
	w.format = addFormat(cmd, formatJSON, formatYAML, formatTerraform)
	w.messages.addFormerTo(cmd)
}

// options are what the flags make of a policy.
func (w *writing) options() policy.Options {
	o := policy.Options{Explain: w.explain.value != ""}
	if w.minimize.on {
		o.Minimize = &w.minimize.n
	}
	if w.maxSize.on {
		o.MaxSize = w.maxSize.n
	}
	return o
}

func (a *app) writePolicyCommand() *cobra.Command {
	var input string
	w := newWriting(&a.catalog, &a.messages)
	cmd := &cobra.Command{
		Use:   "write-policy",
		Short: "Write a least-privilege policy from a template",
		Long: `Write a least-privilege policy from a template.

The template is YAML or JSON, in policy_sentry's form: lists of ARNs by the
access level that is needed on them. Its form of 2020 works too. The policy goes
to standard output, what it leaves out is said on standard error.

  mode: crud
  read:
    - arn:aws:s3:::my-bucket/*
  write:
    - arn:aws:ssm:us-east-1:111122223333:parameter/app/*
  wildcard-only:
    single-actions: [ec2:DescribeInstances]

Conditions, as a policy has them, hold for every statement. A value of a list can
have its own: then it is an object with arn (or arns; action, actions; service,
services). Keys, operators and values are checked.

  conditions:
    StringEquals:
      aws:PrincipalOrgID: o-1234567890
  write:
    - arn: arn:aws:ec2:us-east-1:111122223333:instance/*
      conditions:
        StringEquals:
          aws:ResourceTag/team: orders

The format terraform is JSON that Terraform's external data source reads.

With --max-size the answer is a list of policies, as few as there is room in, and
with the format terraform an object of them: policy, policy_2, policy_3. Alone it
is 6144, which is what IAM takes as a managed policy. With --explain=json the
answer is an object with policies, notes and explanations, in JSON or YAML.`,
		Example: "  leastwise write-policy -i template.yml\n  leastwise write-policy --minimize --max-size 6144 --explain < template.yml",
		GroupID: groupPolicy,
		Args:    args(noArguments),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if w.explain.value == explainJSON && w.format.value == formatTerraform {
				return usage(errors.New("--explain=json has no room in --fmt terraform, whose values are texts; use --explain=text, or --fmt json or yaml"))
			}
			return w.writePolicy(cmd.Context(), input, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().StringVarP(&input, "input-file", "i", stdio, "template `FILE`, or - for standard input")
	w.addFlags(cmd)
	refuse(cmd.Flags(), "minimize_length", "--minimize N")
	return cmd
}

func (w *writing) writePolicy(ctx context.Context, input string, stdin io.Reader, stdout, stderr io.Writer) error {
	raw, err := readInput(ctx, "template", input, stdin)
	if err != nil {
		return err
	}
	c, err := w.catalog.open(ctx)
	if err != nil {
		return err
	}
	text, err := w.write(policy.NewWriter(c), input, raw, stderr)
	if err != nil {
		return err
	}
	_, err = stdout.Write(text)
	return err
}

// write returns the policies that a template asks for as text, and says in notes
// what they leave out and why they have what they have; input is the file of the
// template.
func (w *writing) write(writer *policy.Writer, input string, raw []byte, notes io.Writer) ([]byte, error) {
	out, err := w.policies(writer, input, raw, notes)
	if err == nil && w.explain.value == explainText {
		err = explain(notes, out.Policies, out.Explanations)
	}
	if err != nil {
		return nil, err
	}
	switch {
	case w.explain.value == explainJSON:
		return encode(w.format.value, out, nil)
	case w.maxSize.on:
		return encodePolicies(w.format.value, out.Policies)
	default:
		return encodePolicy(w.format.value, out.Policies[0].JSON)
	}
}

// policies writes what a template asks for, and says in notes what they leave out.
func (w *writing) policies(writer *policy.Writer, input string, raw []byte, notes io.Writer) (*policy.Result, error) {
	template, err := w.parse(raw)
	out, err := writer.WriteParsed(template, w.options(), err)
	if faults, ok := errors.AsType[policy.Faults](err); ok {
		return nil, linesError(faultLines(input, raw, faults))
	}
	if err != nil {
		return nil, fmt.Errorf("read template %s: %w", inputName(input), err)
	}
	notes = w.messages.told(zapcore.WarnLevel, notes)
	for _, note := range faultLines(input, raw, out.Notes) {
		fmt.Fprintf(notes, "leastwise: note: %s\n", note)
	}
	return out, nil
}

// parse reads a template in YAML or JSON.
func (w *writing) parse(raw []byte) (policy.Template, error) {
	asJSON, err := yamlToJSON(raw)
	if err != nil {
		return policy.Template{}, err
	}
	mode := ""
	if w.crud {
		mode = policy.ModeCRUD
	}
	template, err := policy.ParseTemplateOf(mode, asJSON)
	return template, withoutPosition(err)
}

// encodePolicies returns a list of policies, or an object of their texts for
// Terraform, whose external data sources are objects of texts.
func encodePolicies(format string, policies []policy.Policy) ([]byte, error) {
	if format != formatTerraform {
		return encode(format, policies, nil)
	}
	texts := make(map[string]string, len(policies))
	for i := range policies {
		texts[partName("policy", "_", i)] = string(policies[i].JSON(""))
	}
	text, err := json.Marshal(texts)
	if err != nil {
		return nil, fmt.Errorf("encode policies: %w", err)
	}
	return append(text, '\n'), nil
}

// partName names one of several policies: "orders", "orders-2", "orders-3".
func partName(name, separator string, i int) string {
	if i == 0 {
		return name
	}
	return fmt.Sprintf("%s%s%d", name, separator, i+1)
}

// encodePolicy returns a policy in a format; document is its text in JSON with
// an indent.
func encodePolicy(format string, document func(indent string) []byte) ([]byte, error) {
	switch format {
	case formatYAML:
		return jsonToYAML(document(""))
	case formatTerraform:
		text, err := json.Marshal(map[string]string{"policy": string(document(""))})
		if err != nil {
			return nil, fmt.Errorf("encode policy: %w", err)
		}
		return append(text, '\n'), nil
	default:
		return append(document("    "), '\n'), nil
	}
}
