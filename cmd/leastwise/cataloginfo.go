package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/internal/count"
)

// embeddedCatalog is what commands call the catalog in the binary.
const embeddedCatalog = "embedded"

func (a *app) catalogInfoCommand() *cobra.Command {
	var format *choice
	cmd := &cobra.Command{
		Use:   "info",
		Short: "Where the catalog's facts come from, and how many there are",
		Long: `Where the catalog's facts come from, and how many there are.

Kept is what the source does not tell, and where that comes from. Last accessed
says of how many actions IAM tells the last use: of others it is never known
whether they are used.`,
		Example: `  leastwise catalog info
  leastwise catalog info --catalog catalog.bin --fmt json`,
		Args: args(noArguments),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, overridden, err := a.catalog.openWithOverrides(cmd.Context())
			if err != nil {
				return err
			}
			about := describeCatalog(a.catalog.name(), c, overridden)
			if format.value == formatText {
				return about.print(cmd.OutOrStdout())
			}
			return writeAnswer(cmd.OutOrStdout(), format.value, about, nil)
		},
	}
	format = addFormat(cmd, formatText, formatJSON)
	a.catalog.addFlags(cmd.Flags())
	return cmd
}

// catalogInfo is what there is to know of a catalog as a whole.
type catalogInfo struct {
	Catalog       string    `json:"catalog"` // its file, or "embedded"
	FormatVersion int       `json:"format_version"`
	Source        string    `json:"source"`
	Versions      []string  `json:"versions"`
	Date          time.Time `json:"date"`
	// KeptFrom is the source of what the main one does not tell, and Kept says
	// what that is.
	KeptFrom      string         `json:"kept_from"`
	Kept          string         `json:"kept"`
	Services      int            `json:"services"`
	Actions       int            `json:"actions"`
	ByLevel       map[string]int `json:"actions_by_access_level"`
	ResourceTypes int            `json:"resource_types"`
	ConditionKeys int            `json:"condition_keys"`
	// Dependents counts the actions that need others.
	Dependents int `json:"actions_with_dependent_actions"`
	// LastAccessed counts the actions whose last use IAM tells; null where the
	// source does not say.
	LastAccessed *int `json:"actions_with_last_accessed"`
	// Overridden counts the actions of --access-level-overrides.
	Overridden int `json:"overridden_access_levels"`
}

func describeCatalog(name string, c *catalog.Catalog, overridden int) catalogInfo {
	info := c.Info()
	out := catalogInfo{
		Catalog: name, FormatVersion: catalog.FormatVersion, Source: info.Package, Versions: info.Versions, Date: info.Date,
		Services: info.Services, Actions: info.Actions, ResourceTypes: info.ResourceTypes, ConditionKeys: info.ConditionKeys,
		ByLevel: map[string]int{}, Overridden: overridden,
	}
	out.KeptFrom, out.Kept = keptFacts(info)
	for s := range c.Services() {
		for l := range catalog.Level(catalog.LevelCount) {
			first, end := c.LevelRange(catalog.ServiceID(s), l)
			out.ByLevel[l.String()] += int(end - first)
		}
	}
	needed := c.NewSet()
	for a := range catalog.ActionID(c.Len()) {
		if c.AddDependents(needed, a) > 0 {
			out.Dependents++
		}
	}
	if c.Len() > 0 {
		if _, known := c.LastAccessed(0); known {
			out.LastAccessed = &info.LastAccessed
		}
	}
	return out
}

// keptFacts says what a catalog's main source does not tell, and where it is
// from. The embedded catalog has its dependent actions of an older version.
func keptFacts(info catalog.Info) (from, what string) {
	switch {
	case info.KeptFrom != "" && strings.HasPrefix(info.Package, "@"):
		return info.KeptFrom, "dependent actions, where the actions still exist"
	case info.KeptFrom != "":
		return info.KeptFrom, "dependent actions, required resource types, condition keys of single resource types and names of services, where they still exist"
	case len(info.Versions) > 1:
		return info.Package + " " + info.Versions[len(info.Versions)-1], "dependent actions, where the actions still exist"
	}
	return "", ""
}

func (i *catalogInfo) print(out io.Writer) error {
	var rows bytes.Buffer
	row := func(name, format string, args ...any) { fmt.Fprintf(&rows, name+"\t"+format+"\n", args...) }
	row("catalog", "%s", i.Catalog)
	row("format version", "%d", i.FormatVersion)
	row("source", "%s %s", i.Source, strings.Join(i.Versions[:min(1, len(i.Versions))], ""))
	row("date", "%s", i.Date.Format(time.RFC3339))
	if i.KeptFrom != "" {
		row("kept", "%s, from %s", i.Kept, i.KeptFrom)
	}
	row("services", "%d", i.Services)
	row("actions", "%d", i.Actions)
	for l := range catalog.Level(catalog.LevelCount) {
		row("  "+l.String(), "%d", i.ByLevel[l.String()])
	}
	row("resource types", "%d", i.ResourceTypes)
	row("condition keys", "%d", i.ConditionKeys)
	row("dependent actions", "of %s", count.Of(i.Dependents, "action", "actions"))
	if i.LastAccessed == nil {
		row("last accessed", "the source does not say which actions' last use IAM tells")
	} else {
		row("last accessed", "IAM tells it of %s", count.Of(*i.LastAccessed, "action", "actions"))
	}
	if i.Overridden > 0 {
		row("overrides", "access levels of %s", count.Of(i.Overridden, "action", "actions"))
	}
	return writeTable(out, rows.Bytes())
}
