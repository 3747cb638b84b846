package engine

import (
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestSecretsAreMadeOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "passwords.json")
	first, err := loadSecrets(path, "a", "b")
	if err != nil {
		t.Fatal(err)
	}
	if len(first["a"]) < 22 || first["a"] == first["b"] { // 22 letters of base64 are 128 bits
		t.Errorf("passwords %q", first)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	second, err := loadSecrets(path, "a", "b")
	if err != nil || !maps.Equal(first, second) {
		t.Errorf("%v, %v, want %v", second, err, first)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v, %v", info.Mode(), err)
	}
	third, err := loadSecrets(path, "a", "b", "c")
	if err != nil || third["a"] != first["a"] || third["c"] == "" {
		t.Errorf("a new user: %v, %v", third, err)
	}
}

func TestBrokenSecretsAreNotReplaced(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "passwords.json")
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := loadSecrets(path, "a"); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error is %v, want one that names the file", err)
	}
}

func TestConfigurationIsXMLWhateverThePath(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), `a <b> & "c"`)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	files := clickhouseFilesIn(dir)
	secrets := map[string]string{string(Admin): "admin-secret", string(Writer): "writer-secret", string(Reader): "reader-secret"}
	if err := files.write(DefaultClickHouseConfig(dir), true, ports{1, 2}, secrets); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{files.config, files.users} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for d := xml.NewDecoder(strings.NewReader(string(text))); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
		}
		if strings.Contains(string(text), "-secret") {
			t.Errorf("%s holds a password", path)
		}
	}
}

func TestQuotaOfDefaultIsTheNumberOfItsStatements(t *testing.T) {
	t.Parallel()
	if n := strings.Count(startStatements, ";"); !strings.Contains(usersTemplate, "<queries>2</queries>") || n != 2 {
		t.Errorf("%d statements, and another quota", n)
	}
}

func TestPathsWithSpacesAndAmpersandsWork(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), `a & b`)
	ch := startClickHouse(t, testConfig(dir))
	if got := count(t, connectAs(t, ch, Reader), "SELECT count() FROM system.one"); got != 1 {
		t.Errorf("count is %d", got)
	}
}

func TestClickHouseConfigReportsEveryFault(t *testing.T) {
	t.Parallel()
	if err := DefaultClickHouseConfig("dir").Validate(); err != nil {
		t.Errorf("the default is refused: %v", err)
	}
	for name, test := range map[string]struct {
		change func(*ClickHouseConfig)
		want   string
	}{
		"no directory":    {func(c *ClickHouseConfig) { c.DataDir = "" }, "data directory"},
		"odd database":    {func(c *ClickHouseConfig) { c.Database = "a-b" }, `database "a-b"`},
		"quoted database": {func(c *ClickHouseConfig) { c.Database = "a`.* TO x" }, "database"},
		"own database":    {func(c *ClickHouseConfig) { c.Database = "default" }, "ClickHouse's own"},
		"tcp port":        {func(c *ClickHouseConfig) { c.TCPPort = 65536 }, "tcp port 65536"},
		"http port":       {func(c *ClickHouseConfig) { c.HTTPPort = -1 }, "http port -1"},
		"same port":       {func(c *ClickHouseConfig) { c.TCPPort, c.HTTPPort = 9000, 9000 }, "is the tcp port too"},
		"memory":          {func(c *ClickHouseConfig) { c.MaxMemory = 1 }, "max memory 1"},
		"reader's memory": {func(c *ClickHouseConfig) { c.ReaderMaxMemory = 0 }, "reader's max memory"},
		"reader's time":   {func(c *ClickHouseConfig) { c.ReaderMaxTime = time.Millisecond }, "reader's max time"},
		"log":             {func(c *ClickHouseConfig) { c.QueryLogDays = -1 }, "query log days"},
		"start timeout":   {func(c *ClickHouseConfig) { c.StartTimeout = 0 }, "start timeout"},
		"stop timeout":    {func(c *ClickHouseConfig) { c.StopTimeout = 0 }, "stop timeout"},
	} {
		cfg := DefaultClickHouseConfig("dir")
		test.change(&cfg)
		if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q in it", name, err, test.want)
		}
		if _, err := StartClickHouse(t.Context(), cfg); err == nil {
			t.Errorf("%s: started all the same", name)
		}
	}
	if err := (ClickHouseConfig{}).Validate(); strings.Count(err.Error(), "\n") < 5 {
		t.Errorf("not every fault: %v", err)
	}
}

func TestLastLines(t *testing.T) {
	t.Parallel()
	const log = "one\n\n0. ? @ 0x000000001c8fa4b3\r\n17. ?? @ 0x0f\ntwo\r\n  three\n\n"
	for n, want := range map[int]string{0: "", 1: "  three", 2: "two\n  three", 9: "one\ntwo\n  three"} {
		if got := lastLines(log, n); got != want {
			t.Errorf("last %d: %q, want %q", n, got, want)
		}
	}
}

func TestLargeLogMovesAway(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, logLimit+1); err != nil {
		t.Fatal(err)
	}
	f, size, err := openLog(path)
	if err != nil || size != 0 {
		t.Fatalf("the log begins at %d, %v", size, err)
	}
	defer f.Close()
	if info, err := os.Stat(path + ".1"); err != nil || info.Size() != logLimit+1 {
		t.Errorf("the old log: %v", err)
	}
}
