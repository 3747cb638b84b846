package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// Codes of ClickHouse's src/Common/ErrorCodes.cpp that are a refusal.
const (
	codeReadonly      = 164
	codeQuota         = 201
	codeOutsideFiles  = 291 // what a server says of a path outside of user_files_path
	codeDDL           = 392
	codeConstraint    = 452
	codeAccessDenied  = 497
	codeUnknownTable  = 60   // a file that `default` shows as a table, where it is not shown
	codeTooBigAST     = 168  // more than a statement of `default` may be
	codeNoCluster     = 701  // there is none to read the outside with
	codeStdException  = 1001 // no working directory to find a file from
	codeAuthenticated = 516
)

// attempt runs a statement to its last row.
func attempt(ctx context.Context, t *testing.T, dsn, statement string) error {
	t.Helper()
	rows, err := connectDSN(t, dsn).Query(ctx, statement)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
	}
	// A statement without a result has no block that would end it.
	if err := rows.Err(); !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

func code(err error) int32 {
	var ex *clickhouse.Exception
	if errors.As(err, &ex) {
		return ex.Code
	}
	return 0
}

// outside is a file and a listener that a user must not reach.
type outside struct {
	file     string
	address  string
	accepted atomic.Int32
}

func newOutside(t *testing.T) *outside {
	t.Helper()
	o := &outside{file: filepath.Join(t.TempDir(), "secret.csv")}
	if err := os.WriteFile(o.file, []byte("hunter2\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	o.address = l.Addr().String()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			o.accepted.Add(1)
			conn.Close()
		}
	}()
	return o
}

// reaches are the ways out of the database: to files, programs and the network.
func (o *outside) reaches() []string {
	return []string{
		fmt.Sprintf("SELECT * FROM file('%s', 'CSV', 'x String')", o.file),
		fmt.Sprintf("SELECT file('%s')", o.file),
		fmt.Sprintf("SELECT * FROM fileCluster('default', '%s', 'CSV', 'x String')", o.file),
		fmt.Sprintf("SELECT * FROM default.`%s`", o.file),
		fmt.Sprintf("SELECT * FROM `%s`", o.file),
		fmt.Sprintf("DESCRIBE TABLE file('%s')", o.file),
		fmt.Sprintf("INSERT INTO FUNCTION file('%s.new', 'CSV', 'x String') VALUES ('x')", o.file),
		fmt.Sprintf("SELECT * FROM url('http://%s/', 'CSV', 'x String')", o.address),
		fmt.Sprintf("INSERT INTO FUNCTION url('http://%s/', 'CSV', 'x String') VALUES ('x')", o.address),
		fmt.Sprintf("SELECT * FROM filesystem('%s')", filepath.Dir(o.file)),
		fmt.Sprintf("SELECT * FROM icebergLocal('%s')", filepath.Dir(o.file)),
		fmt.Sprintf("SELECT * FROM deltaLakeLocal('%s')", filepath.Dir(o.file)),
		fmt.Sprintf("SELECT file('%s', 'nothing')", o.file),
		fmt.Sprintf("SELECT * FROM loop(file('%s', 'CSV', 'x String')) LIMIT 1", o.file),
		fmt.Sprintf("SELECT 1 FORMAT Template SETTINGS format_template_row = '%s'", o.file),
		fmt.Sprintf("SELECT 1 FORMAT Protobuf SETTINGS format_schema = '%s:x'", o.file),
		fmt.Sprintf("SELECT * FROM format(CSV, 'x UInt8', 'y') SETTINGS input_format_allow_errors_num = 1, "+
			"input_format_record_errors_file_path = '%s.new'", o.file),
		fmt.Sprintf("SELECT * FROM format(AvroConfluent, 'x UInt8', '\\0\\0\\0\\0\\1\\0') "+
			"SETTINGS format_avro_schema_registry_url = 'http://%s'", o.address),
		fmt.Sprintf("SELECT * FROM s3('http://%s/bucket/key', NOSIGN, 'CSV', 'x String')", o.address),
		fmt.Sprintf("SELECT * FROM remote('%s', system.one)", o.address),
		fmt.Sprintf("SELECT * FROM mysql('%s', 'd', 't', 'u', 'p')", o.address),
		fmt.Sprintf("SELECT * FROM postgresql('%s', 'd', 't', 'u', 'p')", o.address),
		fmt.Sprintf("SELECT * FROM mongodb('%s', 'd', 't', 'u', 'p', 'x String')", o.address),
		fmt.Sprintf("SELECT * FROM redis('%s', 'k', 'k String, v String')", o.address),
		fmt.Sprintf("SELECT * FROM sqlite('%s', 't')", o.file),
	}
}

