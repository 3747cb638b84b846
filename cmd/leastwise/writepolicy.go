package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
)

func (a *app) writePolicyCommand() *cobra.Command {
	var input string
	cmd := &cobra.Command{
		Use:   "write-policy",
		Short: "Write a least-privilege policy from a template",
		Long: `Write a least-privilege policy from a template.

The template is YAML or JSON, in policy_sentry's form: lists of ARNs by the
access level that is needed on them. The policy goes to standard output, what it
leaves out is said on standard error.

  mode: crud
  read:
    - arn:aws:s3:::my-bucket/*
  write:
    - arn:aws:ssm:us-east-1:111122223333:parameter/app/*
  wildcard-only:
    single-actions: [ec2:DescribeInstances]`,
		Example: "  leastwise write-policy -i template.yml\n  leastwise write-policy < template.yml",
		GroupID: groupPolicy,
		Args:    args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return writePolicy(input, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().StringVarP(&input, "input-file", "i", "-", "template `FILE`, or - for standard input")
	return cmd
}

func writePolicy(input string, stdin io.Reader, stdout, stderr io.Writer) error {
	raw, err := readInput(input, stdin)
	if err != nil {
		return err
	}
	template, err := parseTemplate(raw)
	if err != nil {
		return fmt.Errorf("read template %s: %w", inputName(input), err)
	}
	c, err := catalog.Open()
	if err != nil {
		return fmt.Errorf("open catalog: %w", err)
	}
	out, err := policy.Write(c, template)
	if err != nil {
		return fmt.Errorf("write policy from %s: %w", inputName(input), err)
	}
	for _, note := range out.Notes {
		fmt.Fprintf(stderr, "leastwise: note: %s\n", note.Error())
	}
	_, err = fmt.Fprintf(stdout, "%s\n", out.Policy.JSON("    "))
	return err
}

// parseTemplate reads YAML, of which JSON is a part.
func parseTemplate(raw []byte) (policy.Template, error) {
	asJSON, err := yamlToJSON(raw)
	if err != nil {
		return policy.Template{}, err
	}
	return policy.ParseTemplate(asJSON)
}

// maxInput bounds what is read into memory: no template is near as large.
const maxInput = 16 << 20

func readInput(input string, stdin io.Reader) ([]byte, error) {
	in := stdin
	if input != "-" {
		f, err := os.Open(input)
		if err != nil {
			return nil, fmt.Errorf("read template: %w", err)
		}
		defer f.Close()
		in = f
	}
	raw, err := io.ReadAll(io.LimitReader(in, maxInput+1))
	if err != nil {
		return nil, fmt.Errorf("read template %s: %w", inputName(input), err)
	}
	if len(raw) > maxInput {
		return nil, fmt.Errorf("read template %s: it is larger than %d MiB", inputName(input), maxInput>>20)
	}
	return raw, nil
}

func inputName(input string) string {
	if input == "-" {
		return "from standard input"
	}
	return input
}
