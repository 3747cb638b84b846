package engine

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"text/template"
	"time"
)

//go:embed templates/config.xml.tmpl
var configTemplate string

//go:embed templates/users.xml.tmpl
var usersTemplate string

// clickhouseFiles are the paths in ClickHouse's part of a data directory.
type clickhouseFiles struct {
	dir, config, users, secrets, log, lock, data string
}

func clickhouseFilesIn(dir string) clickhouseFiles {
	return clickhouseFiles{
		dir:     dir,
		config:  filepath.Join(dir, "config.xml"),
		users:   filepath.Join(dir, "users.xml"),
		secrets: filepath.Join(dir, "passwords.json"),
		log:     filepath.Join(dir, "clickhouse.log"),
		lock:    filepath.Join(dir, "lock"),
		data:    filepath.Join(dir, "data"),
	}
}

// clickhouseParams are what the two templates see. Passwords are not among
// them, only their hashes.
type clickhouseParams struct {
	Library                           bool // libchdb, not a server
	Data, Users, Grant                string
	TCPPort, HTTPPort                 int
	MaxMemory, ReaderMaxMemory        int64
	ReaderSeconds                     int64
	QueryLogDays                      int
	Sync                              bool
	AdminHash, WriterHash, ReaderHash string
	ReaderSystemTables                []string
	OutsideSettings                   []string
}

// write puts the engine's configuration in place for these ports.
func (f clickhouseFiles) write(cfg ClickHouseConfig, library bool, ports ports, secrets map[string]string) error {
	grant := cfg.Database + ".*"
	if cfg.GrantPrefix {
		grant = cfg.Database + "*.*"
	}
	params := clickhouseParams{
		Library:         library,
		Data:            f.data,
		Users:           f.users,
		Grant:           grant,
		TCPPort:         ports.tcp,
		HTTPPort:        ports.http,
		MaxMemory:       cfg.MaxMemory,
		ReaderMaxMemory: cfg.ReaderMaxMemory,
		ReaderSeconds:   int64(cfg.ReaderMaxTime / time.Second),
		QueryLogDays:    cfg.QueryLogDays,
		Sync:            cfg.Sync,
		AdminHash:       sha256Hex(secrets[string(Admin)]),
		WriterHash:      sha256Hex(secrets[string(Writer)]),
		ReaderHash:      sha256Hex(secrets[string(Reader)]),
		// None of these shows another user's queries or the server's paths.
		ReaderSystemTables: []string{
			"databases", "tables", "columns", "parts", "functions", "data_type_families", "formats", "settings",
			"build_options", "one", "numbers",
		},
		OutsideSettings: []string{
			"format_schema", "format_schema_source", "format_template_row", "format_template_resultset",
			"output_format_schema", "input_format_record_errors_file_path", "format_avro_schema_registry_url",
			"allow_experimental_ai_functions",
		},
	}
	escape := template.FuncMap{"xml": escapeXML}
	config, err := render("config.xml", configTemplate, escape, params)
	if err != nil {
		return err
	}
	users, err := render("users.xml", usersTemplate, escape, params)
	if err != nil {
		return err
	}
	return errors.Join(writeFileAtomic(f.config, config), writeFileAtomic(f.users, users))
}

// render executes a configuration template with functions that escape values.
func render(name, text string, escape template.FuncMap, params any) ([]byte, error) {
	t, err := template.New(name).Funcs(escape).Parse(text)
	if err != nil {
		return nil, fmt.Errorf("parse template of %s: %w", name, err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, params); err != nil {
		return nil, fmt.Errorf("render %s: %w", name, err)
	}
	return b.Bytes(), nil
}

func escapeXML(s string) (string, error) {
	var b bytes.Buffer
	err := xml.EscapeText(&b, []byte(s))
	return b.String(), err
}

// sha256Hex is the hash that ClickHouse's password_sha256_hex wants. It has no
// salt and needs none: passwords are random, see [loadSecrets].
func sha256Hex(password string) string {
	sum := sha256.Sum256([]byte(password))
	return hex.EncodeToString(sum[:])
}

// writeFileAtomic replaces the file at path, readable by its owner only.
func writeFileAtomic(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer os.Remove(f.Name()) // fails where the rename went well
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
