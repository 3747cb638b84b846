// Package awssim serves a simulated AWS organization over the real wire
// protocols: IAM and STS as Query/XML, Organizations as JSON 1.1. Unchanged
// aws-sdk-go-v2 clients talk to it through AWS_ENDPOINT_URL, or through
// AWS_ENDPOINT_URL_IAM, _STS and _ORGANIZATIONS.
//
// It exists for the demo and for tests, and knows nothing of what leastwise
// makes of the answers. What the organization looks like on a day is package
// world's; this package owns what happens on the wire:
//
//   - signatures are verified, sessions expire, and every call needs an Allow in
//     the caller's policies, so that a collector's least privilege can be proven;
//   - AssumeRole obeys the role's trust policy, ExternalId included;
//   - lists are paged, with short and empty pages among them;
//   - access-advisor jobs and credential reports run asynchronously, and a job
//     belongs to the session that made it;
//   - token buckets throttle per account and action, and faults are injected by rule;
//   - every call is counted per account and action.
//
// There are two clocks. The organization's, set with SetNow, decides which day
// it is in the simulation. Config.Clock, the real time by default, is the one
// by which sessions expire and buckets fill, since clients go by it too.
//
// It is not a policy simulator: conditions know the few keys that trust
// policies of collectors use, clock skew is not checked, and nothing can be
// written.
package awssim
