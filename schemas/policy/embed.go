// Package policy holds the JSON Schemas of the policy service's requests and
// replies: <subject less "iam.">.request.schema.json and .reply.schema.json.
package policy

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed *.schema.json
var files embed.FS

// Request returns the schema of the requests of a subject, "iam.policy.write" for
// example.
func Request(subject string) (string, error) { return read(subject, "request") }

// Reply returns the schema of its replies, errors included.
func Reply(subject string) (string, error) { return read(subject, "reply") }

func read(subject, kind string) (string, error) {
	text, err := files.ReadFile(strings.TrimPrefix(subject, "iam.") + "." + kind + ".schema.json")
	if err != nil {
		return "", fmt.Errorf("read schema of %s: %w", subject, err)
	}
	return string(text), nil
}