// check fails for every way out that was open.
func (o *outside) check(t *testing.T) {
	t.Helper()
	if n := o.accepted.Load(); n != 0 {
		t.Errorf("%d connections to the outside", n)
	}
	if _, err := os.Stat(o.file + ".new"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file was written: %v", err)
	}
}

func TestNoUserGetsOutOfTheDatabase(t *testing.T) {
	t.Parallel()
	ch := shared.get(t)
	users, passwords := map[string]string{}, map[string]string{}
	if isLibraryHere(t) { // a server has no such user
		users["default"] = defaultDSN(t, ch)
	}
	for _, user := range []User{Admin, Writer, Reader} {
		users[string(user)] = ch.DSN(user)
		passwords[string(user)] = password(t, ch.DSN(user))
	}
	for name, dsn := range users {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOutside(t)
			for _, statement := range o.reaches() {
				switch got := code(attempt(t.Context(), t, dsn, statement)); got {
				case codeAccessDenied, codeReadonly, codeConstraint, codeQuota, codeUnknownTable, codeTooBigAST,
					codeNoCluster, codeStdException, codeOutsideFiles:
				default:
					t.Errorf("%s: code %d, want a refusal", statement, got)
				}
				// Here the server formats the result, not the client.
				status, body := overHTTP(t, ch, name, passwords[name], statement)
				if status == http.StatusOK || strings.Contains(body, "hunter2") {
					t.Errorf("http: %s: is not refused: %s", statement, body)
				}
			}
			o.check(t)
		})
	}
}

func TestAdminCannotMakeATableThatGetsOut(t *testing.T) {
	t.Parallel()
	ch, o := shared.get(t), newOutside(t)
	for _, engine := range []string{
		fmt.Sprintf("File(CSV, '%s')", o.file),
		fmt.Sprintf("URL('http://%s/', CSV)", o.address),
		fmt.Sprintf("S3('http://%s/bucket/key', NOSIGN, 'CSV')", o.address),
		fmt.Sprintf("MySQL('%s', 'd', 't', 'u', 'p')", o.address),
		fmt.Sprintf("PostgreSQL('%s', 'd', 't', 'u', 'p')", o.address),
	} {
		statement := "CREATE TABLE out (x String) ENGINE = " + engine
		if got := code(attempt(t.Context(), t, ch.DSN(Admin), statement)); got != codeAccessDenied {
			t.Errorf("%s: code %d, want %d", statement, got, codeAccessDenied)
		}
	}
	o.check(t)
}

