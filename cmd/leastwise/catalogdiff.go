package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/diff"
)

func catalogDiffCommand() *cobra.Command {
	var format *choice
	service := catalog.AllServices
	var exitCode bool
	cmd := &cobra.Command{
		Use:   "diff [OLD] NEW",
		Short: "What changed between two catalogs",
		Long: `What changed between two catalogs: services, actions, resource types and
condition keys that came (+), went (-) or are described in another way (~).

OLD and NEW are files of 'leastwise catalog refresh', or the word embedded for
the catalog in the binary, which OLD is when there is one argument.

It exits with 0 whether or not something changed; with --exit-code, with 3 if
something did.`,
		Example: `  leastwise catalog diff catalog.bin
  leastwise catalog diff monday.bin tuesday.bin --service iam
  leastwise catalog diff catalog.bin --fmt json --exit-code`,
		Args:              args(arguments(1, 2, "one catalog or two")),
		ValidArgsFunction: completeCatalogs,
		RunE: func(cmd *cobra.Command, names []string) error {
			if len(names) == 1 {
				names = []string{embeddedCatalog, names[0]}
			}
			d, err := compareCatalogs(cmd.Context(), names[0], names[1], service)
			if err != nil {
				return err
			}
			if err := d.write(cmd.OutOrStdout(), format.value); err != nil {
				return err
			}
			if exitCode && !d.Empty() {
				return errDifferent
			}
			return nil
		},
	}
	format = addFormat(cmd, formatText, formatJSON)
	addService(cmd.Flags(), &service, "`prefix` of the service to compare, or all")
	completeWith(cmd, "service", new(catalogFlags).completing(serviceNames))
	cmd.Flags().BoolVar(&exitCode, "exit-code", false, "exit with 3 if something changed")
	return cmd
}

// completeCatalogs completes the embedded catalog, and files.
func completeCatalogs(_ *cobra.Command, given []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(given) > 1 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return []string{embeddedCatalog}, cobra.ShellCompDirectiveDefault
}

// catalogDiff is what changed, and between what.
type catalogDiff struct {
	From catalogSide `json:"from"`
	To   catalogSide `json:"to"`
	*diff.Changes
}

// catalogSide is one of the two catalogs.
type catalogSide struct {
	Catalog  string    `json:"catalog"`
	Source   string    `json:"source"`
	Version  string    `json:"version"`
	Date     time.Time `json:"date"`
	Services int       `json:"services"`
	Actions  int       `json:"actions"`
}

func compareCatalogs(ctx context.Context, old, now, service string) (*catalogDiff, error) {
	before, errBefore := openNamedCatalog(ctx, old)
	after, errAfter := openNamedCatalog(ctx, now)
	if err := errors.Join(errBefore, errAfter); err != nil {
		return nil, err
	}
	d := &catalogDiff{From: sideOf(old, before), To: sideOf(now, after), Changes: diff.Compare(before, after)}
	if strings.EqualFold(service, catalog.AllServices) {
		return d, nil
	}
	_, err := after.FindServices(service)
	if _, known := before.LookupService(service); err != nil && !known {
		return nil, err
	}
	for _, list := range []*[]diff.Change{&d.Services, &d.Actions, &d.ResourceTypes, &d.ConditionKeys} {
		*list = slices.DeleteFunc(*list, func(c diff.Change) bool { return !strings.EqualFold(c.Service, service) })
	}
	return d, nil
}

func openNamedCatalog(ctx context.Context, name string) (*catalog.Catalog, error) {
	if name == embeddedCatalog {
		return new(catalogFlags).open(ctx)
	}
	return openCatalogFile(ctx, name)
}

func sideOf(name string, c *catalog.Catalog) catalogSide {
	info := c.Info()
	version := ""
	if len(info.Versions) > 0 {
		version = info.Versions[0]
	}
	return catalogSide{Catalog: name, Source: info.Package, Version: version, Date: info.Date, Services: info.Services, Actions: info.Actions}
}

func (d *catalogDiff) write(out io.Writer, format string) error {
	if format != formatText {
		return writeAnswer(out, format, d, nil)
	}
	var text strings.Builder
	for _, side := range []struct {
		mark string
		catalogSide
	}{{"---", d.From}, {"+++", d.To}} {
		fmt.Fprintf(&text, "%s %s: %s %s of %s\n", side.mark, side.Catalog, side.Source, side.Version, side.Date.Format(time.DateOnly))
	}
	for _, part := range []struct {
		title   string
		changes []diff.Change
	}{{"Services", d.Services}, {"Actions", d.Actions}, {"Resource types", d.ResourceTypes}, {"Condition keys", d.ConditionKeys}} {
		describeChanges(&text, part.title, part.changes)
	}
	if d.Empty() {
		text.WriteString("nothing changed\n")
	}
	_, err := io.WriteString(out, text.String())
	return err
}

func describeChanges(text *strings.Builder, title string, changes []diff.Change) {
	if len(changes) == 0 {
		return
	}
	counts := map[diff.Op]int{}
	for _, c := range changes {
		counts[c.Op]++
	}
	fmt.Fprintf(text, "\n%s: %d added, %d removed, %d changed\n", title, counts[diff.Added], counts[diff.Removed], counts[diff.Changed])
	marks := map[diff.Op]string{diff.Added: "+", diff.Removed: "-", diff.Changed: "~"}
	for _, c := range changes {
		name := c.Name
		if title == "Resource types" || title == "Condition keys" {
			name = c.Service + " " + name
		}
		fmt.Fprintf(text, "%s %s", marks[c.Op], name)
		if c.Op != diff.Changed && c.AccessLevel != "" {
			fmt.Fprintf(text, " (%s)", c.AccessLevel)
		}
		fmt.Fprintf(text, "%s\n", describeFields(c.Fields))
	}
}

// describeFields is ": access level List → Read; resource types +shelf -tool"; what a
// catalog does not say is "none".
func describeFields(fields []diff.Field) string {
	parts := make([]string, len(fields))
	for i, f := range fields {
		name := strings.ReplaceAll(f.Name, "_", " ")
		if f.From != "" || f.To != "" {
			parts[i] = fmt.Sprintf("%s %s → %s", name, cmp.Or(f.From, "none"), cmp.Or(f.To, "none"))
			continue
		}
		for _, n := range f.Added {
			name += " +" + n
		}
		for _, n := range f.Removed {
			name += " -" + n
		}
		parts[i] = name
	}
	if len(parts) == 0 {
		return ""
	}
	return ": " + strings.Join(parts, "; ")
}
