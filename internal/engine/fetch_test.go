package engine

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// registry is an npm registry on the loopback address with one package. The
// npm that reads it is the real one.
type registry struct {
	lib       library
	tarball   []byte
	integrity string // what it says of the tarball
	downloads atomic.Int32
}

// newRegistry serves a package with one file of that name, changed as the test
// wants, and points npm at it.
func newRegistry(t *testing.T, file string, change func(*registry)) *registry {
	t.Helper()
	if _, err := exec.LookPath("npm"); err != nil {
		t.Skip("there is no npm on PATH")
	}
	r := &registry{lib: library{pkg: "@chdb/lib-test", version: "1.2.3"}, tarball: pack(t, file, "a library")}
	sum := sha512.Sum512(r.tarball)
	r.integrity = base64.StdEncoding.EncodeToString(sum[:])
	change(r)
	srv := httptest.NewServer(r)
	t.Cleanup(srv.Close)
	t.Setenv("npm_config_registry", srv.URL)
	t.Setenv("npm_config_fetch_retries", "0")
	return r
}

func (r *registry) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	switch {
	case strings.HasSuffix(req.URL.Path, ".tgz"):
		r.downloads.Add(1)
		_, _ = w.Write(r.tarball)
	case strings.Contains(req.URL.Path, "lib-test"):
		_ = json.NewEncoder(w).Encode(map[string]any{
			"name":      r.lib.pkg,
			"dist-tags": map[string]string{"latest": r.lib.version},
			"versions": map[string]any{r.lib.version: map[string]any{
				"name": r.lib.pkg, "version": r.lib.version,
				"dist": map[string]string{
					"tarball": "http://" + req.Host + "/lib.tgz", "integrity": "sha512-" + r.integrity,
				},
			}},
		})
	default:
		http.NotFound(w, req)
	}
}

func pack(t *testing.T, file, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	zw := gzip.NewWriter(&b)
	tw := tar.NewWriter(zw)
	for name, text := range map[string]string{
		"package/package.json": `{"name":"@chdb/lib-test","version":"1.2.3","scripts":{"prepack":"exit 7"}}`,
		file:                   content,
	} {
		if err := tw.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(text)), Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := tw.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(tw.Close(), zw.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestFetchGetsTheLibraryOnceForAll(t *testing.T) {
	r := newRegistry(t, "package/libchdb.so", func(r *registry) { r.lib.sha512 = r.integrity })
	dir := t.TempDir()
	var stages sync.Map
	progress := func(stage string, done, total int64) {
		stages.Store(stage, true)
		if done < 0 || total > 0 && done > total {
			t.Errorf("%s: %d of %d bytes", stage, done, total)
		}
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			path, err := r.lib.fetch(t.Context(), dir, progress)
			if err != nil {
				t.Error(err)
				return
			}
			text, err := os.ReadFile(path)
			if err != nil || string(text) != "a library" {
				t.Errorf("the library is %q: %v", text, err)
			}
		})
	}
	wg.Wait()
	if n := r.downloads.Load(); n != 1 {
		t.Errorf("%d downloads, want 1", n)
	}
	for _, stage := range []string{"wait", "download", "extract"} {
		if _, ok := stages.Load(stage); !ok {
			t.Errorf("no progress of stage %q", stage)
		}
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(r.lib.path(dir)), "fetch-*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestFetchRefusesAPackageThatIsNotTheOne(t *testing.T) {
	for name, test := range map[string]struct {
		file   string
		change func(*registry)
		want   string
	}{
		"its digest is not the registry's": {
			"package/libchdb.so", func(r *registry) { r.tarball = append(r.tarball, 0) }, "npm pack",
		},
		"its digest is not the pinned one": {
			"package/libchdb.so", func(r *registry) { r.lib.sha512 = "other" }, "not the pinned other",
		},
		"it holds no library": {
			"package/libother.so", func(*registry) {}, "it has no package/libchdb.so",
		},
		"the registry does not have it": {
			"package/libchdb.so", func(r *registry) { r.lib.pkg = "@chdb/other" }, "npm pack",
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRegistry(t, test.file, test.change)
			dir := t.TempDir()
			_, err := r.lib.fetch(t.Context(), dir, nil)
			if !errors.Is(err, ErrNoEngine) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want %q in it", err, test.want)
			}
			if fileExists(r.lib.path(dir)) {
				t.Error("there is a library all the same")
			}
		})
	}
}

func TestFetchEndsWithItsContext(t *testing.T) {
	r := newRegistry(t, "package/libchdb.so", func(*registry) {})
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("changed my mind"))
	if _, err := r.lib.fetch(ctx, t.TempDir(), nil); err == nil || !strings.Contains(err.Error(), "changed my mind") {
		t.Errorf("error is %v, want the cause", err)
	}
}

func TestFetchRemovesWhatAKilledOneLeft(t *testing.T) {
	r := newRegistry(t, "package/libchdb.so", func(*registry) {})
	dir := t.TempDir()
	left := filepath.Join(filepath.Dir(r.lib.path(dir)), "fetch-1")
	if err := os.MkdirAll(left, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := r.lib.fetch(t.Context(), dir, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); err == nil {
		t.Errorf("%s is still there", left)
	}
}

func TestExtractRefusesABrokenPackage(t *testing.T) {
	t.Parallel()
	whole := pack(t, "package/libchdb.so", strings.Repeat("library ", 100_000))
	for name, text := range map[string][]byte{
		"empty":     nil,
		"not gzip":  []byte("hello"),
		"truncated": whole[:len(whole)-20],
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			tarball := filepath.Join(dir, "lib.tgz")
			if err := os.WriteFile(tarball, text, 0o600); err != nil {
				t.Fatal(err)
			}
			quiet := func(string, int64, int64) {}
			if err := extract(t.Context(), tarball, "package/libchdb.so", filepath.Join(dir, "lib"), quiet); err == nil {
				t.Error("no error")
			}
		})
	}
}
