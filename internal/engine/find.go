package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
)

// oldestServer is the first release whose grants take a database by its prefix.
const oldestServer = 25

// foundEngine is a ClickHouse that can be started.
type foundEngine struct {
	library bool // libchdb, else a clickhouse executable
	path    string
}

// kind is the word that the child gets for the engine.
func (e foundEngine) kind() string {
	if e.library {
		return childLibrary
	}
	return childServer
}

// findEngine looks for a ClickHouse and fetches one where there is none.
func findEngine(ctx context.Context, cfg ClickHouseConfig) (foundEngine, error) {
	if cfg.Engine != "" {
		if _, err := os.Stat(cfg.Engine); err != nil {
			return foundEngine{}, fmt.Errorf("find clickhouse: %w", err)
		}
		return foundEngine{library: isLibrary(cfg.Engine), path: cfg.Engine}, nil
	}
	if path, ok := serverOnPath(ctx); ok {
		return foundEngine{path: path}, nil
	}
	dir, err := cacheDir(cfg.CacheDir)
	if err != nil {
		return foundEngine{}, err
	}
	lib, err := libraryFor(runtime.GOOS, runtime.GOARCH)
	if err != nil {
		return foundEngine{}, err
	}
	path, err := lib.fetch(ctx, dir, cfg.Progress)
	if err != nil {
		return foundEngine{}, err
	}
	return foundEngine{library: true, path: path}, nil
}

func isLibrary(path string) bool {
	ext := filepath.Ext(path)
	return ext == ".so" || ext == ".dylib"
}

// serverOnPath finds a clickhouse executable that is recent enough.
func serverOnPath(ctx context.Context) (path string, ok bool) {
	path, err := exec.LookPath("clickhouse")
	if err != nil {
		return "", false
	}
	out, err := exec.CommandContext(ctx, path, "--version").Output()
	if err != nil {
		return "", false
	}
	return path, majorVersion(string(out)) >= oldestServer
}

// majorVersion is 25 for "ClickHouse local version 25.8.1.5101 (official
// build)", and 0 for a text without a version.
func majorVersion(text string) int {
	m := regexp.MustCompile(`version (\d+)\.\d+`).FindStringSubmatch(text)
	if m == nil {
		return 0
	}
	major, err := strconv.Atoi(m[1])
	if err != nil {
		return 0
	}
	return major
}

// cacheDir is configured, or $LEASTWISE_CACHE_DIR, or in the user's own.
func cacheDir(configured string) (string, error) {
	if configured != "" {
		return configured, nil
	}
	if dir := os.Getenv("LEASTWISE_CACHE_DIR"); dir != "" {
		return dir, nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find cache directory: %w: set LEASTWISE_CACHE_DIR", err)
	}
	return filepath.Join(dir, "leastwise"), nil
}

// library is a package of the npm registry that holds libchdb.so, which is
// ClickHouse as a library.
type library struct {
	pkg, version string
	// size of the packed package in bytes, 0 where it is not known.
	size int64
	// sha512 of the packed package, in base64 as npm writes it; "" leaves the
	// check to npm, which compares with what the registry says.
	sha512 string
}

// libraryFor names the package for a platform, as GOOS and GOARCH name it. The
// names are the optionalDependencies of npm's package chdb, version 3.4.0.
func libraryFor(goos, goarch string) (library, error) {
	const version = "26.7.3-stable.1"
	switch goos + "/" + goarch {
	case "linux/amd64":
		return library{
			pkg: "@chdb/lib-linux-x64-gnu", version: version, size: 177_817_999,
			sha512: "XP97mMqnc5tZpKQywR8N7cLTsHNiTmHr30pC5mzo3jWmukjKn2IBa60c2B/gWUNcuFjOMjWoorQICCqBVj5wpw==",
		}, nil
	case "linux/arm64":
		return library{pkg: "@chdb/lib-linux-arm64-gnu", version: version}, nil
	case "darwin/amd64":
		return library{pkg: "@chdb/lib-darwin-x64", version: version}, nil
	case "darwin/arm64":
		return library{pkg: "@chdb/lib-darwin-arm64", version: version}, nil
	}
	return library{}, unavailable(fmt.Errorf("there is no libchdb for %s/%s", goos, goarch))
}

// path is where the library is kept under a cache directory.
func (l library) path(cacheDir string) string {
	return filepath.Join(cacheDir, "chdb", l.version, strings.TrimPrefix(l.pkg, "@chdb/"), "libchdb.so")
}

// unavailable adds to a cause what there is to do.
func unavailable(cause error) error {
	return fmt.Errorf("find clickhouse: %w: %w; "+
		"install clickhouse on PATH, or name a server with --clickhouse-dsn", ErrNoEngine, cause)
}

// errNoNPM is the cause where the fetching program itself is missing.
var errNoNPM = errors.New("npm, which would fetch libchdb, is not on PATH")
