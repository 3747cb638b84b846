package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
)

func (a *app) queryCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "query",
		Short: "Look up actions, ARNs, condition keys and services",
		Long: `Look up actions, ARN patterns, condition keys and services in the catalog.

The tables and flags are policy_sentry's. Filters combine: what is printed
passes all of them.`,
		Example: `  leastwise query action-table --service s3 --access-level permissions-management
  leastwise query action-table --service ram --name tagresource
  leastwise query action-table --service all --condition iam:PassedToService
  leastwise query arn-table --service s3 --list-arn-types
  leastwise query condition-table --service cloud9
  leastwise query service-table --fmt table`,
		GroupID:                    groupPolicy,
		SuggestionsMinimumDistance: 2,
		Args:                       args(knownCommand),
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.actionTableCommand(), a.arnTableCommand(), a.conditionTableCommand(), a.serviceTableCommand())
	return cmd
}

// scope is what every table can be narrowed to.
type scope struct {
	service, name string
	catalog       *catalogFlags
	messages      *messageFlags
}

// newScope returns that of all services.
func (a *app) newScope() scope {
	return scope{service: catalog.AllServices, catalog: &a.catalog, messages: &a.messages}
}

// addFlags adds --service and --name, and --fmt with all formats.
func (s *scope) addFlags(cmd *cobra.Command, name string) *choice {
	addService(cmd.Flags(), &s.service, "`prefix` of a service, or all")
	addName(cmd.Flags(), &s.name, "name", "n", name)
	s.catalog.addFlags(cmd.Flags())
	s.messages.addFormerTo(cmd)
	completeWith(cmd, "service", s.catalog.completing(serviceNames))
	return addFormat(cmd, formatJSON, formatYAML, formatCSV, formatTable)
}

// ofAll reports whether no service was chosen.
func (s *scope) ofAll() bool { return strings.EqualFold(s.service, catalog.AllServices) }

// explained says of a condition key that no service lists why that is so, and of
// another name that is near to none where to find those that there are.
func explained(err error) error {
	err = policy.ExplainUnknown(err)
	unknown, ok := errors.AsType[*catalog.UnknownError](err)
	if ok && len(unknown.Nearest) == 0 && unknown.Why == "" {
		return fmt.Errorf("%w; '%s' lists those that there are", err, listing(unknown))
	}
	return err
}

// listing is the command that lists the names of a kind.
func listing(unknown *catalog.UnknownError) string {
	command := "leastwise query " + map[catalog.Kind]string{
		catalog.KindService: "service-table", catalog.KindAction: "action-table",
		catalog.KindConditionKey: "condition-table", catalog.KindResourceType: "arn-table --list-arn-types",
	}[unknown.Kind]
	if unknown.Of != "" {
		command += " --service " + unknown.Of
	}
	return command
}