// TestUsersMayDoWhatTheyAreFor lists statements in the order they run; each is
// refused with the given code or, where that is 0, goes well.
func TestUsersMayDoWhatTheyAreFor(t *testing.T) {
	t.Parallel()
	cfg := testConfig(t.TempDir())
	cfg.QueryLogDays = 1
	ch := startClickHouse(t, cfg)
	execAll(t, connectAs(t, ch, Admin), "SYSTEM FLUSH LOGS") // makes system.query_log
	for _, step := range []struct {
		user      User
		statement string
		code      int32
	}{
		{Admin, "CREATE TABLE t (day Date, x UInt64) ENGINE = ReplacingMergeTree PARTITION BY toYYYYMM(day) ORDER BY x", 0},
		{Admin, "CREATE TABLE n (x UInt64) ENGINE = AggregatingMergeTree ORDER BY x", 0},
		{Admin, "CREATE MATERIALIZED VIEW t_to_n TO n AS SELECT x FROM t", 0},
		{Admin, "CREATE MATERIALIZED VIEW hourly REFRESH EVERY 1 HOUR APPEND TO n AS SELECT x FROM t", 0},
		{Admin, "SYSTEM REFRESH VIEW hourly", 0},
		{Admin, "CREATE VIEW at AS SELECT * FROM t WHERE day <= {at:Date}", 0},
		{Admin, "CREATE DICTIONARY d (x UInt64, day Date) PRIMARY KEY x SOURCE(NULL()) LAYOUT(FLAT()) LIFETIME(0)", 0},
		{Admin, "ALTER TABLE t ADD COLUMN name LowCardinality(String)", 0},
		{Admin, "OPTIMIZE TABLE t FINAL", 0},
		{Admin, "KILL QUERY WHERE query_id = 'none'", 0},
		{Admin, "CREATE DATABASE other", codeAccessDenied},
		{Admin, "CREATE USER someone", codeAccessDenied},
		{Admin, "SYSTEM STOP LISTEN TCP", codeAccessDenied},
		{Admin, "SYSTEM SHUTDOWN", codeAccessDenied},

		{Writer, "INSERT INTO t SELECT today(), number, 'a' FROM numbers(10)", 0}, // fires the view with its owner's rights
		{Writer, "SELECT count() FROM n", 0},
		{Writer, "TRUNCATE TABLE t", codeAccessDenied},
		{Writer, "ALTER TABLE t DELETE WHERE 1", codeAccessDenied},
		{Writer, "DROP TABLE t", codeAccessDenied},
		{Writer, "CREATE TABLE mine (x UInt8) ENGINE = Memory", codeAccessDenied},
		{Writer, "SYSTEM STOP LISTEN TCP", codeAccessDenied},

		{Reader, "SELECT count() FROM t FINAL", 0},
		{Reader, "SELECT count() FROM at(at = today())", 0},
		{Reader, "SELECT count() FROM numbers(10)", 0},
		{Reader, "SELECT name FROM system.tables WHERE database = 'leastwise'", 0},
		{Reader, "SELECT name FROM system.columns WHERE table = 't'", 0},
		{Reader, "SELECT table_name FROM information_schema.tables", 0},
		{Reader, "SHOW CREATE TABLE t", 0},
		{Reader, "SELECT 1 SETTINGS max_execution_time = 5, max_block_size = 100, join_use_nulls = 1", 0},
		{Reader, "SELECT 1 SETTINGS max_execution_time = 0", codeConstraint},
		{Reader, "SELECT 1 SETTINGS max_execution_time = 3600", codeConstraint},
		{Reader, "SELECT 1 SETTINGS max_memory_usage = 0", codeConstraint},
		{Reader, "SELECT 1 SETTINGS readonly = 0", codeReadonly},
		{Reader, "SELECT 1 SETTINGS allow_ddl = 1", codeDDL},
		{Reader, "SELECT 1 SETTINGS format_schema = 'x'", codeConstraint},
		{Reader, "INSERT INTO t VALUES (today(), 1, 'b')", codeAccessDenied},
		{Reader, "CREATE TABLE mine (x UInt8) ENGINE = Memory", codeAccessDenied},
		{Reader, "CREATE TEMPORARY TABLE mine (x UInt8)", codeAccessDenied},
		{Reader, "DROP TABLE t", codeAccessDenied},
		{Reader, "KILL QUERY WHERE 1", codeAccessDenied},
		{Reader, "SYSTEM STOP LISTEN TCP", codeAccessDenied},
		{Reader, "SELECT * FROM system.query_log", codeAccessDenied},
		{Reader, "SELECT * FROM system.processes", codeAccessDenied},
		{Reader, "SELECT * FROM system.server_settings", codeAccessDenied},
		{Reader, "SELECT * FROM system.users", codeAccessDenied},
		{Reader, "SELECT * FROM system.merges", codeAccessDenied},

		{Admin, "DROP DICTIONARY d", 0},
		{Admin, "DROP DATABASE leastwise SYNC", 0},
	} {
		err := attempt(t.Context(), t, ch.DSN(step.user), step.statement)
		if got := code(err); got != step.code || (step.code == 0 && err != nil) {
			t.Errorf("%s: %s: code %d, want %d: %v", step.user, step.statement, got, step.code, err)
		}
	}
}

