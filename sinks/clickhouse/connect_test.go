package clickhouse

import (
	"errors"
	"net"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/leastwise/leastwise/internal/engine"
	"github.com/leastwise/leastwise/internal/engine/enginetest"
)

func TestOpenSaysWhatToDo(t *testing.T) {
	t.Parallel()
	db := enginetest.ClickHouse(t)
	edit := func(change func(*url.URL)) string {
		u, err := url.Parse(db.DSN(engine.Writer))
		if err != nil {
			t.Fatal(err)
		}
		change(u)
		return u.String()
	}
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	web := httptest.NewServer(nil)
	defer web.Close()
	for name, test := range map[string]struct {
		dsn  string
		want []string
	}{
		"nobody listens": {
			edit(func(u *url.URL) { u.Host = closed.Addr().String() }),
			[]string{"reach ClickHouse at " + closed.Addr().String() + "/" + db.Name, "connection refused", "check --clickhouse-dsn"},
		},
		"a web server listens": {
			edit(func(u *url.URL) { u.Host = strings.TrimPrefix(web.URL, "http://") }),
			[]string{"reach ClickHouse", "the native port (9000"},
		},
		"wrong password": {
			edit(func(u *url.URL) { u.User = url.UserPassword(u.User.Username(), "s3cr3t") }),
			[]string{"Authentication failed", "check user and password of --clickhouse-dsn"},
		},
		"no such database": {
			edit(func(u *url.URL) { u.Path += "_missing" }),
			[]string{"run `leastwise migrate` with this --clickhouse-dsn first"},
		},
		"HTTP":           {"http://user:s3cr3t@127.0.0.1:8123/leastwise", []string{"leastwise speaks the native protocol"}},
		"no DSN":         {"", []string{"read --clickhouse-dsn", "it looks like clickhouse://user:password@host:9000/leastwise"}},
		"malformed DSN":  {"clickhouse://user:s3cr3t@ho st:x/", []string{"read --clickhouse-dsn"}},
		"malformed port": {"clickhouse://user:s3cr3t/@host:9000/", []string{"read --clickhouse-dsn"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Open(t.Context(), test.dsn)
			if err == nil {
				t.Fatal("no error")
			}
			for _, w := range test.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("error %q does not say %q", err, w)
				}
			}
			if strings.Contains(err.Error(), "s3cr3t") || strings.Contains(err.Error(), password(t, db.DSN(engine.Writer))) {
				t.Errorf("error %q holds a password", err)
			}
		})
	}
}

func TestOpenMigratedReturnsOtherErrorsAtOnce(t *testing.T) {
	t.Parallel()
	_, err := OpenMigrated(t.Context(), "clickhouse://127.0.0.1:1/leastwise", 1<<62, func(error) { t.Error("waited") })
	if err == nil || errors.Is(err, ErrNotMigrated) {
		t.Error(err)
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "dsn")
	if err := os.WriteFile(file, []byte("clickhouse://me:pw@warehouse:9440/iam?secure=true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		args []string
		want string
		err  string
	}{
		"default":        {nil, "clickhouse://127.0.0.1:9000/leastwise", ""},
		"flag":           {[]string{"--clickhouse-dsn=clickhouse://a:1/b"}, "clickhouse://a:1/b", ""},
		"file wins":      {[]string{"--clickhouse-dsn=clickhouse://a:1/b", "--clickhouse-dsn-file=" + file}, "clickhouse://me:pw@warehouse:9440/iam?secure=true", ""},
		"file is absent": {[]string{"--clickhouse-dsn-file=" + file + "x"}, "", "read --clickhouse-dsn-file: "},
		"not a DSN":      {[]string{"--clickhouse-dsn=mysql://a"}, "", "read --clickhouse-dsn: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := DefaultConnConfig()
			fs := pflag.NewFlagSet("", pflag.ContinueOnError)
			c.AddFlags(fs)
			if err := fs.Parse(test.args); err != nil {
				t.Fatal(err)
			}
			got, err := c.Resolve()
			if test.err == "" && (err != nil || got != test.want) || test.err != "" && (err == nil || !strings.HasPrefix(err.Error(), test.err)) {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

func TestADSNWithoutADatabaseMeansLeastwise(t *testing.T) {
	t.Parallel()
	opts, err := parse("clickhouse://u:p@h1:9000,h2:9000")
	if err != nil {
		t.Fatal(err)
	}
	if got := address(opts); got != "h1:9000,h2:9000/leastwise" {
		t.Error(got)
	}
}
