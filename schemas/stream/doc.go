// Package stream holds JetStream's side of the contract as data: the streams
// with their limits, the subjects, and the headers. `leastwise migrate` creates
// what this package describes; workers only use it.
//
//	JOBS       iam.jobs.<account>                             work queue, one job per account
//	RAW        iam.raw.<partition>.<kind>.<account>.<id>      what collectors saw
//	ENRICHED   iam.enriched.<partition>.<kind>.<account>.<id> what processors made of it
//	DEAD       iam.dead.<stage>.<stream>.<sequence>           what could not be processed, and why
//	ADVISORIES JetStream's max-deliveries advisories           the net behind the dead letters
//	KV_documents $KV.documents.<sha256>                        policy documents by content
//	KV_surfaces $KV.surfaces.<account>                         how accounts look from others
//
// Publishers leave the partition out (iam.raw.<kind>.<account>.<id>); the
// stream's subject transform adds it, computed from the account, so that all
// that belongs to one account stays in one partition.
package stream
