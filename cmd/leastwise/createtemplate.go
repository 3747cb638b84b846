package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/leastwise/leastwise/catalog/policy"
)

//go:embed templates/crud.yml
var crudTemplate string

//go:embed templates/actions.yml
var actionsTemplate string

// namePlace is what stands for the name in the templates.
const namePlace = `"NAME"`

func (a *app) createTemplateCommand() *cobra.Command {
	kind := choice{of: []string{policy.ModeCRUD, policy.ModeActions}}
	var name, output string
	var force bool
	cmd := &cobra.Command{
		Use:   "create-template",
		Short: "Create a template for write-policy to fill in",
		Long: `Create a template for write-policy to fill in.

Its type is crud, where resources are listed by the access that is needed on
them, or actions, where actions are listed. A file that is there already is
left as it is, unless --force is given.`,
		Example: `  leastwise create-template --template-type crud --output-file orders.yml
  leastwise create-template --template-type actions --name orders`,
		GroupID: groupPolicy,
		Args:    args(noArguments),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if kind.value == "" {
				return needed(cmd, "--template-type is needed: crud or actions")
			}
			text, err := templateText(kind.value, name)
			if err != nil {
				return err
			}
			return writeOutput(cmd.Context(), output, cmd.OutOrStdout(), text, force)
		},
	}
	f := cmd.Flags()
	f.VarP(&kind, "template-type", "t", "`type` of the template, which is needed: crud or actions")
	complete(cmd, "template-type", kind.of)
	addName(f, &name, "name", "n", "`name` of what the policy is for")
	f.StringVarP(&output, "output-file", "o", stdio, "`FILE` to write, or - for standard output")
	f.BoolVar(&force, "force", false, "overwrite the file")
	a.messages.addFormerTo(cmd)
	return cmd
}

func templateText(kind, name string) ([]byte, error) {
	quoted, err := json.Marshal(name)
	if err != nil {
		return nil, fmt.Errorf("quote name: %w", err)
	}
	text := crudTemplate
	if kind == policy.ModeActions {
		text = actionsTemplate
	}
	return []byte(strings.Replace(text, namePlace, string(quoted), 1)), nil
}

// writeOutput writes a file, or to standard output. A file that exists is an
// error unless force is set.
func writeOutput(ctx context.Context, path string, stdout io.Writer, text []byte, force bool) error {
	switch {
	case path == stdio:
		_, err := stdout.Write(text)
		return err
	case force:
		return writeAtomically(ctx, path, text)
	default:
		return writeNew(path, text)
	}
}

// writeNew writes a file that is not there yet.
func writeNew(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // the user names the file, and it holds no secret
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("write %s: it exists; --force overwrites it", path)
	}
	if err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write output: %w", errors.Join(err, os.Remove(path)))
	}
	return nil
}
