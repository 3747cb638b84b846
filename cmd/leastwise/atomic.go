package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/leastwise/leastwise/internal/pause"
)

// writeAtomically writes a file that is there whole or not at all: what is in
// its place stays until all of it is on the disk.
func writeAtomically(ctx context.Context, path string, data []byte) error {
	return replaceFile(ctx, path, 0o644, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// replaceFile is writeAtomically for what write writes, with the permissions of
// mode. A symbolic link stays one; a device or a pipe is written to.
func replaceFile(ctx context.Context, path string, mode os.FileMode, write func(io.Writer) error) (err error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		if err := pause.While(ctx, func() error { return writeInto(path, write) }); err != nil {
			return fmt.Errorf("write output: %w", err)
		}
		return nil
	}
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("write output: %w", errors.Join(err, os.Remove(temp.Name())))
		}
	}()
	err = write(temp)
	err = errors.Join(err, temp.Chmod(mode), temp.Sync(), temp.Close())
	if err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}

// writeInto writes to a device or a pipe.
func writeInto(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}
