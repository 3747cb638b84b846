package engine

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLibraryForEveryPlatform(t *testing.T) {
	t.Parallel()
	for platform, want := range map[string]string{
		"linux/amd64":  "@chdb/lib-linux-x64-gnu",
		"linux/arm64":  "@chdb/lib-linux-arm64-gnu",
		"darwin/amd64": "@chdb/lib-darwin-x64",
		"darwin/arm64": "@chdb/lib-darwin-arm64",
	} {
		goos, goarch, _ := strings.Cut(platform, "/")
		lib, err := libraryFor(goos, goarch)
		if err != nil || lib.pkg != want {
			t.Errorf("%s: %q, %v, want %q", platform, lib.pkg, err, want)
		}
	}
	_, err := libraryFor("plan9", "386")
	if !errors.Is(err, ErrNoEngine) {
		t.Fatalf("error is %v, want %v", err, ErrNoEngine)
	}
	for _, want := range []string{"plan9/386", "install clickhouse", "--clickhouse-dsn"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q does not say %q", err, want)
		}
	}
}

func TestLibrariesOfDifferentVersionsDoNotShareAPath(t *testing.T) {
	t.Parallel()
	one := library{pkg: "@chdb/lib-a", version: "1"}
	for _, other := range []library{{pkg: "@chdb/lib-a", version: "2"}, {pkg: "@chdb/lib-b", version: "1"}} {
		if one.path("c") == other.path("c") {
			t.Errorf("%v and %v are both %s", one, other, one.path("c"))
		}
	}
}

func TestMajorVersion(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"ClickHouse local version 25.8.1.5101 (official build).": 25,
		"ClickHouse server version 18.16.1.":                     18,
		"ClickHouse client version 26.7.2.1":                     26,
		"bash: clickhouse: no such thing":                        0,
		"version 99999999999999999999.1":                         0,
		"":                                                       0,
	} {
		if got := majorVersion(text); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}

func FuzzMajorVersion(f *testing.F) {
	f.Add("ClickHouse local version 25.8.1.5101 (official build).")
	f.Fuzz(func(t *testing.T, text string) {
		if got := majorVersion(text); got < 0 {
			t.Errorf("%q: %d", text, got)
		}
	})
}

func TestNoNPMSaysWhatToDo(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	cfg := testConfig(t.TempDir())
	cfg.CacheDir = t.TempDir()
	_, err := StartClickHouse(t.Context(), cfg)
	if !errors.Is(err, ErrNoEngine) {
		t.Fatalf("error is %v, want %v", err, ErrNoEngine)
	}
	for _, want := range []string{"npm", "PATH", "install clickhouse", "--clickhouse-dsn"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q does not say %q", err, want)
		}
	}
}

func TestServerOnPathMustBeRecent(t *testing.T) {
	for version, want := range map[string]bool{"18.16.1": false, "24.12.1": false, "25.3.1": true, "26.7.2.1": true} {
		t.Run(version, func(t *testing.T) {
			fakeServer(t, version, "exit 1")
			path, ok := serverOnPath(t.Context())
			if ok != want {
				t.Errorf("%s is taken: %t, want %t", path, ok, want)
			}
		})
	}
}

func TestServerOnPathComesBeforeTheLibrary(t *testing.T) {
	fakeServer(t, "26.7.2.1", "exit 1")
	cfg := testConfig(t.TempDir())
	cfg.CacheDir = t.TempDir()
	found, err := findEngine(t.Context(), cfg)
	if err != nil || found.library || filepath.Base(found.path) != "clickhouse" {
		t.Errorf("found %+v, %v, want the server", found, err)
	}
}

func TestConfiguredEngineMustBeThere(t *testing.T) {
	t.Parallel()
	cfg := testConfig(t.TempDir())
	cfg.Engine = filepath.Join(t.TempDir(), "libchdb.so")
	if _, err := findEngine(t.Context(), cfg); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error is %v, want %v", err, os.ErrNotExist)
	}
}

func TestCacheDir(t *testing.T) {
	t.Setenv("LEASTWISE_CACHE_DIR", "from-env")
	if dir, err := cacheDir("configured"); err != nil || dir != "configured" {
		t.Errorf("%q, %v, want the configured one", dir, err)
	}
	if dir, err := cacheDir(""); err != nil || dir != "from-env" {
		t.Errorf("%q, %v, want that of the environment", dir, err)
	}
	t.Setenv("LEASTWISE_CACHE_DIR", "")
	t.Setenv("XDG_CACHE_HOME", "/user-cache")
	t.Setenv("HOME", "/home")
	if dir, err := cacheDir(""); err != nil || filepath.Base(dir) != "leastwise" {
		t.Errorf("%q, %v, want the user's", dir, err)
	}
	t.Setenv("XDG_CACHE_HOME", "")
	t.Setenv("HOME", "")
	if dir, err := cacheDir(""); err == nil || !strings.Contains(err.Error(), "LEASTWISE_CACHE_DIR") {
		t.Errorf("%q, %v, want an error that says what to set", dir, err)
	}
}
