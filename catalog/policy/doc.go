// Package policy reads, judges and writes IAM policy documents.
//
// It owns the grammar (ParseDocument), what one document grants over the
// actions of a catalog (Analyze), what several of them grant to a principal
// (Evaluator), whom a trust policy trusts (Trusts) and least-privilege policies
// from a template in policy_sentry's form (Writer). Everything is a pure function
// over a catalog: no I/O, no clock, nothing logged.
//
// It does not own the actions and their facts (package catalog), nor which of
// them are risky (package risk), nor how a template gets from YAML to JSON.
//
// Nothing is dropped silently. What a document says and IAM would refuse is a
// Problem, an action that the catalog does not know is in Analysis.Unknown, what
// is wrong with a template comes back as Faults, all of them at once, and what a
// template asks for and cannot have is in Output.Notes.
//
// # Differences from policy_sentry
//
// Templates mean what they mean to policy_sentry, but for what is wrong there:
//
//   - An ARN names the resource types whose whole pattern it matches. There an
//     S3 job is an object too, and a function's alias a function.
//   - A resource type with two ARN patterns gives two resources in mode actions.
//     There it gives one with a comma, which IAM refuses.
//   - Of resource types with the same ARN pattern all count. There the first does.
//   - In mode actions an action on another service's resource type, as sts:AssumeRole
//     on a role of IAM, is granted. There it is lost. What an action needs is not
//     granted where only actions that nobody asked for need it.
//   - A wildcard in mode actions stands for each action on its own resource
//     types. There it is granted as it is, on "*".
//   - What an excluded action needs is not granted either.
//   - A Deny of an action does not deny what that action needs: iam:PassRole on
//     "*" for one state machine.
//   - Where a service in an ARN is not the prefix of any actions, the service
//     whose resource types look so counts: route53-recovery-control in an ARN is
//     route53-recovery-control-config.
//   - Unknown services, actions and resource types and malformed ARNs are Faults.
//     There some raise a traceback and some are dropped.
//   - Minimize loses no action, takes "*" for a resource and repeats no Sid.
package policy
