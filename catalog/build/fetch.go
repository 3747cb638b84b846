package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// fetch downloads a version of the package into dir and returns the directory
// that it was unpacked to.
func fetch(ctx context.Context, dir, version string) (string, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return "", err
	}
	spec := packageName + "@" + version
	npm := exec.CommandContext(ctx, "npm", "pack", "--silent", "--pack-destination", dir, spec) //nolint:gosec // the spec is one of two constants
	npm.Stderr = os.Stderr
	out, err := npm.Output()
	if err != nil {
		return "", fmt.Errorf("npm pack %s: %w", spec, err)
	}
	tarball := filepath.Join(dir, filepath.Base(string(bytes.TrimSpace(out))))
	if err := unpack(tarball, dir); err != nil {
		return "", fmt.Errorf("unpack %s: %w", spec, err)
	}
	return filepath.Join(dir, "package"), nil
}

// unpack writes the JSON files of an npm tarball, which are all that is needed.
func unpack(tarball, dir string) error {
	f, err := os.Open(tarball)
	if err != nil {
		return err
	}
	defer f.Close()
	zipped, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for files := tar.NewReader(zipped); ; {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if header.Typeflag != tar.TypeReg || !strings.HasSuffix(header.Name, ".json") {
			continue
		}
		if err := unpackFile(root, header.Name, files); err != nil {
			return err
		}
	}
}

func unpackFile(root *os.Root, name string, from io.Reader) error {
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	to, err := root.Create(name)
	if err != nil {
		return err
	}
	if _, err := io.Copy(to, from); err != nil {
		return errors.Join(err, to.Close())
	}
	return to.Close()
}
