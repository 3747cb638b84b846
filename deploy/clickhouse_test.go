package deploy_test

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/leastwise/leastwise/internal/engine"
)

// TestMain also is the child process that ClickHouse runs in.
func TestMain(m *testing.M) {
	if engine.ChildMain() {
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// The error codes that ClickHouse refuses with.
const (
	codeReadonly       = 164
	codeAuthentication = 516
	codeAccessDenied   = 497
	codeConstraint     = 452
)

// startClickHouse runs an engine that has the users of users.d/leastwise.xml
// too, named deployed_… because the engine has a leastwise_… of each itself.
// Their passwords are their names.
func startClickHouse(t *testing.T) *engine.ClickHouse {
	t.Helper()
	users, err := os.ReadFile(filepath.Join("clickhouse", "users.d", "leastwise.xml"))
	if err != nil {
		t.Fatal(err)
	}
	// The engine does not inherit the environment.
	text := string(users)
	for _, user := range []string{"admin", "writer", "reader"} {
		from := fmt.Sprintf(`<password from_env="LEASTWISE_CLICKHOUSE_%s_PASSWORD" hide_in_preprocessed="true"/>`, strings.ToUpper(user))
		if !strings.Contains(text, from) {
			t.Fatalf("%s's password is not taken from the environment", user)
		}
		text = strings.Replace(text, from, "<password>deployed_"+user+"</password>", 1)
		text = strings.ReplaceAll(text, "leastwise_"+user, "deployed_"+user)
	}
	cfg := engine.DefaultClickHouseConfig(t.TempDir())
	cfg.Sync, cfg.QueryLogDays = false, 0
	dir := filepath.Join(cfg.DataDir, "clickhouse", "users.d")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "leastwise.xml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ch, err := engine.StartClickHouse(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := ch.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return ch
}

func connect(t *testing.T, ch *engine.ClickHouse, user, password string) driver.Conn {
	t.Helper()
	u, err := url.Parse(ch.DSN(engine.Reader))
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(user, password)
	opts, err := clickhouse.ParseDSN(u.String())
	if err != nil {
		t.Fatal(err)
	}
	conn, err := clickhouse.Open(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func TestClickHouseUsersMayDoTheirWorkOnly(t *testing.T) {
	t.Parallel()
	ch := startClickHouse(t)
	conns := make(map[string]driver.Conn)
	for _, user := range []string{"deployed_admin", "deployed_writer", "deployed_reader"} {
		conns[user] = connect(t, ch, user, user)
	}
	for _, step := range []struct {
		user, sql string
		// want is the error's code, 0 for success.
		want int32
	}{
		{"deployed_admin", "CREATE TABLE t (x UInt64) ENGINE = ReplacingMergeTree ORDER BY x", 0},
		{"deployed_admin", "CREATE VIEW v AS SELECT x FROM t", 0},
		{"deployed_admin", "CREATE DATABASE IF NOT EXISTS leastwise", 0},
		{"deployed_admin", "CREATE DATABASE other", codeAccessDenied},
		{"deployed_admin", "CREATE USER stranger", codeAccessDenied},
		{"deployed_writer", "INSERT INTO t VALUES (1), (2)", 0},
		{"deployed_writer", "SELECT throwIf(count() != 2) FROM v", 0},
		{"deployed_writer", "CREATE TABLE u (x UInt64) ENGINE = Memory", codeAccessDenied},
		{"deployed_writer", "TRUNCATE TABLE t", codeAccessDenied},
		{"deployed_writer", "ALTER TABLE t DELETE WHERE 1", codeAccessDenied},
		{"deployed_reader", "SELECT throwIf(count() != 2) FROM v", 0},
		{"deployed_reader", "SELECT count() FROM system.columns WHERE database = 'leastwise'", 0},
		{"deployed_reader", "SELECT * FROM t SETTINGS max_execution_time = 10, max_threads = 1", 0},
		{"deployed_reader", "SELECT * FROM t SETTINGS max_execution_time = 600", codeConstraint},
		{"deployed_reader", "SELECT * FROM t SETTINGS max_execution_time = 0", codeConstraint},
		{"deployed_reader", "SELECT * FROM t SETTINGS max_memory_usage = 0", codeConstraint},
		{"deployed_reader", "SELECT * FROM t SETTINGS max_result_rows = 0", codeConstraint},
		{"deployed_reader", "SELECT * FROM t SETTINGS readonly = 0", codeReadonly},
		{"deployed_reader", "INSERT INTO t VALUES (3)", codeAccessDenied},
		{"deployed_reader", "DROP TABLE t", codeAccessDenied},
		{"deployed_reader", "SELECT * FROM system.processes", codeAccessDenied},
		{"deployed_reader", "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')", codeAccessDenied},
	} {
		err := conns[step.user].Exec(t.Context(), step.sql)
		if got := errorCode(err); got != step.want {
			t.Errorf("%s: %s: error %d, want %d (%v)", step.user, step.sql, got, step.want, err)
		}
	}
	if err := connect(t, ch, "deployed_reader", "wrong").Ping(t.Context()); errorCode(err) != codeAuthentication {
		t.Errorf("connect with a wrong password: %v", err)
	}
}

func errorCode(err error) int32 {
	var exception *clickhouse.Exception
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exception):
		return exception.Code
	}
	return -1
}

func TestClickHouseFilesAreXML(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("clickhouse", "*.d", "*.xml"))
	if err != nil || len(files) != 3 {
		t.Fatalf("files: %v, %v", files, err)
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		decoder := xml.NewDecoder(strings.NewReader(string(raw)))
		for {
			if _, err := decoder.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		mounted := "./deploy/" + filepath.ToSlash(name) + ":/etc/clickhouse-server/" + filepath.ToSlash(strings.TrimPrefix(name, "clickhouse"+string(filepath.Separator))) + ":ro"
		if !strings.Contains(string(readFile(t, "docker-compose.yml")), mounted) {
			t.Errorf("docker-compose.yml does not mount %s", mounted)
		}
	}
}

// Without this, whoever reaches the port is the user default.
func TestClickHouseHasNoDefaultUser(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(filepath.Join("clickhouse", "users.d", "no-default.xml"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Default struct {
			Remove string `xml:"remove,attr"`
		} `xml:"users>default"`
	}
	if err := xml.Unmarshal(raw, &file); err != nil || file.Default.Remove != "remove" {
		t.Errorf("no-default.xml: %+v, %v", file, err)
	}
}