func TestReaderIsLimitedInMemory(t *testing.T) {
	t.Parallel()
	const memoryLimitExceeded = 241
	err := attempt(t.Context(), t, shared.get(t).DSN(Reader), "SELECT groupArray(number) FROM numbers(100000000) FORMAT Null")
	if got := code(err); got != memoryLimitExceeded {
		t.Errorf("code %d, want %d: %v", got, memoryLimitExceeded, err)
	}
}

func TestDefaultCanDoNothing(t *testing.T) {
	t.Parallel()
	ch := startClickHouse(t, testConfig(t.TempDir()))
	execAll(t, connectAs(t, ch, Admin), "CREATE TABLE t (x UInt64) ENGINE = MergeTree ORDER BY x", "INSERT INTO t VALUES (1)")
	for _, statement := range []string{
		"SELECT * FROM leastwise.t",
		"SELECT * FROM system.processes",
		"SELECT * FROM system.users",
		"SHOW DATABASES",
		"SYSTEM STOP LISTEN TCP",
		"SYSTEM STOP LISTEN HTTP",
		"SYSTEM STOP LISTEN QUERIES ALL",
		"CREATE TABLE leastwise.mine (x UInt8) ENGINE = Memory",
		"CREATE TEMPORARY TABLE mine (x UInt8)",
		"SELECT 1 SETTINGS max_execution_time = 100",
		"SELECT count() FROM numbers(1000000000000)",
	} {
		if err := attempt(t.Context(), t, defaultDSN(t, ch), statement); code(err) == 0 {
			t.Errorf("native: %s: is not refused: %v", statement, err)
		}
		if status, body := overHTTP(t, ch, "default", "", statement); status == http.StatusOK {
			t.Errorf("http: %s: is not refused: %s", statement, body)
		}
	}
	if got := count(t, connectAs(t, ch, Reader), "SELECT count() FROM t"); got != 1 {
		t.Errorf("count is %d", got)
	}
}

func TestWrongPasswordIsRefused(t *testing.T) {
	t.Parallel()
	ch := shared.get(t)
	for _, user := range []User{Admin, Writer, Reader} {
		for _, pw := range []string{"", "wrong", sha256Hex(password(t, ch.DSN(user)))} {
			if status, body := overHTTP(t, ch, string(user), pw, "SELECT 1"); !strings.Contains(body, fmt.Sprint(codeAuthenticated)) {
				t.Errorf("%s with %q: status %d: %s", user, pw, status, body)
			}
		}
	}
}

func defaultDSN(t *testing.T, ch *ClickHouse) string {
	t.Helper()
	return "clickhouse://default@" + ch.ports.address(ch.ports.tcp) + "/system"
}

func overHTTP(t *testing.T, ch *ClickHouse, user, pw, statement string) (status int, body string) {
	t.Helper()
	query := url.Values{"user": {user}, "password": {pw}}
	resp, err := http.Post(ch.HTTPURL()+"/?"+query.Encode(), "text/plain", strings.NewReader(statement))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func TestPasswordsAreInNoFileButOne(t *testing.T) {
	t.Parallel()
	cfg := testConfig(t.TempDir())
	cfg.QueryLogDays = 1
	ch := startClickHouse(t, cfg)
	execAll(t, connectAs(t, ch, Admin), "SYSTEM FLUSH LOGS")
	var texts = map[string]string{}
	for _, name := range []string{"cmdline", "environ"} {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", ch.PID(), name))
		if err != nil {
			t.Skip(err)
		}
		texts[name] = string(text)
	}
	files := clickhouseFilesIn(filepath.Join(cfg.DataDir, "clickhouse"))
	err := filepath.WalkDir(files.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || path == files.secrets {
			return err
		}
		text, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) { // merged away
			return nil
		}
		texts[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for where, text := range texts {
		for _, user := range []User{Admin, Writer, Reader} {
			if strings.Contains(text, password(t, ch.DSN(user))) {
				t.Errorf("%s holds the password of %s", where, user)
			}
		}
	}
	for _, path := range []string{files.secrets, files.users, files.config, files.log} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %o", path, info.Mode().Perm())
		}
	}
}
