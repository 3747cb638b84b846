// Package policy holds the JSON Schemas of the policy service's requests and
// replies.
package policy

import _ "embed"

// WriteRequest is the schema of requests of iam.policy.write.
//
//go:embed policy.write.request.schema.json
var WriteRequest string

// WriteReply is the schema of its replies, errors included.
//
//go:embed policy.write.reply.schema.json
var WriteReply string
