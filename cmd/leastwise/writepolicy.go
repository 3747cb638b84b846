package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/leastwise/leastwise/catalog/policy"
)

// writing is how policies are written from templates.
type writing struct {
	catalog  *catalogFlags
	minimize minimizeFlag
	crud     bool
	format   *choice
}

func (w *writing) addFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.Var(&w.minimize, "minimize", "shorten actions to prefixes of at least `N` characters that name nothing else")
	f.Lookup("minimize").NoOptDefVal = "0"
	f.BoolVar(&w.crud, "crud", false, "read a template of mode crud, and nothing else")
	w.catalog.addFlags(f)
	w.format = addFormat(cmd, formatJSON, formatYAML, formatTerraform)
}

func (a *app) writePolicyCommand() *cobra.Command {
	var input string
	w := writing{catalog: &a.catalog}
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

The format terraform is JSON that Terraform's external data source reads.`,
		Example: "  leastwise write-policy -i template.yml\n  leastwise write-policy --minimize < template.yml",
		GroupID: groupPolicy,
		Args:    args(w.minimize.args),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return w.writePolicy(input, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().StringVarP(&input, "input-file", "i", stdio, "template `FILE`, or - for standard input")
	w.addFlags(cmd)
	return cmd
}

func (w *writing) writePolicy(input string, stdin io.Reader, stdout, stderr io.Writer) error {
	raw, err := readInput("template", input, stdin)
	if err != nil {
		return err
	}
	c, err := w.catalog.open()
	if err != nil {
		return err
	}
	text, err := w.write(policy.NewWriter(c), inputName(input), raw, stderr)
	if err != nil {
		return err
	}
	_, err = stdout.Write(text)
	return err
}

// write returns the policy that a template asks for as text, and says in notes
// what it leaves out; name is that of the template.
func (w *writing) write(writer *policy.Writer, name string, raw []byte, notes io.Writer) ([]byte, error) {
	template, err := w.parse(raw)
	if err != nil {
		return nil, fmt.Errorf("read template %s: %w", name, err)
	}
	out, err := writer.Write(template)
	if err != nil {
		return nil, fmt.Errorf("write policy from %s: %w", name, err)
	}
	for _, note := range out.Notes {
		fmt.Fprintf(notes, "leastwise: note: %s\n", note.Error())
	}
	if w.minimize.on {
		out.Policy = writer.Minimize(out.Policy, w.minimize.length)
	}
	return encodePolicy(w.format.value, out.Policy.JSON)
}

// parse reads YAML, of which JSON is a part.
func (w *writing) parse(raw []byte) (policy.Template, error) {
	asJSON, err := yamlToJSON(raw)
	if err != nil {
		return policy.Template{}, err
	}
	mode := ""
	if w.crud {
		mode = policy.ModeCRUD
	}
	return policy.ParseTemplateOf(mode, asJSON)
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
