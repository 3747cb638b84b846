package main

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/leastwise/leastwise/catalog"
)

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of leastwise and of its catalog",
		Args:  args(noArguments),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := catalog.Open()
			if err != nil {
				return fmt.Errorf("open catalog: %w", err)
			}
			info := c.Info()
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "leastwise %s\ncatalog   %s %s of %s: %d services, %d actions\n",
				buildVersion(), info.Package, info.Versions[0], info.Date.Format("2006-01-02"), info.Services, info.Actions)
			return err
		},
	}
}

// buildVersion is what the Go toolchain stamped into the binary.
func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
