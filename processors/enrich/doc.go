// Package enrich turns raw events into enriched ones: it says what the policy
// documents that an entity carries let it do, by service and access level, with
// risk tags.
//
// Enricher is pure: it works on events and documents that were loaded before.
// Store loads documents from the key-value bucket and judges each once per
// process. Processor joins both between two streams. What a document means is
// not decided here but in catalog/policy and catalog/risk.
package enrich
