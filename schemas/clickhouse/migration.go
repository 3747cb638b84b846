package clickhouse

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
)

// Migration is one numbered file.
type Migration struct {
	// Number is what the file's name starts with: 7 for 0007_grants.sql.
	Number uint32
	// Name is the rest of the file's name without extension: "grants".
	Name string
	// SQL is the file's one statement, with its comments.
	SQL string
}

// SHA256 names the content of the file, in lower-case hex.
func (m Migration) SHA256() string {
	sum := sha256.Sum256([]byte(m.SQL))
	return hex.EncodeToString(sum[:])
}

// String is the file's name without extension.
func (m Migration) String() string { return fmt.Sprintf("%04d_%s", m.Number, m.Name) }

// Migrations reads the files of a folder in the order of their numbers. It
// returns every fault, joined: a name that is not NNNN_name.sql, a number that is
// missing or there twice, an empty file. Numbers start at 0.
func Migrations(folder fs.FS) ([]Migration, error) {
	names, err := fs.Glob(folder, "*.sql")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	var all []Migration
	var faults []error
	for i, name := range names { // Glob sorts them
		m, err := read(folder, name)
		switch {
		case err != nil:
			faults = append(faults, err)
		case m.Number != uint32(i):
			faults = append(faults, fmt.Errorf("read migration %s: its number should be %04d", name, i))
		}
		all = append(all, m)
	}
	if len(names) == 0 {
		faults = append(faults, errors.New("list migrations: there are none"))
	}
	return all, errors.Join(faults...)
}

func read(folder fs.FS, name string) (Migration, error) {
	parts := regexp.MustCompile(`^(\d{4})_([a-z0-9_]+)\.sql$`).FindStringSubmatch(name)
	if parts == nil {
		return Migration{}, fmt.Errorf("read migration %s: its name is not NNNN_name.sql", name)
	}
	number, err := strconv.ParseUint(parts[1], 10, 32)
	if err != nil {
		return Migration{}, fmt.Errorf("read migration %s: %w", name, err)
	}
	sql, err := fs.ReadFile(folder, name)
	if err != nil {
		return Migration{}, fmt.Errorf("read migration %s: %w", name, err)
	}
	if strings.TrimSpace(string(sql)) == "" {
		return Migration{}, fmt.Errorf("read migration %s: it is empty", name)
	}
	return Migration{Number: uint32(number), Name: parts[2], SQL: string(sql)}, nil
}
