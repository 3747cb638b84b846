package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/leastwise/leastwise/catalog/table"
)

func (a *app) arnTableCommand() *cobra.Command {
	s := a.newScope()
	var listTypes bool
	cmd := &cobra.Command{
		Use:   "arn-table",
		Short: "Resource types and the patterns of their ARNs",
		Long: `Resource types and the patterns of their ARNs.

JSON and YAML list the patterns, or with --list-arn-types each under its type's
name, a list where the type has several; with --name they tell what is known of
the type, once for each pattern.`,
		Example: "  leastwise query arn-table --service s3\n  leastwise query arn-table --service cloud9 --name environment",
		Args:    args(noArguments),
	}
	format := s.addFlags(cmd, "`name` of a resource type")
	completeWith(cmd, "name", s.catalog.completing(s.typeNames))
	cmd.Flags().BoolVarP(&listTypes, "list-arn-types", "l", false, "name the resource type of each pattern")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return queryARNs(cmd.Context(), cmd.OutOrStdout(), s, listTypes, format.value)
	}
	return cmd
}

func queryARNs(ctx context.Context, out io.Writer, s scope, listTypes bool, format string) error {
	c, err := s.catalog.open(ctx)
	if err != nil {
		return err
	}
	types, err := c.FindResourceTypes(s.service, s.name)
	if err != nil {
		return explained(err)
	}
	rows := table.Resources(types)
	answer := oneOrAll(rows)
	switch {
	case listTypes:
		answer = typesByName(rows, s.ofAll())
	case s.name == "":
		answer = table.ARNs(rows)
	}
	return writeAnswer(out, format, answer, func() grid { return arnGrid(rows) })
}

// typesByName maps the names of resource types to their ARN patterns, within each
// service where there are several: names are unique in a service only. A pattern is
// a text, and several are a list.
func typesByName(rows []table.Resource, several bool) any {
	patterns := make(map[string]map[string][]string)
	for _, r := range rows {
		if patterns[r.Service] == nil {
			patterns[r.Service] = make(map[string][]string)
		}
		patterns[r.Service][r.Name] = append(patterns[r.Service][r.Name], r.ARN)
	}
	services, types := make(map[string]map[string]any), make(map[string]any)
	for service, byName := range patterns {
		services[service] = make(map[string]any)
		for name, arns := range byName {
			services[service][name] = oneOrAll(arns)
			types[name] = oneOrAll(arns)
		}
	}
	if several {
		return services
	}
	return types
}

// oneOrAll is the only row, or text, itself, or all where they are several.
func oneOrAll[T any](all []T) any {
	if len(all) == 1 {
		return all[0]
	}
	return all
}

func arnGrid(rows []table.Resource) grid {
	g := grid{header: []string{"service_prefix", "resource_type_name", "raw_arn", "condition_keys"}}
	for _, r := range rows {
		g.rows = append(g.rows, []string{r.Service, r.Name, r.ARN, joinNames(r.ConditionKeys)})
	}
	return g
}

func (a *app) conditionTableCommand() *cobra.Command {
	s := a.newScope()
	cmd := &cobra.Command{
		Use:   "condition-table",
		Short: "Condition keys and the types of their values",
		Long: `Condition keys and the types of their values.

JSON and YAML list the keys; with --name they tell what is known of the key. A
key may be written as policies do: aws:ResourceTag/team.`,
		Example: "  leastwise query condition-table --service cloud9\n  leastwise query condition-table --service s3 --name s3:prefix",
		Args:    args(noArguments),
	}
	format := s.addFlags(cmd, "`name` of a condition key")
	completeWith(cmd, "name", s.catalog.completing(s.keyNames))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return queryConditions(cmd.Context(), cmd.OutOrStdout(), s, format.value)
	}
	return cmd
}

func queryConditions(ctx context.Context, out io.Writer, s scope, format string) error {
	c, err := s.catalog.open(ctx)
	if err != nil {
		return err
	}
	keys, err := c.FindConditionKeys(s.service, s.name)
	if err != nil {
		return explained(err)
	}
	rows := table.Conditions(keys)
	answer := oneOrAll(rows)
	if s.name == "" {
		answer = conditionNames(rows)
	}
	return writeAnswer(out, format, answer, func() grid {
		g := grid{header: []string{"service_prefix", "name", "condition_value_type"}}
		for _, r := range rows {
			g.rows = append(g.rows, []string{r.Service, r.Name, r.Type})
		}
		return g
	})
}

// conditionNames returns the keys of rows, sorted, each once.
func conditionNames(rows []table.Condition) []string {
	names := make([]string, len(rows))
	for i, r := range rows {
		names[i] = r.Name
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (a *app) serviceTableCommand() *cobra.Command {
	s := a.newScope()
	cmd := &cobra.Command{
		Use:   "service-table",
		Short: "Services, with their prefixes",
		Long: `Services, with their prefixes, names and numbers of actions.

The prefix is what stands before the colon of an action.`,
		Example: "  leastwise query service-table --fmt csv\n  leastwise query service-table --name sqs",
		Args:    args(noArguments),
	}
	format := s.addFlags(cmd, "`prefix` of a service, as --service")
	completeWith(cmd, "name", s.catalog.completing(serviceNames))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		switch {
		case s.name == "":
		case s.ofAll() || strings.EqualFold(s.service, s.name):
			s.service = s.name
		default:
			return usage(fmt.Errorf("--service %s and --name %s are two services; name one", s.service, s.name))
		}
		return queryServices(cmd.Context(), cmd.OutOrStdout(), s, format.value)
	}
	return cmd
}

func queryServices(ctx context.Context, out io.Writer, s scope, format string) error {
	c, err := s.catalog.open(ctx)
	if err != nil {
		return err
	}
	services, err := c.FindServices(s.service)
	if err != nil {
		return explained(err)
	}
	rows := table.Services(services)
	return writeAnswer(out, format, rows, func() grid {
		g := grid{header: []string{"service_prefix", "service_name", "actions"}}
		for _, r := range rows {
			g.rows = append(g.rows, []string{r.Prefix, r.Name, strconv.Itoa(r.Actions)})
		}
		return g
	})
}
