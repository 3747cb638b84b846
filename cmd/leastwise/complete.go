package main

import (
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/leastwise/leastwise/catalog"
)

// complete makes shells complete the values of a flag of cmd.
func complete(cmd *cobra.Command, flag string, values []string) {
	completeWith(cmd, flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}

func completeWith(cmd *cobra.Command, flag string, with cobra.CompletionFunc) {
	// It fails only where the flag is missing or completed twice.
	_ = cmd.RegisterFlagCompletionFunc(flag, with)
}

// completeLevels completes the last of several access levels with commas
// between them, with those that are not there yet.
func completeLevels(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	before := typed[:strings.LastIndexByte(typed, ',')+1]
	var there levelsFlag
	_ = there.Set(strings.TrimSuffix(before, ",")) // what it cannot read is told when the command runs
	levels := slices.DeleteFunc(levelNames(), func(name string) bool {
		level, err := catalog.ParseLevel(name)
		return err == nil && slices.Contains(there, level)
	})
	for i, name := range levels {
		levels[i] = before + name
	}
	return levels, cobra.ShellCompDirectiveNoFileComp
}

// completing returns names of the catalog that the command line, or the
// environment, chooses.
func (f *catalogFlags) completing(names func(c *catalog.Catalog, typed string) []string) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		_ = fromEnvironment(cmd.Flags(), os.LookupEnv) // what it cannot read is told when the command runs
		c, err := f.open(cmd.Context())
		if err != nil {
			return cobra.AppendActiveHelp(nil, oneLine(err.Error())), cobra.ShellCompDirectiveNoFileComp
		}
		found := slices.DeleteFunc(names(c, typed), func(name string) bool { return !hasPrefixFold(name, typed) })
		directive := cobra.ShellCompDirectiveNoFileComp
		if slices.ContainsFunc(found, func(s string) bool { return strings.HasSuffix(s, ":") }) {
			directive |= cobra.ShellCompDirectiveNoSpace // an action follows
		}
		return found, directive
	}
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

func serviceNames(c *catalog.Catalog, _ string) []string {
	prefixes := append(make([]string, 0, 1+c.Services()), catalog.AllServices)
	for id := range c.Services() {
		prefixes = append(prefixes, c.Service(catalog.ServiceID(id)).Prefix)
	}
	return prefixes
}

// actionNames are the actions of the service that is chosen, or that what is
// typed begins with; until one is, they are services.
func (s *scope) actionNames(c *catalog.Catalog, typed string) []string {
	prefix, _, full := strings.Cut(typed, ":")
	if !full {
		prefix = s.service
	}
	service, known := c.LookupService(prefix)
	if !known {
		prefixes := serviceNames(c, "")[1:]
		for i := range prefixes {
			prefixes[i] += ":"
		}
		return prefixes
	}
	names := make([]string, 0, service.End-service.First)
	for a := service.First; a < service.End; a++ {
		if full {
			names = append(names, c.FullName(a))
		} else {
			names = append(names, c.ActionName(a))
		}
	}
	slices.Sort(names)
	return names
}

func (s *scope) typeNames(c *catalog.Catalog, _ string) []string {
	types, err := c.FindResourceTypes(s.service, "")
	if err != nil {
		return nil
	}
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = t.Name
	}
	return sortedOnce(names)
}

func (s *scope) keyNames(c *catalog.Catalog, _ string) []string {
	keys, err := c.FindConditionKeys(s.service, "")
	if err != nil {
		return nil
	}
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.Name
	}
	return sortedOnce(names)
}

func sortedOnce(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}
