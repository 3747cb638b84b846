package main

import (
	"github.com/spf13/cobra"
)

func (a *app) catalogCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "catalog",
		Short: "See, renew and compare the IAM catalog that everything is judged by",
		Long: `See, renew and compare the IAM catalog that everything is judged by.

The binary holds one. 'catalog refresh' makes a newer one from AWS's Service
Reference, --catalog of the other commands uses it, and 'catalog diff' shows
what changed.`,
		Example: `  leastwise catalog info
  leastwise catalog refresh --output catalog.bin
  leastwise catalog diff catalog.bin
  leastwise query action-table --service s3 --catalog catalog.bin`,
		GroupID:                    groupPolicy,
		SuggestionsMinimumDistance: 2,
		Args:                       args(knownCommand),
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.catalogInfoCommand(), catalogRefreshCommand(), catalogDiffCommand())
	return cmd
}
