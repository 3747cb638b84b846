package engine

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// verify compares the package with the digest that this program was built with.
func (l library) verify(tarball string) error {
	if l.sha512 == "" {
		return nil
	}
	f, err := os.Open(tarball)
	if err != nil {
		return err
	}
	defer f.Close()
	sum := sha512.New()
	if _, err := io.Copy(sum, f); err != nil {
		return fmt.Errorf("read %s: %w", tarball, err)
	}
	if got := base64.StdEncoding.EncodeToString(sum.Sum(nil)); got != l.sha512 {
		return fmt.Errorf("verify %s: its sha512 is %s, not the pinned %s", filepath.Base(tarball), got, l.sha512)
	}
	return nil
}

// extract writes one member of a gzipped tar file to a new file at path.
func extract(ctx context.Context, tarball, member, path string, progress Progress) error {
	f, err := os.Open(tarball)
	if err != nil {
		return err
	}
	defer f.Close()
	zr, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("read %s: %w", tarball, err)
	}
	for tr := tar.NewReader(zr); ; {
		header, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("read %s: it has no %s", filepath.Base(tarball), member)
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", tarball, err)
		}
		if header.Name != member || header.Typeflag != tar.TypeReg {
			continue
		}
		if err := writeMember(ctx, tr, header.Size, path, progress); err != nil {
			return err
		}
		// The member can be whole where its package is cut off behind it; only
		// the end of the stream has the checksum.
		if _, err := io.Copy(io.Discard, zr); err != nil { //nolint:gosec // it is thrown away, and its sha512 is the pinned one
			return fmt.Errorf("read %s: %w", tarball, err)
		}
		return nil
	}
}

func writeMember(ctx context.Context, r io.Reader, size int64, path string, progress Progress) error {
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // see fetch
	if err != nil {
		return err
	}
	defer out.Close()
	const step = 16 << 20
	for done := int64(0); done < size; {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		n, err := io.CopyN(out, r, min(step, size-done))
		if err != nil {
			return fmt.Errorf("extract %s: %w", filepath.Base(path), err)
		}
		done += n
		progress("extract", done, size)
	}
	return out.Sync()
}
