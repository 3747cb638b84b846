package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/leastwise/leastwise/catalog/policy"
)

func (a *app) writePolicyDirCommand() *cobra.Command {
	w := newWriting(&a.catalog)
	var input, output string
	cmd := &cobra.Command{
		Use:   "write-policy-dir",
		Short: "Write a policy from each template of a directory",
		Long: `Write a policy from each template of a directory.

Templates are the files that end in .yml, .yaml or .json. The policy of
orders.yml becomes orders.json in the output directory, or orders.yaml with
--fmt yaml; one that is there is replaced. With --max-size a template that asks
for too much becomes orders.json, orders-2.json and so on. A broken template does
not keep the others from being written.`,
		Example: "  leastwise write-policy-dir --input-dir templates --output-dir policies --minimize --max-size 6144",
		GroupID: groupPolicy,
		Args:    args(noArguments),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if input == "" || output == "" {
				return needed(cmd, "--input-dir and --output-dir are needed")
			}
			if w.explain.value == explainJSON {
				return usage(errors.New("--explain can only be text here: the files are policies"))
			}
			return w.writeDir(input, output, cmd.ErrOrStderr())
		},
	}
	cmd.Flags().StringVar(&input, "input-dir", "", "`DIRECTORY` of templates")
	cmd.Flags().StringVar(&output, "output-dir", "", "`DIRECTORY` for policies, which is made if it is not there")
	w.addFlags(cmd)
	return cmd
}

// writeDir writes what it can and returns all that went wrong.
func (w *writing) writeDir(input, output string, notes io.Writer) error {
	templates, err := listTemplates(input)
	if err != nil {
		return err
	}
	targets, err := w.targets(templates, output)
	if err != nil {
		return err
	}
	c, err := w.catalog.open()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(output, 0o750); err != nil {
		return fmt.Errorf("make output directory: %w", err)
	}
	writer := policy.NewWriter(c)
	taken := make(map[string]bool, len(targets))
	for _, target := range targets {
		taken[target] = true
	}
	var errs []error
	for i, template := range templates {
		errs = append(errs, w.writeFile(writer, template, taken, targets[i], notes))
	}
	return errors.Join(errs...)
}

func listTemplates(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("list templates: %w", err)
	}
	var paths []string
	for _, e := range entries {
		switch filepath.Ext(e.Name()) {
		case ".yml", ".yaml", ".json":
			if !e.IsDir() {
				paths = append(paths, filepath.Join(dir, e.Name()))
			}
		}
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("list templates: %s has no file that ends in .yml, .yaml or .json", dir)
	}
	return paths, nil
}

// targets returns where the policies of templates, which are in one directory,
// go. Two at one place, or one at the place of a template, are errors.
func (w *writing) targets(templates []string, output string) ([]string, error) {
	extension := ".json"
	if w.format.value == formatYAML {
		extension = ".yaml"
	}
	inPlace := sameFile(filepath.Dir(templates[0]), output)
	targets := make([]string, len(templates))
	from := make(map[string]string, len(templates))
	var errs []error
	for i, template := range templates {
		name := filepath.Base(template)
		targets[i] = filepath.Join(output, strings.TrimSuffix(name, filepath.Ext(name))+extension)
		if other, taken := from[targets[i]]; taken {
			errs = append(errs, fmt.Errorf("write %s: %s and %s would both become it", targets[i], other, template))
		}
		from[targets[i]] = template
		if inPlace && strings.HasSuffix(name, extension) {
			errs = append(errs, fmt.Errorf("write %s: it is a template; choose another output directory", targets[i]))
		}
	}
	return targets, errors.Join(errs...)
}

func sameFile(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// writeFile writes the policies of a template: the first to its target, further
// ones beside it.
func (w *writing) writeFile(writer *policy.Writer, template string, targets map[string]bool, target string, notes io.Writer) error {
	if err := regularFile(template); err != nil {
		return fmt.Errorf("read template %s: %w", template, err)
	}
	raw, err := readInput("template", template, nil)
	if err != nil {
		return err
	}
	out, err := w.policies(writer, template, raw, notes)
	if err == nil && w.explain.value == explainText {
		err = explain(prefixed{notes, filepath.Base(template)}, out.Policies, out.Explanations)
	}
	if err != nil {
		return err
	}
	for i := range out.Policies {
		part := partOf(target, i)
		if i > 0 && targets[part] {
			return fmt.Errorf("write %s: it is policy %d of %s, and the policy of another template", part, i+1, template)
		}
		text, err := encodePolicy(w.format.value, out.Policies[i].JSON)
		if err != nil {
			return err
		}
		if err := writeAtomically(part, text); err != nil {
			return err
		}
	}
	next := partOf(target, len(out.Policies))
	if _, err := os.Stat(next); err == nil && !targets[next] {
		fmt.Fprintf(notes, "leastwise: note: %s is from before: %s has become %d now; delete it where it is no longer needed\n",
			next, filepath.Base(template), len(out.Policies))
	}
	return nil
}

// partOf returns where one of several policies goes: orders.json, orders-2.json.
func partOf(target string, i int) string {
	extension := filepath.Ext(target)
	return partName(strings.TrimSuffix(target, extension), "-", i) + extension
}

// prefixed puts the name of a template into the lines that are about it.
type prefixed struct {
	out  io.Writer
	name string
}

func (p prefixed) Write(text []byte) (int, error) {
	lines := strings.ReplaceAll("\n"+string(text), "\nleastwise: ", "\nleastwise: "+p.name+": ")
	_, err := io.WriteString(p.out, lines[1:])
	return len(text), err
}
