package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/leastwise/leastwise/internal/pause"
)

// stdio is the name of standard input and standard output in flags.
const stdio = "-"

// maxInput bounds what is read into memory: no template or policy is near as large.
const maxInput = 16 << 20

// readInput reads a file, or standard input where its name is stdio. What says
// in errors what it holds.
func readInput(ctx context.Context, what, input string, stdin io.Reader) ([]byte, error) {
	var raw []byte
	err := pause.While(ctx, func() (err error) {
		in := stdin
		if input != stdio {
			f, err := os.Open(input)
			if err != nil {
				return err
			}
			defer f.Close()
			in = f
		}
		raw, err = io.ReadAll(io.LimitReader(in, maxInput+1))
		return err
	})
	if _, ok := errors.AsType[*fs.PathError](err); ok { // it names the file
		return nil, fmt.Errorf("read %s: %w", what, err)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s %s: %w", what, inputName(input), err)
	}
	if len(raw) > maxInput {
		return nil, fmt.Errorf("read %s %s: it is larger than %d MiB", what, inputName(input), maxInput>>20)
	}
	return raw, nil
}

// interruptible is an input that ends when its context does. A read of a terminal,
// or of a pipe that somebody holds open, ends with no signal that is caught.
type interruptible struct {
	ctx  context.Context
	in   io.Reader
	pipe *io.PipeReader // nil until something is read
}

func (r *interruptible) Read(p []byte) (int, error) {
	if r.pipe == nil {
		from, to := io.Pipe()
		r.pipe = from
		go func() {
			_, err := io.Copy(to, r.in)
			to.CloseWithError(err)
		}()
		context.AfterFunc(r.ctx, func() { to.CloseWithError(r.ctx.Err()) })
	}
	return r.pipe.Read(p)
}

// regularFile returns an error for what is no file with an end, such as a named
// pipe among the files of a directory, whose reader waits for a writer.
func regularFile(path string) error {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is no regular file")
	}
	return err
}

func inputName(input string) string {
	if input == stdio {
		return "from standard input"
	}
	return visible(input)
}
