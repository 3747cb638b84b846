package event

import (
	"embed"
	"io/fs"
)

//go:embed *.schema.json
var schemas embed.FS

// Schemas holds the JSON Schema 2020-12 files of all events and of the job:
// raw.<kind>.schema.json, enriched.<kind>.schema.json, job.schema.json, and
// common.schema.json, which they refer to. Validate of the Go types rejects what
// they reject; only that a document's content has its hash is beyond a schema.
func Schemas() fs.FS { return schemas }
