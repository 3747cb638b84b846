// Package aws collects accounts through AWS's own APIs, and lists the accounts
// of an organization.
//
// Of every account it reads, in this order: the authorization details (users,
// groups, roles, policies, page by page), the aliases and the summary, the
// credential report, and the last-accessed reports of every user, group, role
// and customer managed policy. Only without the authorization details a run
// fails; every other part that cannot be had is a problem of the run, with a
// state where its events have one.
//
// The package calls what Actions and OrganizationActions list, and nothing
// else; deploy/aws grants just that. All calls go through the SDK's clients with
// its own retries, behind a rate limiter per account that gives way when IAM
// throttles. No partition, region or endpoint is built in: they come from the
// job, the configuration and the AWS_ENDPOINT_URL variables.
package aws
