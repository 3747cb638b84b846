// Package policygen is the policy service: it answers over NATS with policies.
//
//	iam.policy.write   a template in, a least-privilege policy out
//
// It is a micro service, so `nats micro ls|info|stats leastwise-policy` show it
// and `nats req iam.policy.write "$(cat template.json)"` asks it. Requests and
// replies are JSON, described by the schemas that `nats micro info` shows. Several
// processes share the requests.
//
// An answer that is an error has the headers Nats-Service-Error and
// Nats-Service-Error-Code, and a body that names every fault with its place.
// What a template means is decided in catalog/policy, which the command line
// uses as well.
package policygen
