// Package grafanatest runs the queries of the dashboards against a warehouse, as
// Grafana would: macros expanded, variables filled in.
//
// It knows as much of Grafana and of the plugin grafana-clickhouse-datasource as
// the dashboards here use, and refuses what it does not know.
package grafanatest
