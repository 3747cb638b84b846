// Package policygen is the policy service: it answers over NATS with policies.
//
//	iam.policy.write        a template in, a least-privilege policy out
//	iam.policy.analyze      a policy in, what is risky about it out
//	iam.policy.expand       a policy in, one without wildcards out
//	iam.policy.minimize     a policy in, a shorter one that grants the same out
//	iam.catalog.services    the services of the catalog
//	iam.catalog.actions     actions, by service, level, condition key, ...
//	iam.catalog.resources   resource types and the patterns of their ARNs
//	iam.catalog.conditions  condition keys
//
// It is a micro service, so `nats micro ls|info|stats leastwise-policy` show it
// and `nats req iam.policy.write "$(cat template.json)"` asks it. Requests and
// replies are JSON, described by the schemas that `nats micro info` shows. Several
// processes share the requests.
//
// An answer that is an error has the headers Nats-Service-Error and
// Nats-Service-Error-Code, and a body that names every fault with its place.
// What a request means is decided in catalog and catalog/policy, which the
// command line uses as well.
package policygen
