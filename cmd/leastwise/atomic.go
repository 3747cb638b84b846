package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// writeAtomically writes a file that is there whole or not at all: what is in
// its place stays until all of it is on the disk.
func writeAtomically(path string, data []byte) (err error) {
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("write output: %w", errors.Join(err, os.Remove(temp.Name())))
		}
	}()
	_, err = temp.Write(data)
	err = errors.Join(err, temp.Chmod(0o644), temp.Sync(), temp.Close())
	if err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}
