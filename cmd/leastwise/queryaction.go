package main

import (
	"context"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/catalog/table"
)

// actionQuery is what action-table was asked for.
type actionQuery struct {
	scope
	levels                  levelsFlag
	condition, resourceType string
	wildcardOnly            bool
}

func (a *app) actionTableCommand() *cobra.Command {
	q := actionQuery{scope: a.newScope()}
	cmd := &cobra.Command{
		Use:   "action-table",
		Short: "Actions, by service, access level, condition key or resource type",
		Long: `Actions, by service, name, access level, condition key or resource type.

JSON and YAML list the names; with --name they tell what is known of each action.
CSV and tables have a row for each resource type that an action supports.`,
		Example: `  leastwise query action-table --service s3 --access-level write --wildcard-only
  leastwise query action-table --service ssm --resource-type parameter --fmt table
  leastwise query action-table --name 's3:Get*Acl' --fmt csv`,
		Args: args(noArguments),
	}
	f := cmd.Flags()
	format := q.addFlags(cmd, "`name` of an action, or a pattern with * and ?")
	f.VarP(&q.levels, "access-level", "a", "access `level`: "+strings.Join(levelNames(), ", ")+"; several with commas")
	completeWith(cmd, "access-level", completeLevels)
	completeWith(cmd, "name", q.catalog.completing(q.actionNames))
	addName(f, &q.condition, "condition", "c", "condition `key` that the action supports")
	addName(f, &q.resourceType, "resource-type", "r", "resource `type` that the action supports, or * for none")
	completeWith(cmd, "condition", q.catalog.completing(q.keyNames))
	completeWith(cmd, "resource-type", q.catalog.completing(q.typeNames))
	f.BoolVarP(&q.wildcardOnly, "wildcard-only", "w", false, "only actions that support no resource type")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return queryActions(cmd.Context(), cmd.OutOrStdout(), q, format.value)
	}
	return cmd
}

func queryActions(ctx context.Context, out io.Writer, q actionQuery, format string) error {
	c, err := q.catalog.open(ctx)
	if err != nil {
		return err
	}
	filter := catalog.ActionFilter{
		Service: q.service, Name: q.name, Levels: q.levels, Condition: q.condition,
		ResourceType: q.resourceType, WildcardOnly: q.wildcardOnly,
	}
	set, err := c.FindActions(filter)
	if err != nil {
		return explained(err)
	}
	if set.Empty() && policy.IsGlobalKey(q.condition) {
		return &policy.GlobalKeyError{Key: q.condition}
	}
	var answer any
	if q.name == "" {
		answer = c.Names(set)
	} else {
		answer = byService(table.Actions(c, set, filter))
	}
	return writeAnswer(out, format, answer, func() grid { return actionGrid(table.Actions(c, set, filter)) })
}

// byService groups rows by the prefix of their service, as policy_sentry does.
func byService(rows []table.Action) map[string][]table.Action {
	grouped := make(map[string][]table.Action)
	for _, row := range rows {
		prefix, _, _ := strings.Cut(row.Action, ":")
		grouped[prefix] = append(grouped[prefix], row)
	}
	return grouped
}

func actionGrid(rows []table.Action) grid {
	g := grid{header: []string{
		"action", "access_level", "resource_type", "required", "resource_arn_format", "condition_keys", "dependent_actions",
	}}
	for _, r := range rows {
		g.rows = append(g.rows, []string{
			r.Action, r.AccessLevel, r.ResourceType, strconv.FormatBool(r.Required), r.ARN, joinNames(r.ConditionKeys), joinNames(r.Dependents),
		})
	}
	return g
}

// levelsFlag is the value of --access-level.
type levelsFlag []catalog.Level

func (l *levelsFlag) String() string {
	names := make([]string, len(*l))
	for i, level := range *l {
		names[i] = levelName(level)
	}
	return strings.Join(names, ",")
}

// Type is what the help calls a value.
func (l *levelsFlag) Type() string { return "level" }

// Set adds levels, with commas between them.
func (l *levelsFlag) Set(s string) error {
	levels, err := catalog.ParseLevels(s)
	*l = append(*l, levels...)
	return err
}

// levelName is a level as templates and flags have it: "permissions-management".
func levelName(l catalog.Level) string {
	return strings.ToLower(strings.ReplaceAll(l.String(), " ", "-"))
}

func levelNames() []string {
	names := make([]string, 0, catalog.LevelCount)
	for l := range catalog.Level(catalog.LevelCount) {
		names = append(names, levelName(l))
	}
	return names
}
