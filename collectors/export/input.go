package export

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/leastwise/leastwise/internal/pause"
)

// input is a file that can be read from its start again and again.
type input struct {
	// name is how errors call the file.
	name string
	path string
	temp bool
}

// openInput makes path readable several times: a pipe, and standard input, is
// copied into a temporary file.
func openInput(ctx context.Context, path string, stdin io.Reader) (*input, error) {
	if path == "-" {
		return spool("standard input", stdin)
	}
	info, err := find(path)
	if err != nil {
		return nil, err
	}
	if info.Mode().IsRegular() {
		return &input{name: path, path: path}, nil
	}
	var pipe *os.File
	if err := pause.While(ctx, func() (err error) { pipe, err = os.Open(path); return err }); err != nil {
		return nil, fmt.Errorf("open export: %w", err)
	}
	defer pipe.Close()
	defer context.AfterFunc(ctx, func() { _ = pipe.Close() })() // so that no read waits
	in, err := spool(path, pipe)
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("read export %s: %w", path, ctx.Err())
	}
	return in, err
}

// Find returns an error where there is no file at path, "-" for standard input, so
// that a mistyped name is told before anything is imported.
func Find(path string) error {
	if path == "-" {
		return nil
	}
	_, err := find(path)
	return err
}

func find(path string) (os.FileInfo, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("open export: %w", err)
	}
	if info.IsDir() {
		return nil, fmt.Errorf("open export %s: is a directory; name its files", path)
	}
	return info, nil
}

func spool(name string, from io.Reader) (_ *input, err error) {
	f, err := os.CreateTemp("", "leastwise-import-*")
	if err != nil {
		return nil, fmt.Errorf("spool %s: %w", name, err)
	}
	in := &input{name: name, path: f.Name(), temp: true}
	_, err = io.Copy(f, from)
	if err = errors.Join(err, f.Close()); err != nil {
		in.close()
		return nil, fmt.Errorf("spool %s: %w", name, err)
	}
	return in, nil
}

// close removes what spool has made.
func (in *input) close() {
	if in.temp {
		_ = os.Remove(in.path) // a temporary file that stays harms nobody
	}
}

// text is the file's text from its start, unpacked.
type text struct {
	*bufio.Reader
	file *os.File
}

func (t text) Close() error { return t.file.Close() }

// open returns the text from its start.
func (in *input) open() (text, error) {
	f, err := os.Open(in.path)
	if err != nil {
		return text{}, fmt.Errorf("open export: %w", err)
	}
	r := bufio.NewReaderSize(f, 256<<10)
	if magic, _ := r.Peek(2); string(magic) == "\x1f\x8b" {
		z, err := gzip.NewReader(r)
		if err != nil {
			return text{}, errors.Join(fmt.Errorf("unpack %s: %w", in.name, err), f.Close())
		}
		r = bufio.NewReaderSize(z, 256<<10)
	}
	if err := skipMark(r); err != nil {
		return text{}, errors.Join(fmt.Errorf("read %s: %w", in.name, err), f.Close())
	}
	return text{r, f}, nil
}

// skipMark skips a UTF-8 byte order mark. Redirecting in PowerShell 5 writes
// UTF-16, which JSON may not be in (RFC 8259, section 8.1).
func skipMark(r *bufio.Reader) error {
	start, _ := r.Peek(3)
	switch {
	case len(start) == 3 && string(start) == "\uFEFF":
		_, err := r.Discard(3)
		return err
	case len(start) >= 2 && (string(start[:2]) == "\xff\xfe" || string(start[:2]) == "\xfe\xff"):
		return errors.New("is UTF-16; save it as UTF-8")
	}
	return nil
}
