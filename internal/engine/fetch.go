package engine

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// fetch returns the path of the library in the cache directory, after getting
// it with npm where it is not there yet. Of several processes one gets it.
func (l library) fetch(ctx context.Context, cacheDir string, progress Progress) (string, error) {
	if progress == nil {
		progress = func(string, int64, int64) {}
	}
	path := l.path(cacheDir)
	if fileExists(path) {
		return path, nil
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return "", unavailable(errNoNPM)
	}
	// Nothing here is secret, and an image may be built by another user.
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // see above
		return "", fmt.Errorf("create cache: %w", err)
	}
	lock, err := waitLock(ctx, path+".lock", func() { progress("wait", 0, 0) })
	if err != nil {
		return "", fmt.Errorf("lock cache: %w", err)
	}
	defer lock.file.Close()
	if fileExists(path) { // another process got it in the meantime
		return path, nil
	}
	if err := l.fetchTo(ctx, npm, path, progress); err != nil {
		if ctx.Err() != nil {
			return "", fmt.Errorf("fetch %s: %w", l.pkg, context.Cause(ctx))
		}
		return "", unavailable(fmt.Errorf("fetch %s: %w", l.pkg, err))
	}
	return path, nil
}

// fetchTo does so beside path, so that path holds a whole library or nothing.
func (l library) fetchTo(ctx context.Context, npm, path string, progress Progress) error {
	if err := removeLeftovers(filepath.Dir(path)); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(filepath.Dir(path), "fetch-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	tarball, err := l.pack(ctx, npm, tmp, progress)
	if err != nil {
		return err
	}
	if err := l.verify(tarball); err != nil {
		return err
	}
	extracted := filepath.Join(tmp, "libchdb.so")
	if err := extract(ctx, tarball, "package/libchdb.so", extracted, progress); err != nil {
		return err
	}
	return os.Rename(extracted, path)
}

// removeLeftovers deletes what a killed process was fetching; the caller holds
// the lock.
func removeLeftovers(dir string) error {
	old, err := filepath.Glob(filepath.Join(dir, "fetch-*"))
	if err != nil {
		return err
	}
	for _, path := range old {
		if err := os.RemoveAll(path); err != nil { //nolint:gosec // the caller's cache
			return err
		}
	}
	return nil
}

// pack runs `npm pack`, which checks the registry's digest and runs no script of
// the package. npm has no progress of its own to tell; its cache, which it gets
// to itself here, grows while it downloads.
func (l library) pack(ctx context.Context, npm, dir string, progress Progress) (tarball string, err error) {
	cache := filepath.Join(dir, "npm")
	cmd := exec.CommandContext(ctx, npm, "pack", l.pkg+"@"+l.version, "--json", "--ignore-scripts", //nolint:gosec // our own words
		"--loglevel=error", "--pack-destination", dir, "--cache", cache)
	cmd.Dir = dir // away from any package.json and .npmrc of a project
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		return "", fmt.Errorf("run npm: %w", err)
	}
	stop := make(chan struct{})
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		watchSize(cache, l.size, stop, progress)
	}()
	err = cmd.Wait()
	close(stop)
	<-watched
	if err != nil {
		return "", fmt.Errorf("run npm pack: %w: %s", err, lastLines(stderr.String(), 5))
	}
	var packed []struct {
		Filename string `json:"filename"`
	}
	if err := json.Unmarshal(stdout.Bytes(), &packed); err != nil || len(packed) != 1 {
		return "", fmt.Errorf("read what npm pack wrote: %w", cmp.Or(err, errors.New("not one package")))
	}
	// Some npm versions name the file with the package's scope and slash.
	name := strings.ReplaceAll(strings.TrimPrefix(packed[0].Filename, "@"), "/", "-")
	return filepath.Join(dir, name), nil
}

// watchSize reports how large a directory is until it is told to stop.
func watchSize(dir string, total int64, stop <-chan struct{}, progress Progress) {
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		progress("download", clip(directorySize(dir), total), total)
		select {
		case <-stop:
			progress("download", clip(directorySize(dir), total), total)
			return
		case <-tick.C:
		}
	}
}

// clip keeps done within a total that is known.
func clip(done, total int64) int64 {
	if total > 0 {
		return min(done, total)
	}
	return done
}

// directorySize adds up the files under dir. Files that go away meanwhile, as
// npm's do, count for nothing.
func directorySize(dir string) (size int64) {
	_ = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			if info, err := entry.Info(); err == nil {
				size += info.Size()
			}
		}
		return nil
	})
	return size
}

func fileExists(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
