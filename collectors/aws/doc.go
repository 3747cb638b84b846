// Package aws collects accounts through AWS's own APIs, and lists the accounts
// of an organization with the service control policies that limit each.
//
// Of every account it reads, in this order: the authorization details (users,
// groups, roles, policies, page by page), the aliases and the summary, the
// credential report, and the last-accessed reports of every user, group, role
// and customer managed policy. Only without the authorization details a run
// fails; every other part that cannot be had is a problem of the run, with a
// state where its events have one. Service control policies are read with the
// organization, all of them once a round, and are known for all accounts or none.
//
// The package calls what Actions and OrganizationActions list, and nothing
// else; deploy/aws grants just that. All calls go through the SDK's clients with
// its own retries, behind a rate limiter per account that gives way when IAM
// throttles. Partition, region and endpoint come from the job, AWS's usual
// configuration and the AWS_ENDPOINT_URL variables; without a region, the home of
// the partition's IAM is used, which to list accounts is that of "aws".
package aws
