package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"go.uber.org/zap/zapcore"

	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/internal/count"
)

func (a *app) writePolicyDirCommand() *cobra.Command {
	w := newWriting(&a.catalog, &a.messages)
	var input, output string
	cmd := &cobra.Command{
		Use:   "write-policy-dir",
		Short: "Write a policy from each template of a directory",
		Long: `Write a policy from each template of a directory.

Templates are the files that end in .yml, .yaml or .json. The policy of
orders.yml becomes orders.json in the output directory, or orders.yaml with
--fmt yaml; one that is there is replaced. With --max-size a template that asks
for too much becomes orders.json, orders-2.json and so on. A broken template does
not keep the others from being written, but where two policies would become the
same file, none is.`,
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
			return w.writeDir(cmd.Context(), input, output, cmd.ErrOrStderr())
		},
	}
	cmd.Flags().StringVar(&input, "input-dir", "", "`DIRECTORY` of templates")
	cmd.Flags().StringVar(&output, "output-dir", "", "`DIRECTORY` for policies, which is made if it is not there")
	w.addFlags(cmd)
	return cmd
}

// writeDir writes what it can and returns all that went wrong.
func (w *writing) writeDir(ctx context.Context, input, output string, notes io.Writer) error {
	templates, err := listTemplates(input)
	if err != nil {
		return err
	}
	targets, err := w.targets(templates, output)
	if err != nil {
		return err
	}
	c, err := w.catalog.open(ctx)
	if err != nil {
		return err
	}
	writer := policy.NewWriter(c)
	var errs []error
	all := make([]written, 0, len(templates))
	for i, template := range templates {
		texts, err := w.texts(ctx, writer, template, notes)
		errs = append(errs, err)
		if err == nil {
			all = append(all, written{template, targets[i], texts})
		}
	}
	taken := make(map[string]bool, len(targets))
	for _, target := range targets {
		taken[target] = true
	}
	if err := clashes(all, taken); err != nil {
		return errors.Join(append(errs, err)...)
	}
	if err := os.MkdirAll(output, 0o750); err != nil {
		return errors.Join(append(errs, fmt.Errorf("make output directory: %w", err))...)
	}
	for _, one := range all {
		errs = append(errs, one.write(ctx))
	}
	return errors.Join(append(errs, tellLeftOver(all, taken, output, w.messages.told(zapcore.WarnLevel, notes)))...)
}

// written is what a template becomes: the first of the texts goes to its target,
// further ones beside it.
type written struct {
	template, target string
	texts            [][]byte
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
			errs = append(errs, fmt.Errorf("write %s: %s and %s would both become it", visible(targets[i]), visible(other), visible(template)))
		}
		from[targets[i]] = template
		if inPlace && strings.HasSuffix(name, extension) {
			errs = append(errs, fmt.Errorf("write %s: it is a template; choose another output directory", visible(targets[i])))
		}
	}
	return targets, errors.Join(errs...)
}

func sameFile(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// texts returns the policies of a template as they are written to files.
func (w *writing) texts(ctx context.Context, writer *policy.Writer, template string, notes io.Writer) ([][]byte, error) {
	if err := regularFile(template); err != nil {
		return nil, fmt.Errorf("read template %s: %w", inputName(template), err)
	}
	raw, err := readInput(ctx, "template", template, nil)
	if err != nil {
		return nil, err
	}
	out, err := w.policies(writer, template, raw, notes)
	if err == nil && w.explain.value == explainText {
		err = explain(prefixed{notes, visible(filepath.Base(template))}, out.Policies, out.Explanations)
	}
	if err != nil {
		return nil, err
	}
	texts := make([][]byte, len(out.Policies))
	for i := range out.Policies {
		if texts[i], err = encodePolicy(w.format.value, out.Policies[i].JSON); err != nil {
			return nil, err
		}
	}
	return texts, nil
}

// clashes returns an error for each further policy that would go to the target of
// another template, even of one that is broken.
func clashes(all []written, taken map[string]bool) error {
	var errs []error
	for _, one := range all {
		for i := 1; i < len(one.texts); i++ {
			if part := partOf(one.target, i); taken[part] {
				errs = append(errs, fmt.Errorf("write %s: it is policy %d of %s, and the policy of another template", visible(part), i+1, visible(one.template)))
			}
		}
	}
	return errors.Join(errs...)
}

func (w written) write(ctx context.Context) error {
	for i, text := range w.texts {
		if err := writeAtomically(ctx, partOf(w.target, i), text); err != nil {
			return err
		}
	}
	return nil
}

// tellLeftOver says which further policies of templates are in a directory from
// before, when there were more of them.
func tellLeftOver(all []written, taken map[string]bool, dir string, notes io.Writer) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("look for policies from before: %w", err)
	}
	there := make(map[string][]int) // parts by the targets that they belong to
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if target, i := wholeOf(path); i > 0 && !e.IsDir() && !taken[path] {
			there[target] = append(there[target], i)
		}
	}
	for _, one := range all {
		parts := slices.DeleteFunc(there[one.target], func(i int) bool { return i < len(one.texts) })
		if len(parts) == 0 {
			continue
		}
		slices.Sort(parts)
		paths := make([]string, len(parts))
		for i, part := range parts {
			paths[i] = partOf(one.target, part)
		}
		fmt.Fprintf(notes, "leastwise: note: %s from before, and %s has become %s now; delete what is no longer needed: %s\n",
			count.Of(len(parts), "file is", "files are"), visible(filepath.Base(one.template)), count.Kind(len(one.texts), "policy"), visible(strings.Join(paths, ", ")))
	}
	return nil
}

// partOf returns where one of several policies goes: orders.json, orders-2.json.
func partOf(target string, i int) string {
	extension := filepath.Ext(target)
	return partName(strings.TrimSuffix(target, extension), "-", i) + extension
}

// wholeOf is partOf the other way: which of the policies of which target is at a
// path, or 0 where it is the first of its own.
func wholeOf(path string) (target string, i int) {
	extension := filepath.Ext(path)
	stem := strings.TrimSuffix(path, extension)
	hyphen := strings.LastIndexByte(stem, '-')
	n, err := strconv.Atoi(stem[hyphen+1:])
	if hyphen < 0 || err != nil || n < 2 {
		return path, 0
	}
	target = stem[:hyphen] + extension
	if partOf(target, n-1) != path { // it has zeros in front
		return path, 0
	}
	return target, n - 1
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
