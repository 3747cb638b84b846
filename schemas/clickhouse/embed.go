package clickhouse

import (
	"embed"
	"io/fs"
)

//go:embed *.sql
var files embed.FS

// Files holds the numbered SQL files of this program.
func Files() fs.FS { return files }
