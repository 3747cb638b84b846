// Package grafana holds what Grafana is provisioned with: the data source, the
// dashboards, and how Grafana finds them. The files are the product; Go only
// carries and checks them.
//
// A dashboard is edited as JSON, by hand or by exporting what was changed in
// Grafana. Every query is the SQL of a panel, with the macros of the plugin
// grafana-clickhouse-datasource and the variable $account, and reads the
// warehouse as the user leastwise_reader. The tests beside this file run each of
// them (package grafanatest) and check what the plugin or Grafana would only
// complain about in a browser.
package grafana

import (
	"embed"
	"io/fs"
)

//go:embed dashboards provisioning
var files embed.FS

// Files holds dashboards/*.json and provisioning/, as Grafana wants them.
func Files() fs.FS { return files }
